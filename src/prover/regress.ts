// Search backwards from a broken statement: which actions can have come before, from a state in which the invariant holds? The
// state that a model starts from tells what has to be brought about: values that are otherwise where every run begins. Each step
// backwards has to bring one of them about, and the way on is from the state that has the fewest left. Each time
// the actions are tried from where runs begin.
// Where what an action reads comes from is left out on the way back; the runs that are found have it.

import type { Value } from '../model/evaluate.ts'
import type { InvariantConjunct, Profile } from '../model/invariant.ts'
import type { State } from '../model/successor.ts'
import { type Action, type Case, type Domain, type System, type Variable, variableOf } from '../model/system.ts'
import { and, type Bool, bv, type Bv, bvVar, equal, or, type Term } from '../model/term.ts'
import { CounterModel } from './countermodel.ts'
import { answerTo, type Asker, findRun, type Found, type Questions } from './explore.ts'
import { footprintOf } from './footprint.ts'
import { membership, type Watched } from './induction.ts'
import type { Member } from './instances.ts'
import { leavesOf } from './matters.ts'
import { Path, questionOf } from './path.ts'
import { Start } from './start.ts'

const LONGEST = 9
const TOGETHER = 4

/** A value that no run begins with. */
interface Missing {
  readonly variable: Variable
  readonly term: Term
  /** What runs begin with there. */
  readonly instead: Term
}
/** Actions that lead to the broken statement, and what they need. */
interface Suffix {
  readonly actions: readonly Action[]
  readonly missing: readonly Missing[]
}
export interface Break {
  readonly system: System
  readonly profile: Profile
  /** Hold in the states on the way. */
  readonly conjuncts: readonly InvariantConjunct[]
  readonly target: Watched
  readonly last: Action | undefined
  /** How the last action goes; undefined: any way. */
  readonly taken?: Case | undefined
}

/** @param base where every run begins. */
export async function regress(broken: Break, base: Path, asker: Asker, budget: Questions): Promise<Found> {
  const { system, target, last, taken } = broken
  const way = (n: number, length: number) => (taken === undefined || n < length - 1 ? {} : { taken })
  const middle = Path.from(new Start(system, broken.profile, broken.conjuncts))
  /** Steps are called by their distance from the end, so that terms of a suffix mean the same in a longer one. */
  const back = (actions: readonly Action[]) =>
    actions.reduce(
      (path, a, n) => path.followedBy(a, { label: LONGEST + 1 - actions.length + n, roughly: true, ...way(n, actions.length) }),
      middle,
    )

  const suffixOf = async (actions: readonly Action[], also: readonly Bool[]): Promise<Suffix | undefined> => {
    const path = back(actions)
    // What is said of all elements is brought about for one of them first.
    const everywhere = path.universals.slice(middle.universals.length)
    const some = new Map(everywhere.flatMap((u) => u.over.map(({ domain }) => [domain, someOf(domain)])))
    const members = [...some].map(([domain, id]): Member => ({ domain, id }))
    const exist = membership(members).map((h) => middle.state.apply(h.term))
    const instances = everywhere.map((u) => u.instance(u.over.map(({ domain }) => some.get(domain)!)))
    const demands = [...also, ...exist, ...instances].filter((t) => t.value !== true)
    const answer = await answerTo(questionOf(path, target, { also: demands, mention: members }), asker, budget)
    if (!(answer instanceof CounterModel)) return undefined
    const leaves = leavesOf(answer.evaluator, [...path.constraints, ...demands, path.state.apply(target.term)])
    const missing = leaves.flatMap(({ term, variable, index, value }): Missing[] => {
      const owner = variableOf(variable)
      const instead = owner?.change === 'state' ? otherwise(base.state, owner, index, value) : undefined
      return instead === undefined ? [] : [{ variable: owner!, term, instead }]
    })
    return { actions, missing }
  }
  /** The first of the actions, which comes now, brings about something that is missing. */
  const brings = (first: Action, length: number, missing: readonly Missing[]): Bool => {
    const then = middle.followedBy(first, { label: LONGEST + 1 - length, roughly: true }).state
    return or(
      ...missing.map(({ term, instead }) =>
        and(equal(middle.state.apply(term), instead), equal(then.apply(term), instead).not()),
      ),
    )
  }

  const open: Suffix[] = []
  const first = await suffixOf(last === undefined ? [] : [last], [])
  if (first !== undefined) open.push(first)
  while (open.length > 0 && budget.left > 0) {
    open.sort((a, b) => costOf(a) - costOf(b))
    const { actions, missing } = open.shift()!
    // A model may miss what another one has: every suffix is tried.
    const path = actions.reduce((before, a, n) => before.followedBy(a, way(n, actions.length)), base)
    const found = await findRun(path, target, asker, budget)
    if (found.kind === 'run' || found.kind === 'differs') return found
    if (actions.length >= LONGEST) continue
    const writers = system.actions.filter((a) => missing.some((m) => footprintOf(a).writes.has(m.variable)))
    for (let n = 0; n < writers.length && budget.left > 0; n += TOGETHER) {
      const longer = writers
        .slice(n, n + TOGETHER)
        .map((a) => suffixOf([a, ...actions], [brings(a, actions.length + 1, missing)]))
      for (const suffix of await Promise.all(longer)) if (suffix !== undefined) open.push(suffix)
    }
  }
  return { kind: 'none' }
}

const someOf = (domain: Domain): Bv => bvVar(`some ${domain.name}`, domain.width)

/** A missing value takes at least one action; long ways are worse than short ones with the same left to do. */
const costOf = ({ actions, missing }: Suffix): number => new Set(missing.map((m) => m.variable)).size + actions.length / 4

/** What the state has there, where that is fixed and another value. */
function otherwise(state: State, variable: Variable, index: bigint | undefined, value: Value): Term | undefined {
  const fixed = variable.kind === 'scalar' ? state.scalar(variable.now) : state.read(variable, bv(variable.domain.width, index!))
  if (!fixed.isConst) return undefined
  return (fixed.sort.kind === 'bool' ? fixed.attribute === 1n : fixed.attribute) === value ? undefined : fixed
}

// Is there a run of a scenario, from an initial state, that breaks its statement? Which steps the adversary takes, with which values
// and in which order, is what the solver finds; the fewest and simplest first. Steps that change nothing that a later step or the
// statement reads are left out.
// Leaves out: runs of other shapes. That none is found says nothing beyond the scenario.

import type { Profile } from '../model/invariant.ts'
import { type Action, type Actor, effectsOf, type Quantified, type System, type Variable } from '../model/system.ts'
import { sizeOf } from '../model/traverse.ts'
import { type Asker, findRun, type Found, isRefuted, mayHappen, Questions, Refuted } from './explore.ts'
import { footprintOf, meets, stateOf } from './footprint.ts'
import { type Watched, watch } from './induction.ts'
import { Path, questionOf } from './path.ts'
import { type Chosen, chosenTerms, type Scenario, type Slot } from './scenario.ts'
import { Start } from './start.ts'

const ADVERSARIES: ReadonlySet<Actor> = new Set(['hypervisor', 'guest', 'device'])
/** Questions at a time; the first answer in order counts. */
const TOGETHER = 4
const QUESTIONS = 3000
/** Steps of one slot, at most: what keeps labels of slots apart. */
const LONGEST = 64
/** Domains of so many elements are gone through. */
const MOST_ELEMENTS = 4n

export type Attacked =
  | Extract<Found, { kind: 'run' | 'differs' }>
  /** No run of the scenario breaks the statement. */
  | { readonly kind: 'none'; readonly shapes: number }
  | { readonly kind: 'unknown'; readonly reason: string }

export async function attack(
  system: System,
  profile: Profile,
  { slots, machine = [], breaks }: Scenario,
  asker: Asker,
): Promise<Attacked & { readonly target: Watched; readonly isGiven: (variable: Variable) => boolean }> {
  const target = watch(breaks, system)
  const search = new ScenarioSearch(system, profile, machine, asker)
  return { ...(await search.run(slots, target)), target, isGiven: (variable) => search.root.start.fixes(variable) }
}

interface Step {
  readonly action: Action
  readonly case?: string
  readonly chosen?: Chosen
  /** One of several that the slot leaves open. */
  readonly isOpen: boolean
  /** What its parameters are called by: the same wherever the step is taken in the same slot. */
  readonly label: number
}

type Choice = Omit<Step, 'label'>
interface Place {
  readonly slot: Slot
  readonly label: number
}

class ScenarioSearch {
  readonly root: Path
  private readonly adversaries: readonly Action[]
  private readonly system: System
  private readonly asker: Asker
  private readonly instances = new Map<Action, readonly Choice[]>()
  private readonly budget = new Questions(QUESTIONS)
  private readonly children = new Map<Path, Map<string, Path>>()
  private readonly possible = new Map<Path, Promise<boolean>>()
  private readonly impossible = new Map<Path, boolean>()

  constructor(system: System, profile: Profile, machine: readonly Quantified[], asker: Asker) {
    this.root = Path.from(new Start(system, profile, [...system.initial, ...machine]))
    this.system = system
    this.adversaries = system.actions.filter((a) => ADVERSARIES.has(a.actor))
    this.asker = { ...asker, refuted: new Refuted() }
  }

  async run(slots: readonly Slot[], target: Watched): Promise<Attacked> {
    const needed = stateOf([target.term])
    let shapes = 0
    let doubt: string | undefined
    for (const lengths of distributions(slots)) {
      for (let some = this.shapes(slots, lengths, needed); some.length > 0; ) {
        const now = some.splice(0, TOGETHER)
        shapes += now.length
        const found = new AbortController()
        const asker = { ...this.asker, how: { ...this.asker.how, signal: found.signal } }
        const answers = now.map((shape) => this.ask(shape, target, asker))
        for (const coming of answers) {
          const answer = await coming
          // What is still asked about the others is not waited for.
          if (answer.kind === 'run' || answer.kind === 'differs') {
            found.abort()
            return answer
          }
          if (answer.kind === 'unknown') doubt ??= answer.reason
        }
        if (this.budget.left <= 0) return { kind: 'unknown', reason: `no run found in ${QUESTIONS} questions` }
      }
    }
    return doubt === undefined ? { kind: 'none', shapes } : { kind: 'unknown', reason: doubt }
  }

  /** Sequences of actions that work towards what is needed, of the simplest actions first. */
  private shapes(slots: readonly Slot[], lengths: readonly number[], needed: ReadonlySet<Variable>): Step[][] {
    const backwards = slots
      .flatMap((slot, n): Place[] => {
        const length = slot.kind === 'happens' ? 1 : lengths[n]!
        return Array.from({ length }, (_, k) => ({ slot, label: n * LONGEST + length - k }))
      })
      .reverse()
    let open: { readonly steps: readonly Step[]; readonly wanted: ReadonlySet<Variable> }[] = [{ steps: [], wanted: needed }]
    for (const { slot, label } of backwards)
      open = open.flatMap(({ steps, wanted }) =>
        this.choices(slot, wanted).map((step) => ({
          steps: [{ ...step, label }, ...steps],
          wanted: new Set([...wanted, ...footprintOf(step.action).reads]),
        })),
      )
    const cost = (steps: readonly Step[]): number => steps.reduce((sum, s) => sum + intricacyOf(s.action), 0)
    const all = open.map(({ steps }) => ({ steps: [...steps], cost: cost(steps) }))
    return all.sort((a, b) => a.cost - b.cost).map((s) => s.steps)
  }

  private choices(slot: Slot, wanted: ReadonlySet<Variable>): Choice[] {
    if (slot.kind === 'adversary')
      return this.adversaries.filter((a) => meets(footprintOf(a).writes, wanted)).flatMap((a) => this.instancesOf(a))
    const action = this.system.actions.find((a) => a.name === slot.action)!
    const { case: way, chosen } = slot
    const common = { action, ...(way === undefined ? {} : { case: way }), ...(chosen === undefined ? {} : { chosen }) }
    return [{ ...common, isOpen: false }]
  }

  /** The action by each of few threads or cores: what it does is then mostly known before anybody is asked. */
  private instancesOf(action: Action): readonly Choice[] {
    const known = this.instances.get(action)
    if (known !== undefined) return known
    const made = action.parameters
      .reduce<Chosen[]>(
        (some, { name, domain }) => {
          const elements = domain?.count === undefined ? undefined : this.root.start.state.apply(domain.count()).value
          if (elements === undefined || (elements as bigint) > MOST_ELEMENTS) return some
          return some.flatMap((c) => Array.from({ length: Number(elements) }, (_, n) => ({ ...c, [name]: n })))
        },
        [{}],
      )
      .map((chosen) => ({ action, chosen, isOpen: true }))
    this.instances.set(action, made)
    return made
  }

  private async ask(shape: readonly Step[], target: Watched, asker: Asker): Promise<Found> {
    const paths: Path[] = []
    for (const step of shape) {
      const path = this.child(paths.at(-1) ?? this.root, step)
      // That goes without a solver, of the whole shape, too: its end may need what no step before it brings about.
      if (this.isOutOfTheQuestion(path)) return { kind: 'none' }
      paths.push(path)
    }
    const whole = paths.at(-1) ?? this.root
    if (isRefuted(questionOf(whole.rough, target), asker)) return { kind: 'none' }
    // Asked once for all that may follow; what only one shape goes on from is asked at its end.
    for (const [n, path] of paths.entries())
      if (shape[n + 1]?.isOpen === true && !(await this.isPossible(path))) return { kind: 'none' }
    return findRun(whole, target, asker, this.budget)
  }

  private isOutOfTheQuestion(path: Path): boolean {
    const known = this.impossible.get(path) ?? path.constraints.some((t) => t.value === false)
    this.impossible.set(path, known)
    return known
  }

  private child(path: Path, { action, case: way, chosen = {}, label }: Step): Path {
    const values = Object.entries(chosen).map(([name, value]) => `${name}=${value}`)
    const key = [label, action.name, way ?? '', ...values].join('/')
    const of = this.children.get(path) ?? new Map<string, Path>()
    this.children.set(path, of)
    const taken = action.cases.find((c) => c.name === way)
    const known =
      of.get(key) ??
      path.followedBy(action, { ...(taken === undefined ? {} : { taken }), chosen: chosenTerms(action, chosen), label })
    of.set(key, known)
    return known
  }

  private isPossible(path: Path): Promise<boolean> {
    const known = this.possible.get(path) ?? mayHappen(path, this.asker, this.budget)
    this.possible.set(path, known)
    return known
  }
}

const intricacies = new WeakMap<Action, number>()
/** Simple actions are quickly asked about, and make runs that are easy to follow. */
function intricacyOf(action: Action): number {
  const known =
    intricacies.get(action) ??
    sizeOf([action.guard, ...action.cases.map((c) => c.when), ...effectsOf(action).map((e) => e.value)])
  intricacies.set(action, known)
  return known
}

/** How many steps the adversary takes in each slot (0 in the others): few in all first, late ones first. */
function distributions(slots: readonly Slot[]): number[][] {
  const all = slots.reduce<number[][]>(
    (heads, slot) => {
      const most = slot.kind === 'adversary' ? slot.most : 0
      return heads.flatMap((head) => Array.from({ length: most + 1 }, (_, n) => [...head, n]))
    },
    [[]],
  )
  const sum = (lengths: readonly number[]): number => lengths.reduce((a, b) => a + b, 0)
  return all.sort((a, b) => sum(a) - sum(b))
}

// Induction over a transition system: initial states satisfy each conjunct, each action keeps each conjunct, the conjuncts imply
// the properties. Each obligation speaks of arbitrary watched elements; what is known of all elements enters as instances.
// A cell (action x conjunct) is built once, however many claims it supports, and carries only those assumptions of a profile
// that have a constant in common with it: claims under profiles that differ elsewhere ask the same question.

import type { Assumption, InvariantConjunct, Profile } from '../model/invariant.ts'
import { after, instance, present, type State } from '../model/successor.ts'
import type { Action, Quantified, System } from '../model/system.ts'
import { type Bool, type Bv, bvVar, type Term } from '../model/term.ts'
import { variables } from '../model/traverse.ts'
import type { SystemTheorem } from './claim.ts'
import { extensionOf } from './extension.ts'
import { instantiated, isMember, type Member, type Universal } from './instances.ts'
import type { Hypothesis, Obligation, SystemOrigin } from './obligation.ts'

export function obligationsOf(about: SystemTheorem): Obligation[] {
  const { system, profile, conjuncts, given = [], carried = [], extended = [], implies } = about
  const cells = cellsOf(system)
  const all = new Map([...given, ...conjuncts].map((c) => [c.name, c]))
  const kept = (c: InvariantConjunct, actions: readonly Action[]): Obligation[] => {
    const rests = [c, ...c.restsOn.map((name) => all.get(name)!)]
    return actions.map((a) => cells.step(a, c, rests))
  }
  return [
    ...conjuncts.map((c) => cells.initial(c)),
    ...conjuncts.flatMap((c) => kept(c, system.actions)),
    ...carried.flatMap(({ conjunct, actions }) => kept(conjunct, actions)),
    ...extended.map(({ action, part }) => cells.extension(action, part)),
    ...implies.map((property) => cells.property(property, [...given, ...conjuncts])),
  ].map((cell) => assuming(cell, profile))
}

/** The statement at identifiers of its own, named after their domains. */
export interface Watched {
  readonly members: readonly Member[]
  readonly term: Bool
}
export function watch(statement: Quantified, system: System): Watched {
  const taken = new Set(system.variables.map((v) => v.name))
  const members = statement.over.map(({ domain }): Member => {
    let name: string = domain.name
    for (let n = 2; taken.has(name); n++) name = `${domain.name}${n}`
    taken.add(name)
    return { domain, id: bvVar(name, domain.width) }
  })
  const ids = members.map((m) => m.id)
  return { members, term: instance(statement, ids) }
}

/** Elements that an action's parameters name. @param rename what the parameters are called where it happens. */
export const parametersOf = (action: Action, rename: (t: Term) => Term = (t) => t): Member[] =>
  action.parameters.flatMap(({ domain, term }) => (domain === undefined ? [] : [{ domain, id: rename(term) as Bv<string> }]))

/** A statement about all elements, read in a state. */
export const inState = (q: Quantified, state: State = present): Universal => ({
  name: q.name,
  over: q.over,
  instance: (ids) => state.apply(instance(q, ids)),
})

export function membership(members: readonly Member[]): Hypothesis[] {
  return members
    .map((m) => ({ name: `${m.id.attribute as string} is a ${m.domain.name}`, term: isMember(m) }))
    .filter(({ term }) => term.value !== true)
}

/** The cells of one system, each built once. */
class Cells {
  private readonly system: System
  private readonly watched = new Map<Quantified, Watched>()
  private readonly views = new Map<Action, State>()
  private readonly extensions = new Map<System, Map<Action, Obligation>>()
  private readonly made = new Map<Quantified, Map<string, Obligation>>()
  /** What is known of no element in particular. */
  private readonly constants: readonly Assumption[]

  constructor(system: System) {
    this.system = system
    this.constants = system.facts.filter((q) => q.over.length === 0).map(({ name, term }) => ({ name, term }))
  }

  initial(c: InvariantConjunct): Obligation {
    return this.once(c, 'initial', () => {
      const origin: SystemOrigin = { kind: 'initial', conjunct: c.name, ...(c.at === undefined ? {} : { at: c.at }) }
      const { members, term } = this.watch(c)
      return this.obligation(
        `initial x ${c.name}`,
        c.name,
        origin,
        [],
        members,
        this.system.initial.map((q) => inState(q)),
        term,
      )
    })
  }

  step(action: Action, c: InvariantConjunct, restsOn: readonly InvariantConjunct[]): Obligation {
    return this.once(c, `step ${action.name}\n${restsOn.map((r) => r.name).join('\n')}`, () => {
      const id = `${action.name} x ${c.name}`
      const origin: SystemOrigin = { kind: 'action', action: action.name, conjunct: c.name, at: action.at }
      const { members, term } = this.watch(c)
      const later = this.viewAfter(action).apply(term)
      if (Object.is(later, term)) {
        const hypotheses: Hypothesis[] = [{ name: c.name, term, role: 'instance' }]
        return { id, conjunct: c.name, parts: [{ name: c.name, term }], origin, hypotheses, goal: term }
      }
      const guard: Hypothesis = { name: `${action.name} is possible`, term: action.guard }
      const known = [...restsOn, ...action.everywhere.filter((q) => q.topic === undefined)].map((q) => inState(q))
      const made = this.obligation(id, c.name, origin, [guard], [...members, ...parametersOf(action)], known, later)
      const apart = action.everywhere.flatMap(({ name, term, topic }): Hypothesis[] =>
        topic === undefined ? [] : [{ name, term, topic }],
      )
      return apart.length === 0 ? made : { ...made, hypotheses: [...made.hypotheses, ...apart] }
    })
  }

  extension(action: Action, part: System): Obligation {
    const ofPart = this.extensions.get(part) ?? new Map<Action, Obligation>()
    this.extensions.set(part, ofPart)
    const known = ofPart.get(action) ?? extensionOf(action, part.variables)
    ofPart.set(action, known)
    return known
  }

  property(property: Quantified, conjuncts: readonly InvariantConjunct[]): Obligation {
    return this.once(property, `implies ${conjuncts.map((c) => c.name).join('\n')}`, () => {
      const origin: SystemOrigin = { kind: 'property', property: property.name }
      const { members, term } = this.watch(property)
      return this.obligation(
        `implies ${property.name}`,
        property.name,
        origin,
        [],
        members,
        conjuncts.map((q) => inState(q)),
        term,
      )
    })
  }

  private obligation(
    id: string,
    conjunct: string,
    origin: SystemOrigin,
    given: readonly Hypothesis[],
    members: readonly Member[],
    universals: readonly Universal[],
    goal: Bool,
  ): Obligation {
    const own = [...membership(members), ...given].filter(({ term }) => term.value !== true)
    const facts = this.system.facts.filter((q) => q.over.length > 0).map((q) => inState(q))
    const { instances } = instantiated([...universals, ...facts], members, [goal, ...own.map((h) => h.term)])
    const constants = relevantTo([goal, ...own.map((h) => h.term), ...instances.map((h) => h.term)], this.constants)
    const hypotheses = [...own, ...[...instances, ...constants].map((h): Hypothesis => ({ ...h, role: 'instance' }))]
    return { id, conjunct, parts: [{ name: conjunct, term: goal }], origin, hypotheses, goal }
  }

  private watch(statement: Quantified): Watched {
    const known = this.watched.get(statement) ?? watch(statement, this.system)
    this.watched.set(statement, known)
    return known
  }
  private viewAfter(action: Action): State {
    const known = this.views.get(action) ?? after(present, action)
    this.views.set(action, known)
    return known
  }
  private once(statement: Quantified, key: string, make: () => Obligation): Obligation {
    const of = this.made.get(statement) ?? new Map<string, Obligation>()
    this.made.set(statement, of)
    const known = of.get(key) ?? make()
    of.set(key, known)
    return known
  }
}

const systems = new WeakMap<System, Cells>()
function cellsOf(system: System): Cells {
  const known = systems.get(system) ?? new Cells(system)
  systems.set(system, known)
  return known
}

// ---- assumptions ----

const profiled = new WeakMap<Obligation, Map<string, Obligation>>()
/** The obligation under those assumptions that have to do with it; the same object for the same ones. */
export function assuming(cell: Obligation, profile: Profile): Obligation {
  const relevant = relevantTo([cell.goal, ...cell.hypotheses.map((h) => h.term)], profile)
  if (relevant.length === 0) return cell
  const known = profiled.get(cell) ?? new Map<string, Obligation>()
  profiled.set(cell, known)
  const key = relevant.map((a) => `${a.name} ${a.term.id}`).join('\n')
  let made = known.get(key)
  if (made === undefined) {
    const hypotheses = relevant.map(({ name, term }): Hypothesis => ({ name, term, role: 'assumption' }))
    made = { ...cell, hypotheses: [...hypotheses, ...cell.hypotheses] }
    known.set(key, made)
  }
  return made
}

/** Assumptions that share a variable with the terms, or with an assumption that does. */
export function relevantTo(terms: readonly Term[], profile: Profile): Assumption[] {
  const reached = new Set(terms.flatMap((t) => [...variablesOf(t)]))
  const relevant = new Set<Assumption>()
  for (let news = true; news; ) {
    news = false
    for (const a of profile)
      if (!relevant.has(a) && [...variablesOf(a.term)].some((v) => reached.has(v))) {
        relevant.add(a)
        for (const v of variablesOf(a.term)) reached.add(v)
        news = true
      }
  }
  return profile.filter((a) => relevant.has(a))
}

const occurring = new WeakMap<Term, ReadonlySet<Term>>()
export function variablesOf(term: Term): ReadonlySet<Term> {
  const known = occurring.get(term) ?? new Set(variables([term]))
  occurring.set(term, known)
  return known
}

// Sequences of actions from the initial states as quantifier-free questions: is there a run that takes these actions (in these
// cases) one after another, and ends in a state where some statement is false? And a model's answer as a concrete run.
// A model knows of the identifiers that the question mentions. The run that it becomes is checked at all elements; where one
// breaks a statement about all of them, the question is asked again with that element mentioned.

import type { Action, Case, Domain } from '../model/system.ts'
import { after, parametersOfStep, type State } from '../model/successor.ts'
import type { Value } from '../model/evaluate.ts'
import type { Bindings, Refusal, RunState } from '../model/run.ts'
import { type Bool, bv, type Bv, type Term } from '../model/term.ts'
import type { CounterModel } from './countermodel.ts'
import { inState, membership, parametersOf, type Watched } from './induction.ts'
import { instantiated, type Member, type Universal } from './instances.ts'
import type { Start } from './start.ts'

export interface Following {
  /** Only this way. */
  readonly taken?: Case
  readonly label?: number
  /** Parameters that have these values, as literals. */
  readonly chosen?: ReadonlyMap<Term, Term>
  /** Without what only some goals need: where what an action reads comes from. */
  readonly roughly?: boolean
}

export class Path {
  readonly start: Start
  readonly before: Path | undefined
  readonly action: Action | undefined
  private readonly how: Following
  readonly length: number
  /** What the parameters of this step are called by. */
  readonly label: number
  readonly state: State
  /** What all steps demand. */
  readonly constraints: readonly Bool[]
  readonly universals: readonly Universal[]
  readonly members: readonly Member[]

  private twin: Path | undefined

  private constructor(start: Start, before?: Path, action?: Action, how: Following = {}) {
    this.start = start
    this.before = before
    this.action = action
    this.how = how
    this.length = before === undefined ? 0 : before.length + 1
    this.label = how.label ?? this.length
    if (before === undefined || action === undefined) {
      this.state = start.state
      this.constraints = []
      this.universals = start.statements.map((q) => inState(q, start.state))
      this.members = []
      return
    }
    const rename = parametersOfStep(action, this.label, how.chosen)
    const earlier = <T extends Term>(t: T): T => before.state.apply(rename.apply(t))
    const members = parametersOf(action, (t) => rename.apply(t))
    const own = [action.guard, ...(how.taken === undefined ? [] : [how.taken.when])].map(earlier)
    const belong = membership(members).map((h) => start.state.apply(h.term))
    this.state = after(before.state, action, this.label, how.chosen)
    this.constraints = [...before.constraints, ...belong, ...own].filter((t) => t.value !== true)
    const everywhere = action.everywhere
      .filter((q) => how.roughly !== true || q.topic === undefined)
      .map((q) => inState({ ...q, term: rename.apply(q.term) }, before.state))
    this.universals = [...before.universals, ...everywhere]
    this.members = [...before.members, ...members]
  }

  static from(start: Start): Path {
    return new Path(start)
  }
  followedBy(action: Action, how: Following = {}): Path {
    return new Path(this.start, this, action, how)
  }
  /** The same path without what only some goals need. */
  get rough(): Path {
    this.twin ??= this.isRough() ? this : this.before!.rough.followedBy(this.action!, { ...this.how, roughly: true })
    return this.twin
  }
  private isRough(): boolean {
    if (this.before === undefined || this.action === undefined) return true
    const isWhole = this.how.roughly !== true && this.action.everywhere.some((q) => q.topic !== undefined)
    return !isWhole && Object.is(this.before.rough, this.before)
  }
  get chosen(): ReadonlyMap<Term, Term> | undefined {
    return this.how.chosen
  }
  get steps(): readonly Path[] {
    return this.before === undefined ? [] : [...this.before.steps, this]
  }
  get name(): string {
    return this.steps.map((s) => s.action!.name).join(', ')
  }
}

export interface Question {
  readonly path: Path
  /** False at the end. */
  readonly target?: Watched
  readonly assertions: readonly Bool[]
  readonly ids: ReadonlyMap<Domain, ReadonlySet<Term>>
}

const ROUNDS = 2

export interface Asking {
  /** Further elements to take into account. */
  readonly mention?: readonly Member[]
  /** How many elements domains with a count may have. */
  readonly most?: number | undefined
  /** Further demands, in the vocabulary of the start. */
  readonly also?: readonly Bool[]
}

export function questionOf(path: Path, target?: Watched, { mention = [], most, also = [] }: Asking = {}): Question {
  const { start, state } = path
  const goal = target === undefined ? [] : [state.apply(target.term).not()]
  const watched = target === undefined ? [] : target.members
  const roots = [
    ...path.constraints,
    ...membership(watched).map((h) => start.state.apply(h.term)),
    ...goal,
    ...also,
    ...(most === undefined ? [] : start.system.domains.flatMap((d) => atMost(d, most, start.state))),
  ].filter((t) => t.value !== true)
  // Nothing says that what is mentioned exists.
  const mentioned = new Map<Domain, Term[]>()
  for (const { domain, id } of mention) mentioned.set(domain, [...(mentioned.get(domain) ?? []), id])
  const members = [...path.members, ...watched]
  const { instances, ids } = instantiated(path.universals, members, roots, ROUNDS, mentioned)
  const assertions = [...roots, ...instances.map((h) => start.state.apply(h.term))].filter((t) => t.value !== true)
  return { path, ...(target === undefined ? {} : { target }), assertions, ids }
}

function atMost({ count }: Domain, most: number, state: State): Bool[] {
  const limit = count === undefined ? undefined : state.apply(count())
  return limit === undefined || BigInt(most) >> BigInt(limit.width) !== 0n ? [] : [limit.ule(most)]
}

// ---- runs ----

export interface RunStep {
  readonly action: Action
  readonly case: Case
  readonly parameters: Bindings
  readonly state: RunState
}
export interface Run {
  readonly start: RunState
  readonly steps: readonly RunStep[]
  /** The elements for which the statement is false at the end. */
  readonly watched: Bindings
}

export type Replayed =
  | { readonly kind: 'run'; readonly run: Run }
  /** A statement about all elements does not hold for these, which the question did not mention. */
  | { readonly kind: 'unmet'; readonly elements: readonly Member[] }
  | { readonly kind: 'differs'; readonly reason: string }

/** The model as a run, step by step by exact evaluation. @throws RangeError when a domain is too large to go through. */
export function replay({ path, target, assertions, ids }: Question, model: CounterModel): Replayed {
  const { evaluator } = model
  if (!assertions.every((t) => evaluator.bool(t))) return { kind: 'differs', reason: 'the model breaks the question' }
  const mentioned = new Map([...ids].map(([d, terms]) => [d.name, [...terms].map((t) => evaluator.bv(t as Bv))]))
  for (const { domain, id } of [...path.members, ...(target?.members ?? [])])
    mentioned.set(domain.name, [...(mentioned.get(domain.name) ?? []), evaluator.bv(path.start.state.apply(id) as Bv)])
  const start = path.start.concrete(evaluator, mentioned)
  for (const statement of path.start.statements) {
    const at = start.breach(statement)
    if (at !== undefined) return unmet(statement, at)
  }
  const steps: RunStep[] = []
  let state = start
  for (const step of path.steps) {
    const action = step.action!
    const rename = parametersOfStep(action, step.label, step.chosen)
    const parameters = new Map(action.parameters.map(({ term }): [Term, Value] => [term, evaluator.value(rename.apply(term))]))
    const refused = state.refusal(action, parameters)
    if (refused?.kind === 'everywhere') return unmet(refused.statement, refused.ids)
    if (refused !== undefined) return { kind: 'differs', reason: `step ${step.length}, ${action.name}: ${refusalText(refused)}` }
    const taken = state.after(action, parameters)
    state = taken.state
    steps.push({ action, case: taken.case, parameters, state })
  }
  const watched = new Map((target?.members ?? []).map(({ id }): [Term, Value] => [id, evaluator.value(id)]))
  if (target !== undefined && state.holds(target.term, watched))
    return { kind: 'differs', reason: 'the statement holds at the end of the run' }
  return { kind: 'run', run: { start, steps, watched } }
}

function unmet({ over }: { over: Universal['over'] }, ids: readonly bigint[]): Replayed {
  return { kind: 'unmet', elements: over.map(({ domain }, i) => ({ domain, id: bv(domain.width, ids[i]!) })) }
}

const refusalText = (refusal: Exclude<Refusal, { kind: 'everywhere' }>): string =>
  refusal.kind === 'guard' ? 'its guard is false' : `its parameter ${refusal.name} is no element`

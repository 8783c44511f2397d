// Runs and single steps as records for people: who did what with which parameters, what it changed, and only what matters: the
// values that decide that the steps are possible and that the statement is false at the end.

import { Evaluator, type Value } from '../model/evaluate.ts'
import { changes, type RunState, termOf } from '../model/run.ts'
import { after, present, type State } from '../model/successor.ts'
import {
  type Action,
  type Case,
  type Effect,
  effectsOf,
  type Parameter,
  type Quantified,
  type System,
  type Variable,
  variableOf,
} from '../model/system.ts'
import { bv, type Bv, type Term } from '../model/term.ts'
import { substitute } from '../model/traverse.ts'
import { type CounterModel, hex, plain } from './countermodel.ts'
import type { Watched } from './induction.ts'
import { keyOf, type Leaf, leavesOf } from './matters.ts'
import type { Run } from './path.ts'
import type { ChangeRecord, Counterexample, NamedValue, RecordedRun, RecordedValue, StepRecord } from './record.ts'
import type { Wording } from './wording.ts'

type Trace = Extract<Counterexample, { kind: 'trace' }>
type Step = Extract<Counterexample, { kind: 'step' }>

export interface TraceSubject {
  readonly system: System
  readonly statement: Quantified
  readonly wording?: Wording | undefined
  /** What profile and machine say of the beginning, and nobody needs to be told. */
  readonly isGiven?: (variable: Variable) => boolean
}

export function traceOf(run: Run, target: Watched, subject: TraceSubject): Trace {
  const { start, steps, watched } = run
  const { wording } = subject

  const last = steps.at(-1)?.state ?? start
  let needed = leavesOf(last.reading(watched), [target.term])
  const records: StepRecord[] = []
  for (let n = steps.length - 1; n >= 0; n--) {
    const { action, case: taken, parameters, state } = steps[n]!
    const before = n === 0 ? start : steps[n - 1]!.state
    const wanted = new Set(needed.map((l) => keyOf(l.variable, l.index)))
    const all = changes(before, state)
    const shown = all.filter((c) => wanted.has(keyOf(termOf(c.variable), c.index)))
    const changed = shown.map((c) => {
      const text = wording?.change(c.variable, c.index, c.from, c.to, state)
      return { ...changeRecord(c.variable, c.index, c.from, c.to), ...(text === undefined ? {} : { shown: text }) }
    })
    const reading = before.reading(parameters)
    const effects = effectsOf({ cases: [taken] }).filter((e) => reading.bool(e.when))
    const written = effects.filter((e) => needed.some((l) => Object.is(l.variable, termOf(e.variable))))
    const first = leavesOf(reading, [action.guard, taken.when, ...written.flatMap((e) => readsOf(e, needed))])
    const used = new Set(first.map((l) => l.variable))
    // What was read and has been changed in this run: where it comes from is part of the story.
    const read = distinct(leavesOf(reading, originsOf(action, used)), before).filter((l) => !isAsIn(start, l))
    const decisive = [...first, ...read]
    const step = stepRecord(n + 1, action, taken, parameters, used, (name, value) =>
      wording?.parameter(action, name, value, before),
    )
    const way = wording?.way(action, taken)
    records.unshift({
      ...step,
      ...(way === undefined ? {} : { case: way }),
      changes: changed,
      otherChanges: all.length - shown.length,
    })
    const replaced = new Set([
      ...shown.map((c) => keyOf(termOf(c.variable), c.index)),
      ...written.flatMap((e) => (e.kind === 'assign' ? [keyOf(termOf(e.variable))] : [])),
    ])
    const kept = needed.filter((l) => !replaced.has(keyOf(l.variable, l.index)))
    needed = distinct([...kept, ...decisive.filter((l) => !parameters.has(l.variable))], before)
  }
  const { isGiven = () => false } = subject
  const chosen = needed.filter((l) => !isGiven(variableOf(l.variable)!))
  const { constants, before } = sorted(chosen, (variable, index, value) => {
    const named = wording?.element(variable, index, start)
    return named === undefined ? undefined : `${named} = ${wording?.value(variable, value, start) ?? scalarText(value)}`
  })
  const at = target.members.map(({ id, domain }): NamedValue => {
    const value = watched.get(id)!
    const text = wording?.watched(domain, value as bigint, last)
    return { name: id.attribute as string, value: plain(value), ...(text === undefined ? {} : { shown: text }) }
  })
  const why = wording?.why(
    subject.statement,
    target.members.map(({ id }) => watched.get(id) as bigint),
    last,
  )
  const recorded = recordOf(run, target, subject)
  return { kind: 'trace', constants, start: before, steps: records, watched: at, ...(why === undefined ? {} : { why }), recorded }
}

const scalarText = (value: Value): string => (typeof value === 'bigint' ? hex(value) : String(value))

function recordOf({ start, steps, watched }: Run, target: Watched, { system, statement }: TraceSubject): RecordedRun {
  const sizes = system.domains.flatMap((d) => (d.count === undefined ? [] : [{ domain: d.name, size: start.elements(d).length }]))
  const sizeOf = (v: Variable) => (v.kind === 'table' ? sizes.find((s) => s.domain === v.domain.name)?.size : undefined)
  const stateOf = (state: RunState) =>
    system.variables.map((v): RecordedValue => {
      const size = sizeOf(v)
      const common = { name: v.name, value: plain(state.of(v)), isConstant: v.change === 'constant' }
      return size === undefined ? common : { ...common, size }
    })
  return {
    system: system.name,
    violated: statement.name,
    watched: target.members.map(({ domain, id }) => ({ domain: domain.name, value: hex(watched.get(id) as bigint) })),
    sizes,
    steps: steps.map(({ action, case: taken, parameters }) => ({
      action: action.name,
      actor: action.actor,
      case: taken.name,
      parameters: action.parameters.map(({ name, term }) => ({ name, value: plain(parameters.get(term)!) })),
    })),
    states: [start, ...steps.map((s) => s.state)].map(stateOf),
  }
}

/** The action of a failed step, by a model of the state before it. */
export function counterStep(action: Action, target: Watched, model: CounterModel): Step {
  const { evaluator } = model
  const view = after(present, action)
  const taken = action.cases.find((c) => evaluator.bool(c.when))!
  const later = stateReader(view, evaluator)
  const parameters = new Map(action.parameters.map(({ term }) => [term, evaluator.value(term)]))
  const changed = leavesOf(later, [target.term]).flatMap(({ variable, index, value }): ChangeRecord[] => {
    const owner = variableOf(variable)
    if (owner === undefined) return []
    const from = owner.kind === 'scalar' ? evaluator.value(owner.now) : elementIn(evaluator, owner.array, index!)
    return from === value ? [] : [changeRecord(owner, index, from as bigint | boolean, value as bigint | boolean)]
  })
  const watched = new Set<Term>(target.members.map((m) => m.id))
  const leaves = leavesOf(evaluator, [action.guard, taken.when, view.apply(target.term)])
  const used = new Set(leaves.map((l) => l.variable))
  const step = { ...stepRecord(1, action, taken, parameters, used), changes: changed, otherChanges: 0 }
  const { constants, before } = sorted(leaves.filter((l) => !watched.has(l.variable) && !parameters.has(l.variable)))
  const at = target.members.map(({ id }) => ({ name: id.attribute as string, value: plain(evaluator.value(id)) }))
  return { kind: 'step', constants, before, step, watched: at }
}

/** Evaluates terms in a later state of a model. */
function stateReader(state: State, evaluator: Evaluator): Evaluator {
  return new Evaluator((v): Value => {
    const variable = variableOf(v)
    if (variable === undefined) return evaluator.value(v)
    if (variable.kind === 'scalar') return evaluator.value(state.scalar(v))
    const { width } = variable.domain
    return { get: (index) => evaluator.value(state.read(variable, bv(width, index))) as bigint | boolean }
  })
}
const elementIn = (evaluator: Evaluator, array: Term, index: bigint): Value =>
  (evaluator.value(array) as { get(index: bigint): bigint | boolean }).get(index)

/** What parameters that are readings of state equal. */
function originsOf({ everywhere }: Action, used: ReadonlySet<Term>): Term[] {
  const origins = (t: Term): Term[] => {
    if (t.op === 'and' || t.op === 'or' || t.op === 'not') return t.args.flatMap(origins)
    if (t.op !== 'eq') return []
    const [a, b] = t.args as [Term, Term]
    return [...(used.has(a) ? [b] : []), ...(used.has(b) ? [a] : [])]
  }
  return everywhere.filter((q) => q.over.length === 0).flatMap((q) => origins(q.term))
}
function isAsIn(state: RunState, { variable, index, value }: Leaf): boolean {
  const owner = variableOf(variable)!
  return (owner.kind === 'scalar' ? state.of(owner) : state.element(owner, index!)) === value
}

/** What an effect gives is made of; of one on many elements, what it gives to those that are needed. */
function readsOf(e: Effect, needed: readonly Leaf[]): Term[] {
  if (e.kind === 'assign') return [e.when, e.value]
  if (e.kind === 'store') return [e.when, e.index, e.value]
  const { array, domain } = e.variable
  const indices = needed.flatMap((l) => (Object.is(l.variable, array) ? [bv(domain.width, l.index!)] : []))
  const bound = (index: Bv): Term => (e.kind === 'sweep' ? index : index.minus(e.first.as()))
  return [e.when, ...indices.map((index) => substitute(e.value, new Map<Term, Term>([[e.bound, bound(index)]])))]
}

/** Each leaf once, with its value in the state. Bound identifiers of effects are no state. */
function distinct(leaves: readonly Leaf[], state: RunState): Leaf[] {
  const byKey = new Map<string, Leaf>()
  for (const { term, variable, index } of leaves) {
    const owner = variableOf(variable)
    if (owner === undefined) continue
    const value = owner.kind === 'scalar' ? state.of(owner) : state.element(owner, index!)
    byKey.set(keyOf(variable, index), { term, variable, value, ...(index === undefined ? {} : { index }) })
  }
  return [...byKey.values()]
}

function sorted(
  leaves: readonly Leaf[],
  textOf: (variable: Variable, index: bigint | undefined, value: bigint | boolean) => string | undefined = () => undefined,
): { constants: NamedValue[]; before: NamedValue[] } {
  const of = (change: Variable['change']) =>
    leaves.flatMap(({ variable, index, value }): NamedValue[] => {
      const owner = variableOf(variable)
      if (owner?.change !== change) return []
      const text = textOf(owner, index, value as bigint | boolean)
      return [{ name: elementName(owner, index), value: plain(value), ...(text === undefined ? {} : { shown: text }) }]
    })
  return { constants: of('constant'), before: of('state') }
}

function stepRecord(
  number: number,
  action: Action,
  taken: Case,
  parameters: ReadonlyMap<Term, Value>,
  used: ReadonlySet<Term>,
  textOf: (name: string, value: bigint | boolean) => string | undefined = () => undefined,
): Omit<StepRecord, 'changes' | 'otherChanges'> {
  const values = (chosen: (p: Parameter) => boolean): NamedValue[] =>
    action.parameters.filter(chosen).map(({ name, term }) => {
      const value = parameters.get(term)!
      const text = typeof value === 'object' ? undefined : textOf(name, value)
      return { name, value: plain(value), ...(text === undefined ? {} : { shown: text }) }
    })
  const decides = ({ domain, term }: Parameter) => domain !== undefined || used.has(term)
  return {
    number,
    actor: action.actor,
    action: action.name,
    ...(action.cases.length === 1 ? {} : { case: taken.name }),
    cite: action.cite,
    at: action.at,
    parameters: values(decides),
    otherParameters: values((p) => !decides(p)),
  }
}

const changeRecord = (
  variable: Variable,
  index: bigint | undefined,
  from: bigint | boolean,
  to: bigint | boolean,
): ChangeRecord => ({
  name: elementName(variable, index),
  from: scalar(from),
  to: scalar(to),
})
const scalar = (value: bigint | boolean) => (typeof value === 'boolean' ? value : hex(value))
const elementName = ({ name }: Variable, index: bigint | undefined): string =>
  index === undefined ? name : `${name}[${hex(index)}]`

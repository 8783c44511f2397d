// Runs and single steps as records for people: who did what with which parameters, what it changed, and only what matters: the
// values that decide that the steps are possible and that the statement is false at the end.

import { Evaluator, type Value } from '../model/evaluate.ts'
import { changes, type RunState, termOf } from '../model/run.ts'
import { after, present, type State } from '../model/successor.ts'
import { type Action, type Case, effectsOf, type Effect, type Parameter, type Variable, variableOf } from '../model/system.ts'
import { bv, type Bv, type Term } from '../model/term.ts'
import { substitute } from '../model/traverse.ts'
import { type CounterModel, hex, plain } from './countermodel.ts'
import type { Watched } from './induction.ts'
import { keyOf, type Leaf, leavesOf } from './matters.ts'
import type { Run } from './path.ts'
import type { ChangeRecord, Counterexample, NamedValue, StepRecord } from './record.ts'

type Trace = Extract<Counterexample, { kind: 'trace' }>
type Step = Extract<Counterexample, { kind: 'step' }>

export function traceOf({ start, steps, watched }: Run, target: Watched): Trace {
  const last = steps.at(-1)?.state ?? start
  let needed = leavesOf(last.reading(watched), [target.term])
  const records: StepRecord[] = []
  for (let n = steps.length - 1; n >= 0; n--) {
    const { action, case: taken, parameters, state } = steps[n]!
    const before = n === 0 ? start : steps[n - 1]!.state
    const wanted = new Set(needed.map((l) => keyOf(l.variable, l.index)))
    const all = changes(before, state)
    const shown = all.filter((c) => wanted.has(keyOf(termOf(c.variable), c.index)))
    const changed = shown.map((c) => changeRecord(c.variable, c.index, c.from, c.to))
    const reading = before.reading(parameters)
    const effects = effectsOf({ cases: [taken] }).filter((e) => reading.bool(e.when))
    const written = effects.filter((e) => needed.some((l) => Object.is(l.variable, termOf(e.variable))))
    const decisive = leavesOf(reading, [action.guard, taken.when, ...written.flatMap((e) => readsOf(e, needed))])
    const used = new Set(decisive.map((l) => l.variable))
    const step = stepRecord(n + 1, action, taken, parameters, used)
    records.unshift({ ...step, changes: changed, otherChanges: all.length - shown.length })
    const replaced = new Set([
      ...shown.map((c) => keyOf(termOf(c.variable), c.index)),
      ...written.flatMap((e) => (e.kind === 'assign' ? [keyOf(termOf(e.variable))] : [])),
    ])
    const kept = needed.filter((l) => !replaced.has(keyOf(l.variable, l.index)))
    needed = distinct([...kept, ...decisive.filter((l) => !parameters.has(l.variable))], before)
  }
  const { constants, before } = sorted(needed)
  const at = target.members.map(({ id }) => ({ name: id.attribute as string, value: plain(watched.get(id)!) }))
  return { kind: 'trace', constants, start: before, steps: records, watched: at }
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

/** What an effect gives is made of; of one on many elements, what it gives to those that are needed. */
function readsOf(e: Effect, needed: readonly Leaf[]): Term[] {
  if (e.kind === 'assign') return [e.value]
  if (e.kind === 'store') return [e.index, e.value]
  const { array, domain } = e.variable
  const indices = needed.flatMap((l) => (Object.is(l.variable, array) ? [bv(domain.width, l.index!)] : []))
  const bound = (index: Bv): Term => (e.kind === 'sweep' ? index : index.minus(e.first.as()))
  return indices.map((index) => substitute(e.value, new Map<Term, Term>([[e.bound, bound(index)]])))
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

function sorted(leaves: readonly Leaf[]): { constants: NamedValue[]; before: NamedValue[] } {
  const of = (change: Variable['change']) =>
    leaves.flatMap(({ variable, index, value }): NamedValue[] => {
      const owner = variableOf(variable)
      return owner?.change === change ? [{ name: elementName(owner, index), value: plain(value) }] : []
    })
  return { constants: of('constant'), before: of('state') }
}

function stepRecord(
  number: number,
  action: Action,
  taken: Case,
  parameters: ReadonlyMap<Term, Value>,
  used: ReadonlySet<Term>,
): Omit<StepRecord, 'changes' | 'otherChanges'> {
  const values = (chosen: (p: Parameter) => boolean): NamedValue[] =>
    action.parameters.filter(chosen).map(({ name, term }) => ({ name, value: plain(parameters.get(term)!) }))
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

// A trace executed again, step by step, with the exact semantics of actions: is every step possible, does it go the way that the
// trace says, and is the state after it the one that the trace says? And is the statement false at the end?

import { ArrayValue, type Value } from '../model/evaluate.ts'
import { type Change, changes, type Refusal, RunState, termOf } from '../model/run.ts'
import type { Action, Case, Quantified, System, Variable } from '../model/system.ts'
import type { Sort } from '../model/sort.ts'
import type { Term } from '../model/term.ts'
import type { PlainElement, PlainValue } from './simulation/record.ts'

export interface TraceToReplay {
  readonly identifiers: readonly bigint[]
  readonly steps: readonly {
    readonly action: string
    readonly case: string
    readonly parameters: ReadonlyMap<string, PlainValue>
  }[]
  /** One more than steps: values by the names of variables. */
  readonly states: readonly ReadonlyMap<string, PlainValue>[]
}

export interface ReplayedStep {
  readonly action: Action
  readonly case: Case
  readonly parameters: ReadonlyMap<Term, Value>
  readonly changes: readonly Change[]
  readonly state: RunState
}

export type Replayed =
  | { readonly kind: 'agrees'; readonly start: RunState; readonly steps: readonly ReplayedStep[] }
  /** After so many steps that are as the trace says. */
  | { readonly kind: 'differs'; readonly start: RunState; readonly steps: readonly ReplayedStep[]; readonly reason: string }
  /** The trace is not one of this system. */
  | { readonly kind: 'foreign'; readonly problem: string }

export function replayTrace(system: System, statement: Quantified, trace: TraceToReplay): Replayed {
  const problem = misfit(system, statement, trace)
  if (problem !== undefined) return { kind: 'foreign', problem }
  const start = stateOf(system, trace.states[0]!)
  const steps: ReplayedStep[] = []
  const differs = (reason: string): Replayed => ({ kind: 'differs', start, steps, reason })
  const broken = [...system.facts, ...system.initial].find((q) => isBroken(start, q))
  if (broken !== undefined) return differs(`no run begins like this: "${broken.name}" does not hold in the first state`)
  let state = start
  for (const [n, told] of trace.steps.entries()) {
    const action = system.actions.find((a) => a.name === told.action)!
    const parameters = new Map(
      action.parameters.map(({ name, term }): [Term, Value] => [term, valueFrom(told.parameters.get(name)!)]),
    )
    const refusal = state.refusal(action, parameters)
    if (refusal !== undefined)
      return differs(`step ${n + 1}, ${action.name}: the model does not allow it (${refusalText(refusal)})`)
    const taken = state.after(action, parameters)
    if (taken.case.name !== told.case)
      return differs(`step ${n + 1}, ${action.name}: the trace says "${told.case}", the model says "${taken.case.name}"`)
    const off = difference(taken.state, trace.states[n + 1]!)
    if (off !== undefined) return differs(`after step ${n + 1}, ${action.name}: ${off}`)
    steps.push({ action, case: taken.case, parameters, changes: changes(state, taken.state), state: taken.state })
    state = taken.state
  }
  const ids = new Map(statement.over.map(({ bound }, i): [Term, Value] => [bound, trace.identifiers[i]!]))
  if (state.holds(statement.term, ids)) return differs(`"${statement.name}" holds at the end`)
  return { kind: 'agrees', start, steps }
}

/** Statements about too many elements are not gone through. */
function isBroken(state: RunState, statement: Quantified): boolean {
  try {
    return state.breach(statement) !== undefined
  } catch (e) {
    if (e instanceof RangeError) return false
    throw e
  }
}

function refusalText(refusal: Refusal): string {
  if (refusal.kind === 'guard') return 'its guard is false'
  if (refusal.kind === 'parameter') return `${refusal.name} does not exist`
  return `"${refusal.statement.name}" does not hold`
}

// ---- values ----

const valueFrom = (plain: PlainValue): Value =>
  typeof plain === 'object' ? new ArrayValue(plain.otherwise, plain.entries) : plain

function stateOf(system: System, values: ReadonlyMap<string, PlainValue>): RunState {
  return new RunState(system, new Map(system.variables.map((v) => [termOf(v), valueFrom(values.get(v.name)!)])))
}

/** The first variable that has another value than the trace says. */
function difference(state: RunState, told: ReadonlyMap<string, PlainValue>): string | undefined {
  const say = (name: string, given: PlainElement | Value, is: PlainElement | Value) =>
    `the trace says ${name} = ${text(given)}, the model says ${text(is)}`
  for (const variable of state.system.variables) {
    const [given, is] = [valueFrom(told.get(variable.name)!), state.of(variable)]
    if (variable.kind === 'scalar') {
      if (given !== is) return say(variable.name, given, is)
      continue
    }
    const [a, b] = [given as ArrayValue, is as ArrayValue]
    const indices = indicesOf(state, variable, [a, b])
    const index = indices.find((i) => a.get(i) !== b.get(i))
    if (index !== undefined) return say(`${variable.name}[${text(index)}]`, a.get(index), b.get(index))
  }
  return undefined
}

function indicesOf(state: RunState, { domain }: Extract<Variable, { kind: 'table' }>, values: readonly ArrayValue[]): bigint[] {
  if (domain.count !== undefined) return state.elements(domain)
  return [...new Set(values.flatMap((v) => [...v.entries.keys()]))]
}
const text = (value: PlainElement | Value): string => (typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value))

// ---- whether the trace is of this system ----

function misfit({ variables, actions }: System, statement: Quantified, trace: TraceToReplay): string | undefined {
  if (trace.identifiers.length !== statement.over.length)
    return `"${statement.name}" speaks of ${statement.over.length} elements, the trace names ${trace.identifiers.length}`
  for (const [n, state] of trace.states.entries())
    for (const v of variables) {
      const value = state.get(v.name)
      if (value === undefined) return `state ${n} has no ${v.name}`
      if (!fits(value, termOf(v).sort)) return `state ${n}: ${v.name} has a value of another kind`
    }
  for (const [n, step] of trace.steps.entries()) {
    const action = actions.find((a) => a.name === step.action)
    if (action === undefined) return `step ${n + 1}: there is no action called "${step.action}"`
    for (const { name, term } of action.parameters) {
      const value = step.parameters.get(name)
      if (value === undefined || !fits(value, term.sort))
        return `step ${n + 1}, ${action.name}: no value, or one of another kind, for ${name}`
    }
  }
  return undefined
}

function fits(value: PlainValue, sort: Sort): boolean {
  if (sort.kind === 'bool') return typeof value === 'boolean'
  if (sort.kind === 'bv') return typeof value === 'bigint' && value >> BigInt(sort.width) === 0n
  if (typeof value !== 'object') return false
  const elements = [value.otherwise, ...value.entries.values()]
  return [...value.entries.keys()].every((i) => i >> BigInt(sort.index) === 0n) && elements.every((e) => fits(e, sort.element))
}

// A run taken again by exact evaluation, and told step by step.

import { ArrayValue, type Value } from '../../model/evaluate.ts'
import type { Quantified, System, Variable } from '../../model/system.ts'
import type { Term } from '../../model/term.ts'
import { bigOfLimbs, limbCount } from '../limbs.ts'
import type { CompiledSystem } from './compiled.ts'
import type { ChangeRecord, NamedPlain, PlainElement, PlainValue, StepRecord, TraceRecord } from './record.ts'
import { ReferenceState } from './reference.ts'
import { choose, perform, type Run } from './trace.ts'

export type Confirmation =
  | { readonly kind: 'confirmed'; readonly trace: TraceRecord }
  | { readonly kind: 'disagreement'; readonly message: string }

/** @param conjunct number of the statement that falls at the end of the run. */
export function confirm(compiled: CompiledSystem, run: Run, conjunct: number): Confirmation {
  const { machine, layout, subject } = compiled
  const { quantified, holds } = compiled.invariant[conjunct]!
  const { system } = subject
  machine.restore(run.start)
  compiled.count()
  const exact = new ReferenceState(system, machine.values(), subject.guide?.alike)
  for (const { domain, space } of layout.domains)
    if (space !== undefined && domain.count === undefined)
      for (let e = 1; e < machine.spaces[space]!.count; e++) exact.mention(domain, machine.key(space, e))

  const disagree = (message: string): Confirmation => ({ kind: 'disagreement', message })
  const steps: StepRecord[] = []
  const states = [stateOf(exact)]
  for (const step of run.steps) {
    const compiledAction = compiled.actions[step.action]!
    const { action, places } = compiledAction
    choose(compiled, step)
    compiledAction.compute()
    for (const { domain, space } of layout.domains)
      if (compiledAction.computed.size > 0 && space !== undefined && domain.count === undefined)
        for (let e = 1; e < machine.spaces[space]!.count; e++) exact.mention(domain, machine.key(space, e))
    const args = new Map<Term, Value>(action.parameters.map(({ term }, n) => [term, machine.get(places[n]!)]))
    if (!exact.enabled(action, args)) return disagree(`${action.name} is possible in generated code only`)
    const before = new Map(exact.values)
    const taken = exact.step(action, args)
    if (perform(compiled, compiledAction) !== taken) return disagree(`${action.name} takes different cases`)
    steps.push({
      action: action.name,
      actor: action.actor,
      case: action.cases[taken]!.name,
      parameters: action.parameters.map(({ name, term }) => ({ name, value: plain(args.get(term)!) })),
      changes: changesOf(system, before, exact),
    })
    states.push(stateOf(exact))
  }
  if (holds()) return disagree(`${quantified.name} holds at the end of the run`)
  const identifiers = identifiersIn(compiled, quantified)
  if (exact.holds(quantified, identifiers)) return disagree(`${quantified.name} falls in generated code only`)
  const trace: TraceRecord = {
    system: system.name,
    violated: quantified.name,
    identifiers: quantified.over.map(({ domain }, i) => ({ domain: domain.name, value: identifiers[i]! })),
    sizes: layout.domains.flatMap(({ domain, number }) =>
      domain.count === undefined ? [] : [{ domain: domain.name, size: machine.N[number]! }],
    ),
    steps,
    states,
  }
  return { kind: 'confirmed', trace }
}

/** The identifiers that `holds` left in the machine. */
function identifiersIn({ machine }: CompiledSystem, { over }: Quantified): bigint[] {
  let at = 0
  return over.map(({ domain }) => {
    const limbs = limbCount(domain.width)
    at += limbs
    return BigInt.asUintN(domain.width, bigOfLimbs(machine.F, at - limbs, limbs))
  })
}

function changesOf({ variables }: System, before: ReadonlyMap<Variable, Value>, after: ReferenceState): ChangeRecord[] {
  return variables.flatMap((variable): ChangeRecord[] => {
    const [a, b] = [before.get(variable), after.value(variable)]
    const { name } = variable
    if (!(a instanceof ArrayValue && b instanceof ArrayValue))
      return a === b ? [] : [{ name, before: a as PlainElement, after: b as PlainElement }]
    const written = [...new Set([...a.entries.keys(), ...b.entries.keys()])].sort((x, y) => (x < y ? -1 : 1))
    return written
      .filter((index) => a.get(index) !== b.get(index))
      .map((index) => ({ name, index, before: a.get(index), after: b.get(index) }))
  })
}

function stateOf(state: ReferenceState): NamedPlain[] {
  return state.system.variables.map((variable) => {
    const value = plain(state.value(variable))
    const named = { name: variable.name, value, isConstant: variable.change === 'constant' }
    const isCounted = variable.kind === 'table' && variable.domain.count !== undefined
    return isCounted ? { ...named, size: state.identifiers(variable.domain).length } : named
  })
}
const plain = (value: Value): PlainValue =>
  value instanceof ArrayValue
    ? { otherwise: value.otherwise, entries: new Map([...value.entries].filter(([, x]) => x !== value.otherwise)) }
    : (value as PlainElement)

// Covers: traces as ITF JSON, the Informal Trace Format that other model checkers read and show (apalache-mc.org, ADR 15).
// A table over a counted domain is a map; another one is a record of its entries and what is everywhere else. What made a step
// stands in the meta data of the state after it.
import type { NamedPlain, PlainElement, PlainValue, StepRecord, TraceRecord } from '../executor/simulation/record.ts'
import type { PlainValue as HexValue, RecordedRun } from '../prover/record.ts'

/** What a trace file holds. */
export interface ItfTrace extends Omit<TraceRecord, 'steps'> {
  readonly steps: readonly Omit<StepRecord, 'changes'>[]
}

export interface TraceSource {
  readonly claim: string
  readonly spec: string
  readonly command: 'prove' | 'simulate'
  readonly seed: number
  readonly version: string
}

/** A run that the prover has found. */
export function traceOfRun({ system, violated, watched, sizes, steps, states }: RecordedRun): ItfTrace {
  return {
    ...{ system, violated, sizes },
    identifiers: watched.map(({ domain, value }) => ({ domain, value: BigInt(value) })),
    steps: steps.map(({ parameters, actor, ...step }) => ({
      ...step,
      actor: actor as StepRecord['actor'],
      parameters: parameters.map(({ name, value }) => ({ name, value: numbersIn(value) })),
    })),
    states: states.map((state) => state.map(({ value, ...named }) => ({ ...named, value: numbersIn(value) }))),
  }
}
function numbersIn(value: HexValue): PlainValue {
  if (typeof value !== 'object') return numberIn(value)
  const entries = Object.entries(value.entries).map(([index, element]) => [BigInt(index), numberIn(element)] as const)
  return { otherwise: numberIn(value.otherwise), entries: new Map(entries) }
}
const numberIn = (value: boolean | string): PlainElement => (typeof value === 'boolean' ? value : BigInt(value))

export function itfOf(trace: ItfTrace, { claim, spec, command, seed, version }: TraceSource): object {
  const [first] = trace.states
  const names = (isConstant: boolean) => first!.filter((v) => v.isConstant === isConstant).map((v) => v.name)
  return {
    '#meta': {
      format: 'ITF',
      'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
      description: `A run of ${trace.system} that breaks ${trace.violated} (${claim})`,
      source: spec,
      tool: `smmcheck ${version} ${command}`,
      seed,
      system: trace.system,
      claim,
      violated: trace.violated,
      identifiers: trace.identifiers.map(({ domain, value }) => ({ domain, value: numberOf(value) })),
      sizes: Object.fromEntries(trace.sizes.map(({ domain, size }) => [domain, size])),
    },
    params: names(true),
    vars: names(false),
    states: trace.states.map((state, index) => ({
      '#meta': { index, ...(index === 0 ? {} : { step: stepOf(trace.steps[index - 1]!) }) },
      ...Object.fromEntries(state.map((named) => [named.name, plainOf(named)])),
    })),
  }
}

function stepOf({ action, actor, case: taken, parameters }: Omit<StepRecord, 'changes'>): object {
  const chosen = parameters.map(({ name, value }) => [name, plainOf({ value })])
  return { action, actor, case: taken, parameters: Object.fromEntries(chosen) }
}

function plainOf({ value, size }: Pick<NamedPlain, 'value' | 'size'>): unknown {
  if (typeof value !== 'object') return elementOf(value)
  const pair = (index: bigint, element: PlainElement) => [numberOf(index), elementOf(element)]
  if (size !== undefined) {
    const at = (index: bigint) => value.entries.get(index) ?? value.otherwise
    return { '#map': Array.from({ length: size }, (_, i) => pair(BigInt(i), at(BigInt(i)))) }
  }
  const entries = [...value.entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return { entries: { '#map': entries.map(([index, element]) => pair(index, element)) }, otherwise: elementOf(value.otherwise) }
}
const elementOf = (value: PlainElement): unknown => (typeof value === 'boolean' ? value : numberOf(value))
const numberOf = (value: bigint): object => ({ '#bigint': String(value) })

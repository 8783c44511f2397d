// Covers: trace files read back: the Informal Trace Format as smmcheck writes it.
// Leaves out: ITF of other tools, which names no system of smmcheck, no action and no case.
import { z } from 'zod'
import type { PlainElement, PlainTable, PlainValue } from '../executor/simulation/record.ts'

const number = z.object({ '#bigint': z.string().regex(/^\d+$/, { error: 'expected a number in decimal digits' }) })
const element = z.union([z.boolean(), number])
const map = z.object({ '#map': z.array(z.tuple([number, element])) })
const value = z.union([element, map, z.object({ entries: map, otherwise: element })])

const step = z.object({ action: z.string(), actor: z.string(), case: z.string(), parameters: z.record(z.string(), value) })
const state = z.object({ '#meta': z.object({ index: z.int(), step: step.optional() }) }).catchall(value)
export const itfFile = z.object({
  '#meta': z.object({
    format: z.literal('ITF', { error: 'expected a trace (ITF JSON) that smmcheck wrote' }),
    system: z.string(),
    claim: z.string(),
    violated: z.string(),
    identifiers: z.array(z.object({ domain: z.string(), value: number })),
    sizes: z.record(z.string(), z.int()),
  }),
  params: z.array(z.string()),
  vars: z.array(z.string()),
  states: z.array(state).min(1, { error: 'expected at least one state' }),
})

export interface ReadStep {
  readonly action: string
  readonly case: string
  readonly parameters: ReadonlyMap<string, PlainValue>
}
export interface ReadTrace {
  readonly system: string
  readonly claim: string
  readonly violated: string
  readonly identifiers: readonly bigint[]
  /** Made the state after it. */
  readonly steps: readonly ReadStep[]
  readonly states: readonly ReadonlyMap<string, PlainValue>[]
}

export type ReadResult = { readonly ok: true; readonly trace: ReadTrace } | { readonly ok: false; readonly problem: string }

/** @param data parsed JSON */
export function readItf(data: unknown): ReadResult {
  const parsed = itfFile.safeParse(data)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `
    return { ok: false, problem: `${where}${issue!.message}` }
  }
  const { '#meta': meta, states } = parsed.data
  const steps: ReadStep[] = []
  for (const [n, { '#meta': of }] of states.entries()) {
    if ((of.step === undefined) !== (n === 0))
      return { ok: false, problem: `states.${n}.#meta: every state but the first has a step` }
    if (of.step !== undefined) steps.push({ ...of.step, parameters: valuesIn(of.step.parameters) })
  }
  const { system, claim, violated } = meta
  return {
    ok: true,
    trace: {
      ...{ system, claim, violated, steps },
      identifiers: meta.identifiers.map((i) => BigInt(i.value['#bigint'])),
      states: states.map(({ '#meta': _, ...values }) => valuesIn(values as Readonly<Record<string, z.infer<typeof value>>>)),
    },
  }
}

const valuesIn = (record: Readonly<Record<string, z.infer<typeof value>>>): Map<string, PlainValue> =>
  new Map(Object.entries(record).map(([name, given]) => [name, plainOf(given)]))

function plainOf(given: z.infer<typeof value>): PlainValue {
  if (typeof given === 'boolean') return given
  if ('#bigint' in given) return elementOf(given)
  if ('#map' in given) return tableOf(given['#map'], undefined)
  return tableOf(given.entries['#map'], elementOf(given.otherwise))
}
const elementOf = (given: z.infer<typeof element>): PlainElement =>
  typeof given === 'boolean' ? given : BigInt(given['#bigint'])
/** Of a table over a counted domain all elements are there, and what is beyond them does not matter. */
function tableOf(
  pairs: readonly (readonly [z.infer<typeof number>, z.infer<typeof element>])[],
  otherwise: PlainElement | undefined,
): PlainTable {
  const entries = new Map(pairs.map(([index, e]) => [BigInt(index['#bigint']), elementOf(e)]))
  const [first] = entries.values()
  return { otherwise: otherwise ?? (typeof first === 'boolean' ? false : 0n), entries }
}

// Answers as JSON, for the cache: numbers of any width as "0x..." strings.
// Leaves out: answers that are not definite; they have no record.

import { match } from 'ts-pattern'
import { z } from 'zod'
import type { SolverAnswer } from './solver.ts'
import type { ModelValue } from './value.ts'

const hex = z.string().regex(/^0x[0-9a-f]+$/)

type ValueRecord =
  | boolean
  | { readonly width: number; readonly value: string }
  | { readonly entries: readonly (readonly [readonly string[], ValueRecord])[]; readonly otherwise: ValueRecord }

const value: z.ZodType<ValueRecord> = z.lazy(() =>
  z.union([
    z.boolean(),
    z.strictObject({ width: z.int().positive(), value: hex }),
    z.strictObject({ entries: z.array(z.tuple([z.array(hex), value])), otherwise: value }),
  ]),
)

const answer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sat'), model: z.array(z.tuple([z.string(), value])), ms: z.number() }),
  z.strictObject({ kind: z.literal('unsat'), core: z.array(z.string()), ms: z.number() }),
])
export type AnswerRecord = z.infer<typeof answer>

export const encodeAnswer = (a: SolverAnswer): AnswerRecord | undefined =>
  match(a)
    .returnType<AnswerRecord | undefined>()
    .with({ kind: 'sat' }, ({ kind, model, ms }) => ({ kind, model: [...model].map(([name, v]) => [name, encode(v)]), ms }))
    .with({ kind: 'unsat' }, ({ kind, core, ms }) => ({ kind, core: [...core], ms }))
    .with({ kind: 'unknown' }, () => undefined)
    .exhaustive()

/** Undefined for anything that is not a record. */
export function decodeAnswer(json: unknown): SolverAnswer | undefined {
  const { data } = answer.safeParse(json)
  if (data === undefined || data.kind === 'unsat') return data
  return { ...data, model: new Map(data.model.map(([name, v]) => [name, decode(v)])) }
}

const encode = (v: ModelValue): ValueRecord =>
  match(v)
    .returnType<ValueRecord>()
    .with({ kind: 'bool' }, (b) => b.value)
    .with({ kind: 'bv' }, (b) => ({ width: b.width, value: toHex(b.value) }))
    .with({ kind: 'table' }, ({ entries, otherwise }) => ({
      entries: entries.map((e) => [e.args.map(toHex), encode(e.value)] as const),
      otherwise: encode(otherwise),
    }))
    .exhaustive()

function decode(v: ValueRecord): ModelValue {
  if (typeof v === 'boolean') return { kind: 'bool', value: v }
  if ('width' in v) return { kind: 'bv', width: v.width, value: BigInt(v.value) }
  const entries = v.entries.map(([args, element]) => ({ args: args.map(BigInt), value: decode(element) }))
  return { kind: 'table', entries, otherwise: decode(v.otherwise) }
}

const toHex = (n: bigint): string => `0x${n.toString(16)}`

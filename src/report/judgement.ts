// Covers: the result record of holding a measurement against an SLA, `smmcheck.judgement/1`.
// Leaves out: how promises are judged (src/sla), how it is shown (judgement-table.ts).
import { z } from 'zod'

export const JUDGEMENT_SCHEMA = 'smmcheck.judgement/1'
export const VERDICTS = ['kept', 'broken', 'not-measurable'] as const
export const PROMISES = ['memory', 'page size', 'sharing', 'cpu', 'network'] as const

/** Why a promise can be neither confirmed nor denied. */
export const UNMEASURED = [
  'census-not-complete',
  'not-running',
  'space-not-counted',
  'several-roots',
  'leftover-spaces',
  'nothing-mapped',
  'no-samples',
  'too-few-samples',
  'bias',
  'reports-missing',
  'no-counter',
] as const

const judged = z.strictObject({
  vm: z.string(),
  promise: z.enum(PROMISES),
  promised: z.string().meta({ description: 'in words, with its unit' }),
  measured: z.string().nullable().meta({ description: 'in words, with its unit; null when there is no number' }),
  verdict: z.enum(VERDICTS),
  reason: z.enum(UNMEASURED).nullable().meta({ description: 'why it is not measurable; null otherwise' }),
})

export const judgementRecord = z
  .strictObject({
    schema: z.literal(JUDGEMENT_SCHEMA),
    verdict: z.enum(VERDICTS).meta({ description: 'broken if any promise is, else not-measurable if any is' }),
    promises: z.array(judged),
  })
  .meta({ title: JUDGEMENT_SCHEMA, description: 'What was promised against what was measured, one promise an element' })

export type Judgement = z.infer<typeof judgementRecord>
export type JudgedPromise = Judgement['promises'][number]
export type JudgementVerdict = (typeof VERDICTS)[number]
export type Unmeasured = (typeof UNMEASURED)[number]

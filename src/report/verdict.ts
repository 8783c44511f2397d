// Covers: the result record of a proxy's decision, `smmcheck.verdict/1`, and its text.
// Leaves out: how the proxy decides (src/proxy/decision.ts).
import { z } from 'zod'
import { judgementRecord } from './judgement.ts'
import { styleFor } from './style.ts'

export const verdictRecord = z
  .strictObject({
    schema: z.literal('smmcheck.verdict/1'),
    outcome: z.enum(['accepted', 'alarm', 'discarded']),
    reason: z.string().nullable().meta({ description: 'the kind of alarm or discard; null when accepted' }),
    detail: z.string().meta({ description: 'one sentence for people' }),
    nonce: z
      .string()
      .nullable()
      .meta({ description: 'proxy.counter.random of the challenge that ends here; null when none does' }),
    sequence: z.string().nullable().meta({ description: 'number of the report, in decimal; null where nothing authentic came' }),
    judgement: judgementRecord
      .nullable()
      .meta({ description: 'promised against measured; null without an SLA or a report that is accepted' }),
  })
  .meta({ title: 'smmcheck.verdict/1', description: 'What a proxy makes of a report, or of its absence' })
export type VerdictRecord = z.infer<typeof verdictRecord>

export function renderVerdict({ outcome, reason, detail, nonce }: VerdictRecord, options: { readonly colour: boolean }): string {
  const style = styleFor(options.colour)
  const about = nonce === null ? '' : style.faint(`  (challenge ${nonce})`)
  if (outcome === 'accepted') return `${style.good(style.strong('Accepted'))}: ${detail}${about}\n`
  if (outcome === 'alarm') return `${style.bad(style.strong(`ALARM, ${reason}`))}: ${detail}${about}\n`
  return `${style.notable(style.strong(`Not accepted, ${reason}`))}: ${detail}\n`
}

// Covers: the result record of a series of reports, `smmcheck.series/1`, and its text.
// Leaves out: where the numbers come from (src/proxy/replay.ts, src/sampling/time-share.ts, src/sla/judge-series.ts).
import { z } from 'zod'
import { judgementRecord } from './judgement.ts'
import { grouped, plural } from './numbers.ts'
import { styleFor } from './style.ts'

const count = z.int().nonnegative()
const threads = z.number().nonnegative()
const machineTime = z.strictObject({
  vm: z.string(),
  promised: threads.meta({ description: "hardware threads' worth of time" }),
  confidence: z.number(),
  seen: threads.meta({ description: 'virtual processors seen, a trigger, without any allowance' }),
  low: threads.meta({ description: 'the machine had at least this; the promise is kept if it is enough' }),
  shown: threads.meta({ description: 'the host has shown no more than this; the promise is broken if it is too little' }),
  high: threads.meta({ description: 'the machine had at most this: with all that is missing counted as if it had been running' }),
  width: threads.meta({ description: 'what chance can make of it, either way' }),
  bias: threads.meta({ description: 'what no sample shows, either way (docs/cpu-time.md)' }),
  late: count.meta({ description: 'samples in this machine that were discarded because they were late' }),
})
export type MachineTime = z.infer<typeof machineTime>

export const seriesRecord = z
  .strictObject({
    schema: z.literal('smmcheck.series/1'),
    platform: z.string(),
    elapsedMs: z.number().nonnegative().meta({ description: 'from the beginning to the last trigger that has come to an end' }),
    gapMs: z.number().positive().meta({ description: 'mean time between triggers' }),
    mostDelayNs: z.number().nonnegative().meta({ description: 'what came later than this after its trigger is discarded' }),
    leastCycleNs: z.number().positive().meta({ description: 'assumed of the host: one guest entry in this time, each thread' }),
    expected: z.number().nonnegative().meta({ description: 'triggers, on average' }),
    challenges: count,
    accepted: count,
    alarms: z.record(z.string(), count).meta({ description: 'challenges that ended in an alarm, by its kind' }),
    lost: count.meta({ description: 'challenges that the journal says nothing of, or not how they ended' }),
    heldUp: count.meta({ description: 'triggers that fell due while an answer was awaited' }),
    missed: count.meta({ description: 'triggers that fell due while nobody asked' }),
    pending: z.boolean().meta({ description: 'the last challenge may still be answered, and is left out' }),
    machines: z.array(machineTime).meta({ description: 'those with a promise of processor time' }),
    judgement: judgementRecord.nullable().meta({ description: 'promised against measured; null without an SLA' }),
  })
  .meta({ title: 'smmcheck.series/1', description: 'What a series of reports shows' })
export type SeriesRecord = z.infer<typeof seriesRecord>

export function renderSeries(record: SeriesRecord, options: { readonly colour: boolean }): string {
  const style = styleFor(options.colour)
  const { platform, elapsedMs, gapMs, mostDelayNs, leastCycleNs, expected, challenges, accepted, alarms, lost } = record
  const { heldUp, missed, pending, machines } = record
  const refused = Object.entries(alarms).map(([kind, n]) => `${grouped(n)} ${kind}`)
  const unanswered = [...refused, ...(lost > 0 ? [`${grouped(lost)} not in the journal`] : [])]
  const lines = [
    `${style.strong('Series')} of platform ${platform}: ${duration(elapsedMs)}, ${grouped(Math.round(expected))} triggers expected, one in ${duration(gapMs)}`,
    `  ${plural(challenges, 'challenge')}, ${grouped(accepted)} accepted${unanswered.length > 0 ? style.bad(`, ${unanswered.join(', ')}`) : ''}`,
  ]
  if (heldUp > 0)
    lines.push(style.notable(`  ${plural(heldUp, 'trigger')} fell due while an answer was awaited: counted as not answered`))
  if (missed > 0)
    lines.push(style.notable(`  ${plural(missed, 'trigger')} fell due while nobody asked: counted as whatever is worst`))
  if (pending) lines.push(style.faint('  the last challenge is open, and left out'))
  for (const { vm, late, bias, confidence } of machines) {
    const discarded = late === 0 ? '' : `${plural(late, 'late sample')} discarded; `
    lines.push(style.faint(`  ${vm}: ${discarded}allowance for bias ${bias.toFixed(3)} threads; at confidence ${confidence}`))
  }
  if (machines.length > 0)
    lines.push(
      style.faint(
        `  late: more than ${duration(mostDelayNs / 1e6)} after the trigger; assumed: a thread enters guests once in ${duration(leastCycleNs / 1e6)} at most`,
      ),
    )
  return `${lines.join('\n')}\n`
}

const UNITS = [
  ...[
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
    ['us', 1e-3],
  ],
] as const satisfies readonly (readonly [string, number])[]

/** Milliseconds in the largest unit of which there is at least one. */
function duration(ms: number): string {
  const [name, size] = UNITS.find(([, unit]) => ms >= unit) ?? ['ns', 1e-6]
  return `${Number((ms / Number(size)).toPrecision(3))} ${name}`
}

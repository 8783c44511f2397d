// Covers: when a proxy asks in a series: at times without a memory, drawn so that nobody can foresee them; which of them fell due in vain, and why.
// Each time is drawn when the one before it falls due, whatever has become of that: whoever answers slowly does not put off the next one.
// Leaves out: waiting and files (src/cli), what the answers are good for (src/sampling).
// Times in milliseconds of the proxy's clock.

import { randomBytes } from 'node:crypto'

export interface Schedule {
  /** File of the journal, as seen from the folder of the proxy's file. */
  readonly journal: string
  /** Mean time between triggers. */
  readonly gap: number
  /** When the next trigger falls due. */
  readonly next: number
  /** Triggers since the last challenge that fell due while its answer was awaited. */
  readonly heldUp: number
  /** And those that fell due while nobody asked. */
  readonly missed: number
  /** When the last challenge was made, and when it ended, by its deadline at the latest. */
  readonly busy: { readonly from: number; readonly until: number }
}

/** A waiting time of this mean. */
export type Waiting = (mean: number) => number

/** Exponential, from 53 bits that nobody can foresee. */
export const unforeseeable: Waiting = (mean) => {
  const bits = Number(randomBytes(8).readBigUInt64BE() >> 11n)
  return -mean * Math.log((bits + 1) / 2 ** 53)
}

export const begin = (journal: string, gap: number, now: number, waiting: Waiting): Schedule => ({
  ...{ journal, gap, next: now + waiting(gap), heldUp: 0, missed: 0 },
  busy: { from: now, until: now },
})

/** What falls due in vain at once is not worth the time to draw it. */
const MOST_IN_VAIN = 1_000_000

/** Past all that fell due by `now`; undefined when the series was left alone for too long. */
export function advance(schedule: Schedule, now: number, waiting: Waiting): Schedule | undefined {
  const { gap, busy } = schedule
  if (now - schedule.next > MOST_IN_VAIN * gap) return undefined
  let { next, heldUp, missed } = schedule
  while (next <= now) {
    if (busy.from <= next && next <= busy.until) heldUp++
    else missed++
    next += waiting(gap)
  }
  return { ...schedule, next, heldUp, missed }
}

/** The trigger that was due has become a challenge, now. */
export const asked = (schedule: Schedule, now: number, waiting: Waiting): Schedule => ({
  ...schedule,
  ...{ next: schedule.next + waiting(schedule.gap), heldUp: 0, missed: 0 },
  busy: { from: now, until: now },
})

/** The challenge has come to an end. */
export const ended = (schedule: Schedule, now: number, deadline: number): Schedule => {
  const { from } = schedule.busy
  return { ...schedule, busy: { from, until: Math.max(from, Math.min(now, from + deadline)) } }
}

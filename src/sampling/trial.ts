// Covers: one hardware thread under a scheduler, sampled by a plan: what SMM sees of it, and what was really so.
// Times in microseconds, of a clock that the host cannot set.

import { type Plan, triggers } from './plan.ts'
import { seeded } from './random.ts'
import type { Scheduler, Stretch } from './scheduler.ts'

export interface Sample {
  readonly inGuest: boolean
  /** From the trigger to SMM entry. */
  readonly delay: number
}
export interface Trial {
  readonly samples: readonly Sample[]
  /** Triggers that met one that was pending already: SMIs are latched one deep. */
  readonly coalesced: number
  /** Part of the time that the guest had. */
  readonly share: number
}
export interface Setting {
  readonly scheduler: Scheduler
  readonly plan: Plan
  /** Mean time between triggers. */
  readonly gap: number
  /** How long it all takes. */
  readonly duration: number
  /** What hardware takes at most to enter SMM when nothing holds the SMI back. */
  readonly latency: number
  readonly seed: number
}

export function trial({ scheduler, plan, gap, duration, latency, seed }: Setting): Trial {
  // Streams of their own: the host's choices must not tell the samples' times.
  const [choices, times, noise] = [seeded(seed), seeded(seed ^ 0x5bd1e995), seeded(seed ^ 0x27d4eb2f)]
  const schedule = scheduler.start(choices)
  const samples: Sample[] = []
  let [now, inGuest, coalesced] = [0, 0, 0]
  let stretch: Stretch = schedule.next(0)
  let end = stretch.length
  /** Goes on to `time`, or to the end of all. */
  const pass = (time: number): void => {
    const until = Math.min(time, duration)
    while (now < until) {
      const stop = Math.min(end, until)
      if (stretch.state === 'guest') inGuest += stop - now
      now = stop
      if (now >= end) begin()
    }
  }
  const begin = (): void => {
    stretch = schedule.next(now)
    end = now + stretch.length
  }
  for (const trigger of triggers(plan, gap, times)) {
    if (trigger >= duration) break
    if (trigger < now) {
      coalesced++
      continue
    }
    pass(trigger)
    while (stretch.state === 'held' && now < duration) pass(end)
    if (now >= duration) break
    samples.push({ inGuest: stretch.state === 'guest', delay: now - trigger + latency * noise.uniform() })
    if (schedule.sampled !== undefined) {
      schedule.sampled(now)
      begin()
    }
  }
  pass(duration)
  return { samples, coalesced, share: inGuest / duration }
}

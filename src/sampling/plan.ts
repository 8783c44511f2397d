// Covers: when a proxy triggers samples: at a fixed period, once in each slot, or at times without a memory (a Poisson process).
// Times in microseconds.

import type { Random } from './random.ts'

export const PLANS = ['periodic', 'slotted', 'memoryless'] as const
export type Plan = (typeof PLANS)[number]

/** The triggers from 0 on, ascending, without end; `gap` apart on average. */
export function* triggers(plan: Plan, gap: number, random: Random): Generator<number, never> {
  let time = 0
  for (let slot = 0; ; slot++) {
    if (plan === 'periodic') yield (slot + 1) * gap
    else if (plan === 'slotted') yield (slot + random.uniform()) * gap
    else {
      time += random.waiting(gap)
      yield time
    }
  }
}

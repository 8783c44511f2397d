// Covers: the hosts, plans and estimators that docs/cpu-time.md compares, and the errors they end with, by number of samples.
// Times in microseconds. Deterministic: trial number n of a row has seed n.

import { type Design, estimate, freedman, naive } from './estimate.ts'
import type { Plan } from './plan.ts'
import { aroundPeriod, honest, type Scheduler, untilSampled, withGifClear } from './scheduler.ts'
import { trial } from './trial.ts'

export const GAP = 10_000
export const LATENCY = 1
/** VMRUN and #VMEXIT together: what the host cannot do in less. */
export const LEAST_CYCLE = 100
export const CONFIDENCE = 0.99

export interface Row {
  readonly host: Scheduler
  readonly plan: Plan
  readonly estimator: 'naive' | 'bounded delay'
}

export const rows: readonly Row[] = [
  { host: honest(0.6), plan: 'periodic', estimator: 'naive' },
  { host: honest(0.6), plan: 'memoryless', estimator: 'bounded delay' },
  { host: aroundPeriod(GAP, 0.2), plan: 'periodic', estimator: 'naive' },
  { host: aroundPeriod(GAP, 0.2), plan: 'memoryless', estimator: 'bounded delay' },
  { host: untilSampled(GAP), plan: 'slotted', estimator: 'naive' },
  { host: untilSampled(GAP), plan: 'memoryless', estimator: 'bounded delay' },
  { host: withGifClear(100, 400), plan: 'memoryless', estimator: 'naive' },
  { host: withGifClear(100, 400), plan: 'memoryless', estimator: 'bounded delay' },
]

export const design = (expected: number): Design => ({
  expected,
  mostDelay: LATENCY,
  leastCycle: LEAST_CYCLE,
  confidence: CONFIDENCE,
})

export interface Errors {
  /** True share, mean over trials. */
  readonly share: number
  /** Of the estimated share, absolute. */
  readonly mean: number
  readonly largest: number
  /** Part of the trials in which the interval holds the true share; of the naive estimator there is none. */
  readonly covered: number | undefined
}

export function errors({ host, plan, estimator }: Row, samples: number, trials: number): Errors {
  let [share, sum, largest, covered] = [0, 0, 0, 0]
  for (let seed = 1; seed <= trials; seed++) {
    const found = trial({ scheduler: host, plan, gap: GAP, duration: samples * GAP, latency: LATENCY, seed })
    const made = estimate(found.samples, found.coalesced, design(samples))
    const error = Math.abs((estimator === 'naive' ? naive(found.samples) : made.share) - found.share)
    share += found.share / trials
    sum += error
    largest = Math.max(largest, error)
    if (made.low <= found.share && found.share <= made.high) covered++
  }
  return { share, mean: sum / trials, largest, covered: estimator === 'naive' ? undefined : covered / trials }
}

/** Half width of the interval, bias aside. */
export const halfWidth = (samples: number): number => freedman(samples, CONFIDENCE) / samples

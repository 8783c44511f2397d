// Covers: from samples to a share of time with an interval that holds it.
//
// The samples' times are a Poisson process of known rate that the host cannot foresee: whatever it does may depend on all samples so far, not on
// those to come. Then (number of samples in the guest) - rate * (time in the guest) is a martingale with jumps of at most 1 and a variation of at most
// rate * duration = n, and Freedman's inequality (1975) bounds it: with probability at least 1 - d it is within
// x = L/3 + sqrt(L^2/9 + 2 n L), L = ln(2/d). No independence is assumed: hosts that react to samples are covered.
// Hoeffding's inequality (1963) is half as wide; it holds for hosts that do not react.
//
// Leaves out: where samples come from (the report has them); the union over several threads or guests (divide d by their number).

import type { Sample } from './trial.ts'

export interface Design {
  /** Samples that the plan takes on average: rate times duration. */
  readonly expected: number
  /** A sample that took longer is late: something held the SMI back, and a guest does not. Microseconds. */
  readonly mostDelay: number
  /** A guest is entered once in this time at most (the cost of VMRUN and #VMEXIT, and what is done between). Microseconds. */
  readonly leastCycle: number
  /** In (0, 1). */
  readonly confidence: number
}
export interface Estimate {
  readonly share: number
  readonly low: number
  readonly high: number
  /** Discarded. They may have been anywhere: they count for the upper end only. */
  readonly late: number
  /** What the host can have added without being late; as much can be missing where guests leave while an SMI is on its way. */
  readonly bias: number
}

/** How far a martingale with variation `n` and jumps of at most 1 may be off, at the confidence. */
export function freedman(n: number, confidence: number): number {
  const l = Math.log(2 / (1 - confidence))
  return l / 3 + Math.sqrt((l * l) / 9 + 2 * n * l)
}
/**
 * The same at every moment at once, so that one may look as often as one likes and stop when one likes: with probability at least
 * `confidence` the martingale is within this of 0 whenever its variation is at most `n`, for all n > 0 together.
 * Freedman's inequality bounds the largest deviation until the variation reaches a horizon h. Horizons are `planned` * 2^j for all whole j; the
 * one planned may err in half of the cases that are left to err, those j steps away in 1 / (4 |j| (|j| + 1)) of them; together that is all.
 */
export function anytime(n: number, planned: number, confidence: number): number {
  const steps = Math.ceil(Math.log2(n / planned))
  const within = (j: number): number => {
    const away = Math.abs(j)
    const part = j === 0 ? 1 / 2 : 1 / (4 * away * (away + 1))
    return freedman(planned * 2 ** j, 1 - (1 - confidence) * part)
  }
  return steps <= 0 ? Math.min(within(0), within(steps)) : within(steps)
}
/** The same for n independent samples, each 0 or 1. */
export const hoeffding = (n: number, confidence: number): number => Math.sqrt((n * Math.log(2 / (1 - confidence))) / 2)

/** @param lost triggers that no sample came of. */
export function estimate(
  samples: readonly Sample[],
  lost: number,
  { expected, mostDelay, leastCycle, confidence }: Design,
): Estimate {
  const late = samples.filter(({ delay }) => delay > mostDelay).length
  const inGuest = samples.filter(({ inGuest: seen, delay }) => seen && delay <= mostDelay).length
  const width = freedman(expected, confidence) / expected
  const bias = Math.min(1, mostDelay / leastCycle)
  const share = Math.min(1, inGuest / expected)
  return {
    share,
    low: Math.max(0, inGuest / expected - width - bias),
    high: Math.min(1, (inGuest + late + lost) / expected + width + bias),
    late,
    bias,
  }
}

/** What is usually done: the part of samples that were in the guest, no questions asked. */
export const naive = (samples: readonly Sample[]): number => samples.filter((s) => s.inGuest).length / Math.max(1, samples.length)

/** How many samples it takes until the interval is within `width` on either side, bias aside. */
export function samplesFor(width: number, confidence: number): number {
  const l = Math.log(2 / (1 - confidence))
  return Math.ceil((2 * l) / (width * width) + (2 * l) / (3 * width))
}

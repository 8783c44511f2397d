// Covers: how much processor time a machine of several virtual processors had while a series of triggers was drawn: an interval, and what the host
// has shown of it.
//
// Triggers are a Poisson process of mean distance `gap`; at each one every hardware thread says what it was in. A machine's reading is how many of its
// virtual processors were seen, each once. (Sum of readings) - (virtual processors in their guests, over time, / gap) is a martingale with jumps of at
// most the number of virtual processors; estimate.ts has the bound, here for every moment at once.
//
// Whatever is missing is taken at its worst, twice:
// - for what the machine *had*, a trigger without a reading may have found all of it, or nothing;
// - for what the host *has shown*, a trigger that the host could have answered and did not, and a sample that it held back, found nothing. In a guest
//   nothing holds back an SMI, and who promises a share that is measured so promises to answer. Only what is not the host's doing may have found all:
//   triggers that nobody asked for, samples that no clock was there for, guests whose VMCB is not known.
// So no host does better by answering less.
//
// Leaves out: where readings come from (src/proxy), what was promised (src/sla).

import { anytime } from './estimate.ts'

/** How a series is drawn, and what is taken for granted of the host. */
export interface SamplingPlan {
  /** Mean time between triggers, in milliseconds. */
  readonly gap: number
  /** The number of triggers at which the interval is tightest; it holds at any. */
  readonly planned: number
  /** A sample that took longer is late. Nanoseconds. */
  readonly mostDelay: number
  /** A guest is entered once in this time at most, on each thread. Nanoseconds. */
  readonly leastCycle: number
}

export type ThreadReading = {
  /** From the trigger to SMM entry, in nanoseconds; null where no clock told. */
  readonly delay: number | null
} & ({ readonly in: 'host' } | { readonly in: 'guest'; readonly vmcb: string } | { readonly in: 'unknown' })

/** What came of one trigger. */
export interface Reading {
  readonly samples: readonly ThreadReading[]
  /** Threads of which the report should have said something, and did not. */
  readonly silentThreads: number
}

export interface Series {
  readonly plan: SamplingPlan
  /** From the beginning to the last trigger that has come to an end, in milliseconds. */
  readonly elapsed: number
  readonly readings: readonly Reading[]
  /** Triggers that no accepted report came of. */
  readonly unanswered: number
  /** Triggers that fell due while an answer was awaited: SMIs that the host had no need to fear. */
  readonly heldUp: number
  /** Triggers that fell due while nobody asked. */
  readonly missed: number
}

/** Hardware threads' worth of time. */
export interface TimeShare {
  /** What was seen, without any allowance. */
  readonly seen: number
  /** The machine had at least this. */
  readonly low: number
  /** The host has not shown more. */
  readonly shown: number
  /** The machine had at most this. */
  readonly high: number
  /** Half width that chance makes. */
  readonly width: number
  /** What work with GIF=0 in pieces that are not late can add, and what guests that leave while an SMI is on its way can hide. */
  readonly bias: number
  /** Samples in this machine that were late, all threads together: discarded. */
  readonly late: number
}

/** How many of the series' triggers there should have been. */
export const expectedTriggers = ({ elapsed, plan }: Series): number => elapsed / plan.gap

/** @param vmcbs of the machine, at least one */
export function timeShare(series: Series, vmcbs: readonly string[], confidence: number): TimeShare {
  const { plan, readings, unanswered, heldUp, missed } = series
  const own = new Set(vmcbs)
  const most = own.size
  let [seen, unexplained, held, late] = [0, 0, 0, 0]
  for (const reading of readings) {
    const one = readingOf(reading, own, plan.mostDelay)
    seen += one.seen
    unexplained += one.unexplained
    held += one.held
    late += one.late
  }
  const n = expectedTriggers(series)
  const bias = most * Math.min(1, plan.mostDelay / plan.leastCycle)
  const bounded = (threads: number): number => Math.min(most, Math.max(0, threads))
  if (n <= 0) return { seen: 0, low: 0, shown: most, high: most, width: most, bias, late }
  const width = (most * anytime(n, plan.planned, confidence)) / n
  const forgiven = unexplained + most * missed
  const withheld = held + most * (unanswered + heldUp)
  return {
    seen: bounded(seen / n),
    low: bounded(seen / n - width - bias),
    shown: bounded((seen + forgiven) / n + width + bias),
    high: bounded((seen + forgiven + withheld) / n + width + bias),
    width,
    bias,
    late,
  }
}

interface Tally {
  /** Virtual processors of the machine. */
  readonly seen: number
  /** Others of them that may have been in their guests, for all that anybody could know. */
  readonly unexplained: number
  /** And yet others, if what was held back counted. */
  readonly held: number
  readonly late: number
}

/** A virtual processor is one however many threads say that they were in it. */
function readingOf({ samples, silentThreads }: Reading, own: ReadonlySet<string>, mostDelay: number): Tally {
  const inTime = new Set<string>()
  let [open, late, lateUnknown] = [silentThreads, 0, 0]
  for (const sample of samples) {
    if (sample.in === 'host') continue
    if (sample.in === 'guest' && !own.has(sample.vmcb)) continue
    const isLate = sample.delay !== null && sample.delay > mostDelay
    if (sample.in === 'unknown') {
      if (isLate) lateUnknown++
      else open++
    } else if (isLate) late++
    else if (sample.delay === null) open++
    else inTime.add(sample.vmcb)
  }
  const seen = inTime.size
  const unexplained = Math.min(open, own.size - seen)
  return { seen, unexplained, held: Math.min(late + lateUnknown, own.size - seen - unexplained), late }
}

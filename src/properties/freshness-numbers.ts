// How long things take, in nanoseconds: what P6's inequalities come to on machines as they are. Orders of magnitude, from public measurements and
// manuals, for a reader to replace by those of his own machine; no claim depends on them but the attacks of specs/attacks, which are found on machines
// of these durations.

import type { Duration } from '../protocol/freshness-state.ts'

export interface Setting {
  readonly name: string
  /** In nanoseconds. */
  readonly times: Readonly<Record<Duration, bigint>>
  /** How much later than the least an honest answer may be: jitter of the way there and back, and between first and last stop. */
  readonly jitter: { readonly trip: bigint; readonly stop: bigint }
}

/** A store of 8 bytes that misses all caches and is seen by all: a leaf of 1 GiB, or a whole tree under another root. */
const REMAP = 1_000n
/** A poll that misses the cache; a packet seen by a thread that waits for it takes about as long. */
const SIGHT = 500n
/** A census of a small guest with leaves of 1 GiB; large ones take milliseconds. */
const CENSUS = 200_000n
const answered = (trip: bigint) => ({ TRIP: trip, REACTION: SIGHT + REMAP, ANSWER: CENSUS + trip })

export const settings = {
  rack: {
    name: 'proxy in the same rack',
    times: { ...answered(10_000n), PATIENCE: 1_000_000n, DEADLINE: 1_000_000n },
    jitter: { trip: 20_000n, stop: 100_000n },
  },
  together: {
    name: 'proxy in the same rack, threads that stop together',
    times: { ...answered(10_000n), PATIENCE: 1_000n, DEADLINE: 1_000_000n },
    jitter: { trip: 20_000n, stop: 1_000n },
  },
  city: {
    name: 'proxy in the same city',
    times: { ...answered(500_000n), PATIENCE: 1_000_000n, DEADLINE: 10_000_000n },
    jitter: { trip: 200_000n, stop: 100_000n },
  },
  internet: {
    name: 'proxy on another continent',
    times: { ...answered(50_000_000n), PATIENCE: 1_000_000n, DEADLINE: 1_000_000_000n },
    jitter: { trip: 5_000_000n, stop: 100_000n },
  },
  wire: {
    name: 'a wire from the board controller, threads that stop together',
    times: { ...answered(10_000n), PATIENCE: 1_000n, DEADLINE: 1_000_000_000n },
    jitter: { trip: 20_000n, stop: 1_000n },
  },
  exact: {
    name: 'no jitter at all',
    times: { ...answered(10_000n), PATIENCE: 1_000_000n, DEADLINE: 220_000n },
    jitter: { trip: 0n, stop: 0n },
  },
} as const satisfies Readonly<Record<string, Setting>>

/** What the deadline must be below (a host that reacts), and what it must not be below (an honest one that is unlucky). */
export function deadlines({ times, jitter }: Setting) {
  const least = times.TRIP + times.ANSWER
  return { below: least + times.REACTION, atLeast: least + 2n * jitter.trip + jitter.stop }
}

const shown = (ns: bigint): string => {
  const [unit, size] = ns >= 1_000_000n ? ['ms', 1e6] : ns >= 1_000n ? ['us', 1e3] : ['ns', 1]
  return `${Number((Number(ns) / (size as number)).toPrecision(4))} ${unit}`
}

const comparison = (setting: Setting): string => {
  const { below, atLeast } = deadlines(setting)
  const verdict = atLeast < below ? 'possible' : 'impossible'
  return `${setting.name}: a deadline below ${shown(below)} that honest answers keep, which take up to ${shown(atLeast)}: ${verdict}`
}

/** Printed with P6. */
export const freshnessNotes: readonly string[] = [
  `orders of magnitude: a leaf of 1 GiB is remapped in about ${shown(REMAP)}, a host sees in about ${shown(SIGHT)} that it is asked or that a thread has stopped`,
  ...[settings.rack, settings.city, settings.internet].map(comparison),
  'so over a network only H_OOB_TRIGGER is realistic, and it needs threads that stop within REACTION of each other: one that holds SMIs off (CLGI) sees the others stop',
]

// Covers: hosts that run a guest on one hardware thread, honest and not: what the thread does from moment to moment.
// `held` is work of the host with GIF=0: an SMI that is triggered meanwhile stays pending until the guest is entered (APM volume 2, 15.17), so it lands
// in the guest.
// Leaves out: several guests (the others are the host's work here), other threads (each is sampled alike).
// Times in microseconds.

import type { Random } from './random.ts'

export type State = 'guest' | 'host' | 'held'
export interface Stretch {
  readonly state: State
  readonly length: number
}
export interface Schedule {
  readonly next: (now: number) => Stretch
  /** A sample was taken: the host notices it afterwards, and may think again. */
  readonly sampled?: (now: number) => void
}
export interface Scheduler {
  readonly name: string
  readonly start: (random: Random) => Schedule
}

const SLICE = 3000

/** The guest gets its share, in slices of random length. */
export const honest = (share: number): Scheduler => ({
  name: 'honest',
  start: (random) => {
    let guest = false
    return {
      next: () => {
        guest = !guest
        return { state: guest ? 'guest' : 'host', length: random.waiting(2 * SLICE * (guest ? share : 1 - share)) }
      },
    }
  },
})

/** The guest runs around the multiples of a period that the host knows, and never else. */
export const aroundPeriod = (period: number, share: number): Scheduler => ({
  name: 'runs the guest at the expected samples',
  start: () => ({
    next: (now) => {
      const half = (share * period) / 2
      const phase = now % period
      if (phase < half) return { state: 'guest', length: half - phase }
      if (phase < period - half) return { state: 'host', length: period - half - phase }
      return { state: 'guest', length: period - phase + half }
    },
  }),
})

/** The guest runs until it is sampled, then not until the next slot begins. */
export const untilSampled = (slot: number): Scheduler => ({
  name: 'runs the guest until it was sampled',
  start: () => {
    let resting = -1
    return {
      next: (now) => {
        const current = Math.floor(now / slot)
        const left = Math.max((current + 1) * slot - now, Number.MIN_VALUE)
        return { state: current === resting ? 'host' : 'guest', length: left }
      },
      sampled: (now) => {
        resting = Math.floor(now / slot)
      },
    }
  },
})

/** All of the host's own work is done with GIF=0, in pieces. */
export const withGifClear = (guest: number, own: number): Scheduler => ({
  name: `works with GIF=0, ${own} us at a time`,
  start: (random) => {
    let inGuest = false
    return {
      next: () => {
        inGuest = !inGuest
        // A little irregular, so that nothing is in step with anything.
        return inGuest
          ? { state: 'guest', length: guest * (0.5 + random.uniform()) }
          : { state: 'held', length: own * (0.5 + random.uniform()) }
      },
    }
  },
})

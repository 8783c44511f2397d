// A series from beginning to end, in memory: a proxy that draws its times, a platform with one hardware thread whose host is as honest as the test
// wants it, real challenges, reports and tags, and the journal that comes of it.

import { encodeReport } from '../../src/proxy/wire.ts'
import { admit, type PlatformState } from '../../src/proxy/challenge.ts'
import { ask, decide, expire, type ProxyState } from '../../src/proxy/decision.ts'
import type { Entry, Header } from '../../src/proxy/journal.ts'
import { sealed } from '../../src/proxy/mac.ts'
import type { Report, ThreadSample } from '../../src/proxy/report.ts'
import { advance, asked, begin, ended, type Waiting } from '../../src/proxy/schedule.ts'
import { seeded } from '../../src/sampling/random.ts'
import type { Scheduler } from '../../src/sampling/scheduler.ts'
import type { SamplingPlan } from '../../src/sampling/time-share.ts'
import { COMPLETE, KEY, PLATFORM } from './samples.ts'

export const VMCB = '0x10fd65000'
export const PLAN: SamplingPlan = { gap: 10, planned: 1000, mostDelay: 1000, leastCycle: 100_000 }
const DEADLINE = 1000
const START = 1_000_000
/** Nanoseconds that hardware takes when nothing is in the way. */
const LATENCY = 400

/** What becomes of a report: how many milliseconds it takes, or that it is dropped. */
export type Carrier = (sample: ThreadSample) => number | 'dropped'

export interface Lab {
  readonly scheduler: Scheduler
  readonly challenges: number
  readonly seed?: number
  readonly carry?: Carrier
  /** Changes what the handler reports: a platform without a clock. */
  readonly sample?: (sample: ThreadSample) => ThreadSample
  readonly plan?: SamplingPlan
}
export interface Held {
  readonly header: Header
  readonly entries: readonly Entry[]
  readonly state: ProxyState
  readonly now: number
  /** Part of the time until the last trigger that the guest had. */
  readonly share: number
}

/** The host's clock is in microseconds, the proxy's in milliseconds. */
class Host {
  private readonly schedule
  private now = 0
  private stretch
  private left: number
  inGuest = 0
  constructor({ start }: Scheduler, seed: number) {
    this.schedule = start(seeded(seed))
    this.stretch = this.schedule.next(0)
    this.left = this.stretch.length
  }
  private begin(): void {
    this.stretch = this.schedule.next(this.now)
    this.left = this.stretch.length
  }
  pass(until: number): void {
    while (this.now < until) {
      const step = Math.min(this.left, until - this.now)
      if (this.stretch.state === 'guest') this.inGuest += step
      this.now += step
      this.left -= step
      if (this.left <= 0) this.begin()
    }
  }
  /** An SMI is triggered now. */
  sample(): ThreadSample {
    const before = this.now
    while (this.stretch.state === 'held') this.pass(this.now + this.left)
    const delay = Math.round(1000 * (this.now - before)) + LATENCY
    const guest = this.stretch.state === 'guest'
    this.schedule.sampled?.(this.now)
    if (this.schedule.sampled !== undefined) this.begin()
    return guest ? { thread: 0, delay, in: 'guest', vmcb: VMCB } : { thread: 0, delay, in: 'host' }
  }
}

export function hold({ scheduler, challenges, seed = 1, carry = () => 1, sample = (s) => s, plan = PLAN }: Lab): Held {
  const [host, times, nonces] = [new Host(scheduler, seed), seeded(seed ^ 0x5bd1e995), seeded(seed ^ 0x27d4eb2f)]
  const waiting: Waiting = (mean) => times.waiting(mean)
  const none = { sequence: 0n, counter: 0n }
  let state: ProxyState = { proxy: 7n, platform: PLATFORM, deadline: DEADLINE, counter: 0n, seen: none, open: null, series: null }
  const header: Header = {
    ...{ schema: 'smmcheck.journal/1', proxy: state.proxy, platform: PLATFORM, deadline: DEADLINE, counter: 0n, seen: none },
    ...{ started: START, ...plan },
  }
  let schedule = begin('j', plan.gap, START, waiting)
  let platform: PlatformState = { platform: PLATFORM, proxy: 7n, counter: 0n, sequence: 0n }
  const entries: Entry[] = []
  let now = START
  let share = 0
  for (let n = 0; n < challenges; n++) {
    schedule = advance(schedule, now, waiting)!
    now = schedule.next
    host.pass(1000 * (now - START))
    share = host.inGuest / (1000 * (now - START))
    const made = ask(state, KEY, BigInt(Math.floor(2 ** 40 * nonces.uniform())), now)
    if (!made.ok) throw new Error(made.refusal.kind)
    state = made.state
    entries.push({ asked: state.open!.nonce, due: now, at: now, heldUp: schedule.heldUp, missed: schedule.missed })
    schedule = asked(schedule, now, waiting)
    const admitted = admit(platform, KEY, made.challenge)
    if (!admitted.ok) throw new Error(admitted.refusal.kind)
    platform = admitted.state
    const told = host.sample()
    const report: Report = {
      ...{ ...COMPLETE, nonce: admitted.nonce, sequence: platform.sequence, threads: { expected: 1, arrived: 1 } },
      samples: [sample(told)],
    }
    const fate = carry(told)
    now += fate === 'dropped' ? DEADLINE + 1 : fate
    const message = fate === 'dropped' ? null : sealed(KEY, 'report', encodeReport(report))
    const decided = message === null ? expire(state, now)! : decide(state, KEY, message, now)
    const { outcome } = decided
    if (outcome.kind === 'discarded') throw new Error(outcome.discard.kind)
    state = decided.state
    schedule = ended(schedule, now, DEADLINE)
    const as = outcome.kind === 'accepted' ? outcome.kind : outcome.alarm.kind
    entries.push({ ended: as, counter: admitted.nonce.counter, at: now, report: message?.toString('base64') ?? null })
  }
  return { header, entries, state: { ...state, series: schedule }, now, share }
}

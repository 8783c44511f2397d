// Covers: what a proxy makes of a message, of time that passes, and whom it asks next: pure functions of its state. Every challenge ends in an
// accepted report or in an alarm, by its deadline.
// What does not prove to come from the platform (no valid tag, another challenge's nonce) is discarded: anybody can send it, and it says nothing about
// the platform. What does is accepted, or is an alarm.
// Leaves out: clocks, networks, files (src/cli). src/protocol has its rules as a transition system.

import type { CensusStatus } from '../report/census.ts'
import type { WireFault } from './bytes.ts'
import { encodeChallenge } from './challenge.ts'
import { opened } from './mac.ts'
import { type Nonce, sameNonce } from './nonce.ts'
import { COVERAGE, type Coverage, type Report } from './report.ts'
import type { Schedule } from './schedule.ts'
import { decodeReport } from './wire.ts'

export interface ProxyState {
  /** 64 bits. */
  readonly proxy: bigint
  /** The platform that is asked: 128 bits, in hexadecimal. */
  readonly platform: string
  /** How long an answer may take, in milliseconds. */
  readonly deadline: number
  /** The counter of the last challenge; 0: none. */
  readonly counter: bigint
  /** Sequence number and counter of the last report that proved to come from the platform; 0: none. */
  readonly seen: { readonly sequence: bigint; readonly counter: bigint }
  readonly open: { readonly nonce: Nonce /** Milliseconds of the proxy's clock. */; readonly since: number } | null
  /** The series that challenges belong to; null: none. */
  readonly series: Schedule | null
}

export type Alarm =
  | { readonly kind: 'silent' | 'late'; readonly elapsed: number; readonly deadline: number }
  | { readonly kind: 'clock-went-back'; readonly elapsed: number }
  | { readonly kind: 'wrong-platform'; readonly asked: string; readonly answered: string }
  | { readonly kind: 'sequence-behind' | 'sequence-ahead'; readonly found: bigint; readonly least: bigint; readonly most: bigint }
  | { readonly kind: 'incomplete-census'; readonly status: CensusStatus }
  | { readonly kind: 'coverage'; readonly missing: readonly Coverage[] }
  | { readonly kind: 'threads-missing'; readonly expected: number; readonly arrived: number }

export type Discard =
  | { readonly kind: 'wrong-mac' }
  | { readonly kind: 'malformed'; readonly fault: WireFault }
  | { readonly kind: 'nothing-asked' }
  | { readonly kind: 'other-proxy'; readonly proxy: bigint }
  | { readonly kind: 'replayed'; readonly counter: bigint; readonly asked: bigint }
  | { readonly kind: 'never-asked'; readonly counter: bigint; readonly asked: bigint }

export type Outcome =
  | { readonly kind: 'accepted'; readonly report: Report }
  | {
      readonly kind: 'alarm'
      readonly alarm: Alarm
      readonly nonce: Nonce /** Authentic all the same. */
      readonly report?: Report
    }
  | { readonly kind: 'discarded'; readonly discard: Discard }

export interface Decided {
  readonly outcome: Outcome
  readonly state: ProxyState
}

/** What the message means at time `now`. */
export function decide(state: ProxyState, key: Uint8Array, message: Uint8Array, now: number): Decided {
  const discard = (why: Discard): Decided => ({ outcome: { kind: 'discarded', discard: why }, state })
  const envelope = opened(key, 'report', message)
  const read = decodeReport(envelope.body)
  if (!read.ok) return discard({ kind: 'malformed', fault: read.fault })
  if (!envelope.authentic) return discard({ kind: 'wrong-mac' })
  const report = read.value
  if (report.nonce.proxy !== state.proxy) return discard({ kind: 'other-proxy', proxy: report.nonce.proxy })
  const { open } = state
  if (open === null) return discard({ kind: 'nothing-asked' })
  if (!sameNonce(report.nonce, open.nonce)) {
    const counters = { counter: report.nonce.counter, asked: open.nonce.counter }
    return discard({ kind: counters.counter < counters.asked ? 'replayed' : 'never-asked', ...counters })
  }
  const alarm = alarmOf(state, open.since, report, now)
  const seen = inOrder(state, report) ? { sequence: report.sequence, counter: report.nonce.counter } : state.seen
  const after: ProxyState = { ...state, open: null, seen }
  if (alarm === undefined) return { outcome: { kind: 'accepted', report }, state: after }
  return { outcome: { kind: 'alarm', alarm, nonce: open.nonce, report }, state: after }
}

/** A platform makes at most one report for each counter, so its number grows, and no faster than the counter. */
const expected = ({ seen }: ProxyState, { nonce }: Report): { readonly least: bigint; readonly most: bigint } => ({
  least: seen.sequence + 1n,
  most: seen.sequence + nonce.counter - seen.counter,
})
function inOrder(state: ProxyState, report: Report): boolean {
  const { least, most } = expected(state, report)
  return report.platform === state.platform && report.sequence >= least && report.sequence <= most
}

function alarmOf(state: ProxyState, since: number, report: Report, now: number): Alarm | undefined {
  const { platform, deadline } = state
  const elapsed = now - since
  if (elapsed < 0) return { kind: 'clock-went-back', elapsed }
  if (elapsed > deadline) return { kind: 'late', elapsed, deadline }
  if (report.platform !== platform) return { kind: 'wrong-platform', asked: platform, answered: report.platform }
  const { least, most } = expected(state, report)
  if (report.sequence < least) return { kind: 'sequence-behind', found: report.sequence, least, most }
  if (report.sequence > most) return { kind: 'sequence-ahead', found: report.sequence, least, most }
  if (report.status !== 'complete') return { kind: 'incomplete-census', status: report.status }
  const { threads } = report
  if (threads.expected === 0 || threads.arrived < threads.expected) return { kind: 'threads-missing', ...threads }
  const missing = COVERAGE.filter((name) => !report.coverage.includes(name))
  return missing.length > 0 ? { kind: 'coverage', missing } : undefined
}

/** The alarm that is due at `now`, if one is. */
export function expire(state: ProxyState, now: number): Decided | undefined {
  const { open, deadline } = state
  if (open === null) return undefined
  const elapsed = now - open.since
  if (elapsed >= 0 && elapsed <= deadline) return undefined
  const alarm: Alarm = elapsed < 0 ? { kind: 'clock-went-back', elapsed } : { kind: 'silent', elapsed, deadline }
  return { outcome: { kind: 'alarm', alarm, nonce: open.nonce }, state: { ...state, open: null } }
}

const LAST_COUNTER = 2n ** 64n - 1n
export type Asked =
  | { readonly ok: true; readonly state: ProxyState; readonly challenge: Buffer }
  | {
      readonly ok: false
      readonly refusal: { readonly kind: 'still-open'; readonly nonce: Nonce } | { readonly kind: 'counter-spent' }
    }

/** The next challenge. @param random 128 bits that nobody can foresee */
export function ask(state: ProxyState, key: Uint8Array, random: bigint, now: number): Asked {
  if (state.open !== null) return { ok: false, refusal: { kind: 'still-open', nonce: state.open.nonce } }
  if (state.counter === LAST_COUNTER) return { ok: false, refusal: { kind: 'counter-spent' } }
  const nonce: Nonce = { proxy: state.proxy, counter: state.counter + 1n, random }
  return {
    ok: true,
    state: { ...state, counter: nonce.counter, open: { nonce, since: now } },
    challenge: encodeChallenge(key, nonce),
  }
}

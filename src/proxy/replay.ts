// Covers: a series out of its journal: every decision of the proxy is made again, with the key, from the reports as they arrived; what the record
// says must be what comes out. What the journal lacks counts as a challenge that was not answered.
// Leaves out: the times in the journal, which are the proxy's word; shares of time (src/sampling), promises (src/sla).

import type { Reading, Series } from '../sampling/time-share.ts'
import { decide, expire, type Outcome, type ProxyState } from './decision.ts'
import { describeAlarm, describeDiscard } from './describe.ts'
import type { Entry, Header, JournalFault } from './journal.ts'
import type { Report } from './report.ts'

type Asked = Extract<Entry, { readonly asked: unknown }>
type Ended = Extract<Entry, { readonly ended: unknown }>
type Closed = Extract<Entry, { readonly closed: unknown }>

/** How far the proxy has come, if its file belongs to the journal: the counter of its last challenge, and when that was made. */
export interface Reached {
  readonly counter: bigint
  readonly at: number
}
export interface Replayed {
  readonly series: Series
  readonly challenges: number
  readonly accepted: number
  /** By the kind of alarm. */
  readonly alarms: ReadonlyMap<string, number>
  /** Challenges that the journal says nothing of, or not how they ended. */
  readonly lost: number
  /** The last challenge may still be answered: it is left out. */
  readonly pending: boolean
}
export type Finished = { readonly ok: true; readonly value: Replayed } | { readonly ok: false; readonly fault: JournalFault }

export class Replay {
  private readonly header: Header
  private readonly key: Uint8Array
  private readonly onAccepted: (report: Report) => void
  private state: ProxyState
  private open: Asked | undefined
  /** To where the series reaches: the last trigger that has come to an end. */
  private reached: number
  private clock: number
  private closed: Reached | undefined
  private readonly readings: Reading[] = []
  private readonly alarms = new Map<string, number>()
  private challenges = 0
  private lost = 0
  private inVain = { heldUp: 0, missed: 0 }

  /** @param onAccepted called with each report that is accepted, in order */
  constructor(header: Header, key: Uint8Array, onAccepted: (report: Report) => void) {
    this.header = header
    this.key = key
    this.onAccepted = onAccepted
    this.reached = header.started
    this.clock = header.started
    const { proxy, platform, deadline, counter, seen } = header
    this.state = { proxy, platform, deadline, counter, seen, open: null, series: null }
  }

  /** The next line. A fault ends the replay. */
  take(entry: Entry, line: number): JournalFault | undefined {
    const order = (detail: string): JournalFault => ({ kind: 'order', line, detail })
    if ('closed' in entry) return this.close(entry, order)
    if (this.closed !== undefined) return order('the series was closed in the line before')
    // A clock that went back is an alarm of its own, and the schedule goes on from where it was.
    if (!('ended' in entry && entry.ended === 'clock-went-back')) {
      if (entry.at < this.clock) return order(`it is ${Math.ceil(this.clock - entry.at)} ms before the line before it`)
      this.clock = entry.at
    }
    return 'ended' in entry ? this.end(entry, line, order) : this.ask(entry, order)
  }

  /** Closing may have been begun again after a crash. */
  private close({ closed: counter, at }: Closed, order: (detail: string) => JournalFault): JournalFault | undefined {
    if (counter < this.state.counter) return order(`closed at challenge ${counter}, after challenge ${this.state.counter}`)
    this.closed = { counter, at }
    return undefined
  }

  private ask(entry: Asked, order: (detail: string) => JournalFault): JournalFault | undefined {
    const { asked: nonce, due, at } = entry
    const { counter, proxy } = this.state
    if (nonce.proxy !== proxy) return order(`a challenge of proxy ${nonce.proxy}, in a journal of ${proxy}`)
    if (nonce.counter <= counter)
      return order(`challenge ${nonce.counter} comes after challenge ${counter}: repeated, or out of order`)
    if (due > at || due < this.reached) return order(`challenge ${nonce.counter} fell due at ${due}, out of order`)
    this.forget()
    this.lost += Number(nonce.counter - counter - 1n)
    this.challenges++
    this.open = entry
    this.state = { ...this.state, counter: nonce.counter, open: { nonce, since: at } }
    return undefined
  }

  /** A challenge whose end is not written down has none that counts. */
  private forget(): void {
    if (this.open === undefined) return
    this.lost++
    this.settle(this.open)
  }
  private settle({ due, heldUp, missed }: Asked): void {
    this.reached = due
    this.inVain = { heldUp: this.inVain.heldUp + heldUp, missed: this.inVain.missed + missed }
    this.open = undefined
    this.state = { ...this.state, open: null }
  }

  private end(entry: Ended, line: number, order: (detail: string) => JournalFault): JournalFault | undefined {
    const { open, state } = this
    if (open === undefined || open.asked.counter !== entry.counter)
      return order(`challenge ${entry.counter} ends, and is not open: repeated, or out of order`)
    const decided =
      entry.report === null ? expire(state, entry.at) : decide(state, this.key, Buffer.from(entry.report, 'base64'), entry.at)
    const outcome = decided?.outcome
    const found = kindOf(outcome)
    if (decided === undefined || outcome === undefined || found !== entry.ended)
      return {
        kind: 'other-decision',
        line,
        detail: `challenge ${entry.counter} is said to end as "${entry.ended}", and ${inWords(outcome)}`,
      }
    this.state = decided.state
    if (outcome.kind === 'accepted') {
      this.readings.push(readingOf(outcome.report))
      this.onAccepted(outcome.report)
    } else this.alarms.set(found, (this.alarms.get(found) ?? 0) + 1)
    this.settle(open)
    return undefined
  }

  /** @param current where the proxy is, when this is the series that it is at. @param now by its clock */
  finish(current: Reached | undefined, now: number): Finished {
    const fault = (detail: string): Finished => ({ ok: false, fault: { kind: 'other-series', detail } })
    const last = this.closed ?? current
    if (last === undefined)
      return fault('it was never closed, and the proxy is at another series: one of the two files is of another time')
    const { counter } = this.state
    if (last.counter < counter) return fault(`it has challenge ${counter}, and the proxy has made ${last.counter} only`)
    const pending = this.open !== undefined && last.counter === counter && now <= this.open.at + this.header.deadline
    if (!pending) this.forget()
    if (last.counter > counter) {
      this.lost += Number(last.counter - counter)
      this.reached = Math.max(this.reached, last.at)
    }
    const { gap, planned, mostDelay, leastCycle, started } = this.header
    const alarms = [...this.alarms.values()].reduce((sum, n) => sum + n, 0)
    const series: Series = {
      plan: { gap, planned, mostDelay, leastCycle },
      elapsed: this.reached - started,
      readings: this.readings,
      unanswered: alarms + this.lost,
      ...this.inVain,
    }
    const { challenges, lost } = this
    return { ok: true, value: { series, challenges, accepted: this.readings.length, alarms: this.alarms, lost, pending } }
  }
}

const kindOf = (outcome: Outcome | undefined): string | undefined =>
  outcome === undefined || outcome.kind === 'discarded' ? undefined : outcome.kind === 'alarm' ? outcome.alarm.kind : outcome.kind

function inWords(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'its deadline had not passed'
  if (outcome.kind === 'accepted') return 'its report is accepted'
  return outcome.kind === 'alarm' ? describeAlarm(outcome.alarm) : describeDiscard(outcome.discard)
}

const readingOf = ({ samples, threads }: Report): Reading => ({
  samples,
  silentThreads: Math.max(0, threads.expected - samples.length),
})

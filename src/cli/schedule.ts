// A proxy's challenges as part of a series: waiting for the next time that was drawn, and the lines of the journal.

import { dirname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Decided, ProxyState } from '../proxy/decision.ts'
import { readProxy, writeProxy } from '../proxy/files.ts'
import { appendEntry } from '../proxy/journal.ts'
import { advance, asked, ended, type Schedule, unforeseeable } from '../proxy/schedule.ts'
import { UsageError } from './usage.ts'
import { value } from './value.ts'

/** Shorter waits are not worth a word. */
const WORTH_SAYING_MS = 500
/** What a timer of Node can wait at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const journalOf = (proxyPath: string, { journal }: Schedule): string => resolve(dirname(proxyPath), journal)

/** Waits for the next trigger. @returns what the proxy keeps then. @throws UsageError when something else used the proxy meanwhile */
export async function atItsTime(before: ProxyState, series: Schedule, path: string): Promise<ProxyState> {
  const schedule = advance(series, Date.now(), unforeseeable)
  if (schedule === undefined)
    throw new UsageError(`${path}: more than a million triggers of its series have been missed; smmcheck series begins another`)
  // Times that are drawn are kept: who is interrupted finds the same ones again.
  value(writeProxy(path, { ...before, series: schedule }))
  const wait = schedule.next - Date.now()
  if (wait > WORTH_SAYING_MS) process.stderr.write(`waiting ${(wait / 1000).toFixed(1)} s, to a time that nobody could foresee\n`)
  for (let left = wait; left > 0; left = schedule.next - Date.now()) await setTimeout(Math.min(left, LONGEST_TIMER_MS))
  const state = value(readProxy(path))
  if (state.counter !== before.counter || state.series?.next !== schedule.next || state.series.journal !== schedule.journal)
    throw new UsageError(`${path}: something else used this proxy in the meantime; ask again`)
  return state
}

/** The challenge was the series' next trigger, if there is one. */
export const scheduled = (state: ProxyState, now: number): ProxyState =>
  state.series === null ? state : { ...state, series: asked(state.series, now, unforeseeable) }

/** @param before when the challenge was due. @param after when it is made */
export function noteAsked(path: string, { series: before }: ProxyState, { series, open }: ProxyState): void {
  if (before === null || series === null || open === null) return
  const { next: due, heldUp, missed } = before
  value(appendEntry(journalOf(path, series), { asked: open.nonce, due, at: open.since, heldUp, missed }))
}

/** A challenge has come to an end: what the proxy keeps, and a line of the journal. */
export function writeEnd(path: string, { outcome, state }: Decided, message: Buffer | undefined, now: number): void {
  const series = state.series === null ? null : ended(state.series, now, state.deadline)
  value(writeProxy(path, { ...state, series }))
  if (series === null || outcome.kind === 'discarded') return
  const { report } = outcome
  const nonce = outcome.kind === 'accepted' ? outcome.report.nonce : outcome.nonce
  value(
    appendEntry(journalOf(path, series), {
      ended: outcome.kind === 'accepted' ? outcome.kind : outcome.alarm.kind,
      counter: nonce.counter,
      at: now,
      report: report === undefined || message === undefined ? null : message.toString('base64'),
    }),
  )
}

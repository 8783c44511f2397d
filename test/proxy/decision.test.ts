// What a proxy decides: each reason for an alarm or a discard alone, and random histories with an adversary who sends what it has seen.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { admit, type PlatformState } from '../../src/proxy/challenge.ts'
import { ask, decide, expire, type Outcome, type ProxyState } from '../../src/proxy/decision.ts'
import { describeAlarm, describeDiscard } from '../../src/proxy/describe.ts'
import { sealed } from '../../src/proxy/mac.ts'
import { COVERAGE, type Report } from '../../src/proxy/report.ts'
import { encodeReport } from '../../src/proxy/wire.ts'
import { INCOMPLETE_STATUSES } from '../../src/report/census.ts'
import type { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'
import { COMPLETE, KEY, NONCE, OTHER_KEY, PLATFORM } from './samples.ts'

const STATE: ProxyState = {
  ...{ proxy: NONCE.proxy, platform: PLATFORM, deadline: 1000, counter: NONCE.counter },
  ...{ seen: { sequence: 1n, counter: 2n }, open: { nonce: NONCE, since: 5000 }, series: null },
}
const message = (change: Partial<Report> = {}, key = KEY): Buffer =>
  sealed(key, 'report', encodeReport({ ...COMPLETE, ...change }))
const outcome = (bytes: Uint8Array, now = 5500, state = STATE): Outcome => decide(state, KEY, bytes, now).outcome
const reason = (o: Outcome): string => (o.kind === 'alarm' ? o.alarm.kind : o.kind === 'discarded' ? o.discard.kind : 'accepted')
const why = (change: Partial<Report>, now?: number, state?: ProxyState): string => reason(outcome(message(change), now, state))

const single = suite('a proxy, one message')

single('a complete report that answers the open challenge in time is accepted, and ends it', () => {
  const { outcome: o, state } = decide(STATE, KEY, message(), 5500)
  assert.equal(o, { kind: 'accepted', report: COMPLETE })
  assert.equal(state, { ...STATE, open: null, seen: { sequence: 2n, counter: 3n } })
  assert.is(why({}, 6000), 'accepted')
  assert.is(reason(outcome(message(), 5500, state)), 'nothing-asked')
})

single('what is not authentic changes nothing', () => {
  const bad: readonly [Uint8Array, string][] = [
    [message({}, OTHER_KEY), 'wrong-mac'],
    [message().subarray(0, -1), 'malformed'],
    [Buffer.concat([message(), Buffer.of(0)]), 'malformed'],
    [Buffer.alloc(0), 'malformed'],
    [Buffer.from('not a report at all, but some text of more than thirty-two bytes'), 'malformed'],
    [message({ nonce: { ...NONCE, counter: 2n } }), 'replayed'],
    [message({ nonce: { ...NONCE, random: 0n } }), 'never-asked'],
    [message({ nonce: { ...NONCE, counter: 4n } }), 'never-asked'],
    [message({ nonce: { ...NONCE, proxy: 8n } }), 'other-proxy'],
  ]
  for (const [bytes, kind] of bad) {
    const decided = decide(STATE, KEY, bytes, 5500)
    assert.is(reason(decided.outcome), kind)
    assert.is(decided.outcome.kind, 'discarded')
    assert.is(decided.state, STATE)
  }
})

single('what is authentic and not as it should be is an alarm with its reason, and ends the challenge', () => {
  type Case = readonly [change: Partial<Report>, kind: string, now?: number]
  const cases: readonly Case[] = [
    [{}, 'late', 6001],
    [{}, 'clock-went-back', 4999],
    [{ platform: 'f'.repeat(32) }, 'wrong-platform'],
    [{ sequence: 1n }, 'sequence-behind'],
    [{ sequence: 3n }, 'sequence-ahead'],
    [{ threads: { expected: 2, arrived: 1 } }, 'threads-missing'],
    [{ threads: { expected: 0, arrived: 0 } }, 'threads-missing'],
    ...INCOMPLETE_STATUSES.map((status): Case => [{ status }, 'incomplete-census']),
    ...COVERAGE.map((missing): Case => [{ coverage: COVERAGE.filter((c) => c !== missing) }, 'coverage']),
  ]
  for (const [change, kind, now] of cases) {
    const decided = decide(STATE, KEY, message(change), now ?? 5500)
    assert.is(reason(decided.outcome), kind)
    assert.is(decided.outcome.kind, 'alarm')
    assert.is(decided.state.open, null)
    if (decided.outcome.kind === 'alarm') assert.match(describeAlarm(decided.outcome.alarm), /\w{3}/)
  }
})

single('a report that was lost leaves a gap in the numbers, and no alarm of its own', () => {
  // Three challenges since the last report that was seen: at most three reports.
  const state = { ...STATE, counter: 5n, open: { nonce: { ...NONCE, counter: 5n }, since: 5000 } }
  for (const [sequence, kind] of [
    [1n, 'sequence-behind'],
    [2n, 'accepted'],
    [4n, 'accepted'],
    [5n, 'sequence-ahead'],
  ] as const)
    assert.is(why({ nonce: { ...NONCE, counter: 5n }, sequence }, 5500, state), kind)
})

single('a platform whose numbers went wrong stays suspicious', () => {
  const { state } = decide(STATE, KEY, message({ sequence: 9n }), 5500)
  const asked = ask(state, KEY, 1n, 7000)
  assert.ok(asked.ok)
  if (!asked.ok) return
  const next = { nonce: asked.state.open!.nonce, sequence: 10n }
  assert.is(why(next, 7100, asked.state), 'sequence-ahead')
})

single('silence is an alarm when the deadline has passed, not before', () => {
  assert.is(expire(STATE, 6000), undefined)
  const due = expire(STATE, 6001)
  assert.is(due?.outcome.kind, 'alarm')
  assert.is(reason(due!.outcome), 'silent')
  assert.is(due?.state.open, null)
  assert.is(expire({ ...STATE, open: null }, 10 ** 9), undefined)
  assert.is(reason(expire(STATE, 4999)!.outcome), 'clock-went-back')
})

single('one challenge at a time, each with the next counter, up to the last there is', () => {
  const refused = ask(STATE, KEY, 1n, 0)
  assert.is(refused.ok ? 'asked' : refused.refusal.kind, 'still-open')
  const asked = ask({ ...STATE, open: null }, KEY, 1n, 0)
  assert.ok(asked.ok && asked.state.counter === 4n && asked.state.open?.nonce.counter === 4n)
  const spent = ask({ ...STATE, open: null, counter: 2n ** 64n - 1n }, KEY, 1n, 0)
  assert.is(spent.ok ? 'asked' : spent.refusal.kind, 'counter-spent')
})

single('words for every discard', () => {
  for (const discard of [
    { kind: 'wrong-mac' },
    { kind: 'nothing-asked' },
    { kind: 'replayed', counter: 1n, asked: 2n },
    { kind: 'malformed', fault: { kind: 'truncated', at: 3, needed: 4 } },
  ] as const)
    assert.match(describeDiscard(discard), /\w{3}/)
})
single.run()

/** One history: a proxy, its platform, and a network that loses, repeats, delays, reorders, damages. */
function history(choices: Choices): readonly string[] {
  let proxy: ProxyState = { ...STATE, counter: 0n, seen: { sequence: 0n, counter: 0n }, open: null, series: null }
  let platform: PlatformState = { platform: PLATFORM, proxy: NONCE.proxy, counter: 0n, sequence: 0n }
  const network: Buffer[] = []
  const issued = new Map<string, Report>()
  const ended = new Map<bigint, string>()
  const log: string[] = []
  let now = 1000
  const end = (counter: bigint, how: string): void => {
    assert.not.ok(ended.has(counter), `challenge ${counter} ended twice`)
    ended.set(counter, how)
    log.push(how)
  }
  for (let step = 0; step < 60; step++) {
    const what = choices.below(8)
    if (what === 0) {
      const asked = ask(proxy, KEY, BigInt(choices.below(1000)), now)
      if (asked.ok) {
        proxy = asked.state
        network.push(asked.challenge)
      }
    } else if (what <= 2 && network.length > 0) {
      // Any message there ever was may come to the platform.
      const answer = admit(platform, KEY, network[choices.below(network.length)]!)
      if (answer.ok) {
        platform = answer.state
        const status = choices.below(4) === 0 ? 'partial' : 'complete'
        const report: Report = { ...COMPLETE, nonce: answer.nonce, sequence: platform.sequence, status }
        const bytes = sealed(KEY, 'report', encodeReport(report))
        issued.set(bytes.toString('hex'), report)
        network.push(bytes)
      }
    } else if (what <= 5 && network.length > 0) {
      const sent = Buffer.from(network[choices.below(network.length)]!)
      if (choices.below(4) === 0) sent[choices.below(sent.length)]! ^= 1 << choices.below(8)
      const before = proxy.open
      const decided = decide(proxy, KEY, sent, now)
      proxy = decided.state
      const { outcome: o } = decided
      if (o.kind === 'accepted') {
        // R1: the handler issued exactly this; R3: for the challenge that is open, in time; R4: and it was complete.
        assert.equal(issued.get(sent.toString('hex')), o.report)
        assert.is(o.report.nonce.counter, before?.nonce.counter)
        assert.ok(now - before!.since <= STATE.deadline)
        assert.is(o.report.status, 'complete')
      }
      // An honest platform never looks as if it had lost its counters (R5).
      if (o.kind === 'alarm') assert.is(o.alarm.kind, 'incomplete-census')
      if (o.kind !== 'discarded') end(before!.nonce.counter, o.kind)
    } else {
      now += choices.below(400)
      const due = expire(proxy, now)
      if (due !== undefined && due.outcome.kind === 'alarm') {
        end(due.outcome.nonce.counter, 'silent')
        proxy = due.state
      }
      // P4: what is open is not overdue.
      assert.ok(proxy.open === null || now - proxy.open.since <= STATE.deadline)
    }
  }
  // Every challenge but an open one has ended, once.
  const open = proxy.open === null ? 0n : 1n
  assert.is(BigInt(ended.size), proxy.counter - open)
  return log
}

const histories = suite('a proxy, any history')
histories('accepted reports are genuine, once, in time and complete; every challenge ends', () => {
  const seen = new Map<string, number>()
  forAll(
    400,
    (choices) => choices,
    () => 'a history',
    (choices) => {
      for (const how of history(choices)) seen.set(how, (seen.get(how) ?? 0) + 1)
    },
  )
  for (const how of ['accepted', 'alarm', 'silent']) assert.ok((seen.get(how) ?? 0) > 30, `${how}: ${seen.get(how)}`)
})
histories.run()

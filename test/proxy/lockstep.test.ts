// The proxy and the platform that run (src/proxy) beside the transition system that claims R1-R7 are about (src/protocol): the same history, step by
// step, the same decisions, and the same numbers kept. The adversary has the key here, so that every decision comes up; tags are ideal in the model and
// HMAC-SHA-256 beside it.
// Leaves out: late reports (the model's timer has ended their challenge), clocks that go back, messages that are no messages (wire.test.ts).

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ReferenceState } from '../../src/executor/simulation/reference.ts'
import type { ArrayValue, Value } from '../../src/model/evaluate.ts'
import type { Action, Table, Variable } from '../../src/model/system.ts'
import type { Term } from '../../src/model/term.ts'
import { takeKey, tagReport } from '../../src/protocol/adversary.ts'
import { answerChallenge } from '../../src/protocol/handler.ts'
import * as part from '../../src/protocol/messages.ts'
import { ask as askModel, deadline, deliver, tick } from '../../src/protocol/proxy.ts'
import * as kept from '../../src/protocol/state.ts'
import { switchVariables } from '../../src/protocol/switches.ts'
import { reportPath } from '../../src/protocol/system.ts'
import { admit, encodeChallenge, type PlatformState } from '../../src/proxy/challenge.ts'
import { ask, decide, expire, type Outcome, type ProxyState } from '../../src/proxy/decision.ts'
import { sealed } from '../../src/proxy/mac.ts'
import type { Nonce } from '../../src/proxy/nonce.ts'
import type { Report } from '../../src/proxy/report.ts'
import { encodeReport } from '../../src/proxy/wire.ts'
import type { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'
import { COMPLETE, KEY, OTHER_KEY, PLATFORM } from './samples.ts'

const DEADLINE = 100
const START = 1000
/** Names in the model: one proxy, one key, the platform that is asked, and another with the same key. */
const [PROXY, SECRET] = [1n, 1n]
const PLATFORMS = [PLATFORM, 'f'.repeat(32)] as const
const enrolmentOf = (platform: 0 | 1): bigint => BigInt(platform + 1)

type Message = { readonly bytes: Buffer } & (
  | { readonly kind: 'challenge'; readonly nonce: bigint }
  | { readonly kind: 'report'; readonly report: bigint }
)

/** Both worlds, and the names that things of one have in the other. */
class Worlds {
  proxy: ProxyState
  readonly platforms: PlatformState[]
  readonly model: ReferenceState
  readonly network: Message[] = []
  readonly nonces = new Map<bigint, Nonce>()
  now = START
  private reports = 0n
  private last = 0n

  constructor() {
    const seen = { sequence: 0n, counter: 0n }
    this.proxy = { proxy: 7n, platform: PLATFORM, deadline: DEADLINE, counter: 0n, seen, open: null, series: null }
    this.platforms = PLATFORMS.map((platform) => ({ platform, proxy: 7n, counter: 0n, sequence: 0n }))
    const values = new Map<Variable, Value>(
      switchVariables.map((variable): [Variable, Value] => [variable, variable.name !== 'H_KEY_SECRET']),
    )
    values.set(kept.DEADLINE, BigInt(DEADLINE)).set(kept.clock, BigInt(START))
    this.model = new ReferenceState(reportPath, values)
    this.name(part.isSecret, SECRET, true)
    for (const e of [1n, 2n]) {
      this.name(part.proxyOf, e, PROXY)
      this.name(part.keyOf, e, SECRET)
    }
    this.take(takeKey, { k: SECRET })
  }

  name(table: Table, index: bigint, value: bigint | boolean): void {
    this.model.mention(table.domain, index)
    this.model.values.set(table, (this.model.value(table) as ArrayValue).set(index, value))
  }
  at(table: Table, index: bigint): bigint | boolean {
    return (this.model.value(table) as ArrayValue).get(index) as bigint | boolean
  }
  private args(action: Action, values: Readonly<Record<string, bigint>>): ReadonlyMap<Term, Value> {
    return new Map(action.parameters.map(({ name, term }) => [term, values[name]!]))
  }
  can(action: Action, values: Readonly<Record<string, bigint>>): boolean {
    return this.model.enabled(action, this.args(action, values))
  }
  /** The case that is taken. */
  take(action: Action, values: Readonly<Record<string, bigint>>): string {
    assert.ok(this.can(action, values), `the model does not ${action.name}`)
    return action.cases[this.model.step(action, this.args(action, values))]!.name
  }
  get open(): bigint {
    return this.last
  }

  nonce(nonce: Nonce, isFresh: boolean): bigint {
    const n = BigInt(this.nonces.size + 1)
    this.nonces.set(n, nonce)
    for (const [table, value] of [
      [part.drawnBy, PROXY],
      [part.counterIn, nonce.counter],
      [part.isFresh, isFresh],
      [part.forWhom, enrolmentOf(0)],
    ] as const)
      this.name(table, n, value)
    if (!isFresh) this.name(kept.knowsNonce, n, true)
    return n
  }
  report(nonce: bigint, platform: 0 | 1, sequence: bigint, isComplete: boolean): bigint {
    const b = ++this.reports
    this.name(part.nonceIn, b, nonce)
    this.name(part.madeFor, b, enrolmentOf(platform))
    this.name(part.sequenceIn, b, sequence)
    this.name(part.isComplete, b, isComplete)
    return b
  }

  ask(random: bigint): void {
    const asked = ask(this.proxy, KEY, random, this.now)
    const n = this.nonce({ proxy: 7n, counter: this.proxy.counter + 1n, random }, true)
    assert.is(this.can(askModel, { n }), asked.ok, 'ask')
    if (!asked.ok) return
    this.take(askModel, { n })
    this.proxy = asked.state
    this.last = n
    this.network.push({ kind: 'challenge', nonce: n, bytes: asked.challenge })
  }

  /** The handler of a platform gets this message. */
  answer(platform: 0 | 1, message: Message, how: Incomplete): void {
    const state = this.platforms[platform]!
    const admitted = admit(state, KEY, message.bytes)
    if (message.kind === 'report') {
      assert.not.ok(admitted.ok)
      return
    }
    const e = enrolmentOf(platform)
    const sequence = (this.at(kept.reportsMade, e) as bigint) + 1n
    const b = this.report(message.nonce, platform, sequence, how === 'complete')
    assert.is(this.can(answerChallenge, { e, n: message.nonce, b }), admitted.ok, 'answer')
    if (!admitted.ok) return
    this.take(answerChallenge, { e, n: message.nonce, b })
    this.platforms[platform] = admitted.state
    assert.is(admitted.state.sequence, sequence)
    this.network.push({ kind: 'report', report: b, bytes: bytesOf(admitted.nonce, platform, sequence, how) })
  }

  /** The adversary has the key: any report of a nonce that he knows. */
  forge(nonce: bigint, platform: 0 | 1, sequence: bigint, how: Incomplete): void {
    const b = this.report(nonce, platform, sequence, how === 'complete')
    this.take(tagReport, { tag: (SECRET << 64n) | b })
    this.network.push({ kind: 'report', report: b, bytes: bytesOf(this.nonces.get(nonce)!, platform, sequence, how) })
  }

  deliver(message: Message): string {
    const { outcome, state } = decide(this.proxy, KEY, message.bytes, this.now)
    const b = message.kind === 'report' ? message.report : this.report(message.nonce, 0, 0n, false)
    assert.is(this.can(deliver, { n: this.last, b }), outcome.kind !== 'discarded', `deliver: ${kindOf(outcome)}`)
    if (outcome.kind === 'discarded') assert.equal(state, this.proxy)
    else assert.is(this.take(deliver, { n: this.last, b }), CASES[kindOf(outcome)])
    this.proxy = state
    return kindOf(outcome)
  }

  /** Time passes, and the timer rings when it should. */
  wait(time: number): string {
    const { open } = this.proxy
    const due = open === null ? Number.POSITIVE_INFINITY : open.since + DEADLINE
    const until = Math.min(this.now + time, due)
    this.take(tick, { d: BigInt(until - this.now) })
    this.now = until
    if (until < due) {
      assert.is(this.can(deadline, { n: this.last }), false)
      assert.is(expire(this.proxy, until), undefined)
      return 'waited'
    }
    assert.is(this.can(tick, { d: 1n }), false, 'the model waits no longer')
    const expired = expire(this.proxy, until + 1)!
    this.take(deadline, { n: this.last })
    this.proxy = expired.state
    return kindOf(expired.outcome)
  }

  agree(): void {
    const { proxy, platforms, last } = this
    assert.is(this.at(kept.isOpen, last), proxy.open !== null)
    assert.is(this.at(kept.lastDrawn, PROXY), proxy.counter)
    assert.is(this.at(kept.sequenceSeen, enrolmentOf(0)), proxy.seen.sequence)
    assert.is(this.at(kept.counterSeen, enrolmentOf(0)), proxy.seen.counter)
    for (const [i, { counter, sequence }] of platforms.entries()) {
      assert.is(this.at(kept.lastCounter, BigInt(i + 1)), counter)
      assert.is(this.at(kept.reportsMade, BigInt(i + 1)), sequence)
    }
  }
}

const INCOMPLETE = ['complete', 'partial', 'uncovered', 'absentees'] as const
type Incomplete = (typeof INCOMPLETE)[number]
/** How a census that is not complete shows: by its status, its coverage, its threads. */
const SHOWN: Readonly<Record<Incomplete, Partial<Report>>> = {
  complete: {},
  partial: { status: 'truncated' },
  uncovered: { coverage: COMPLETE.coverage.slice(1) },
  absentees: { threads: { expected: 2, arrived: 1 } },
}
const bytesOf = (nonce: Nonce, platform: 0 | 1, sequence: bigint, how: Incomplete): Buffer =>
  sealed(KEY, 'report', encodeReport({ ...COMPLETE, ...SHOWN[how], nonce, sequence, platform: PLATFORMS[platform] }))

const kindOf = (o: Outcome): string => (o.kind === 'alarm' ? o.alarm.kind : o.kind === 'discarded' ? o.discard.kind : o.kind)
const CASES: Readonly<Record<string, string>> = {
  ...{ accepted: 'accepted', 'wrong-platform': 'of another platform', 'sequence-behind': 'behind what was seen' },
  ...{ 'sequence-ahead': 'ahead of what was asked', 'incomplete-census': 'not complete', coverage: 'not complete' },
  'threads-missing': 'not complete',
}

const test = suite('the proxy that runs, and the one that is proved')

test('any history: the same messages, the same decisions, the same numbers', () => {
  const seen = new Map<string, number>()
  const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
  forAll(
    400,
    (choices) => choices,
    () => 'a history',
    (choices: Choices) => {
      const worlds = new Worlds()
      for (let step = 0; step < 40; step++) {
        const what = choices.below(10)
        const platform = choices.below(4) === 0 ? 1 : 0
        const how = choices.below(2) === 0 ? 'complete' : choices.pick(INCOMPLETE)
        const { network, nonces } = worlds
        if (what <= 2) worlds.ask(BigInt(choices.below(1000)))
        else if (what <= 4 && network.length > 0) worlds.answer(platform, choices.pick(network), how)
        else if (what === 5) {
          // Somebody without the key asks.
          const nonce = { proxy: 7n, counter: BigInt(choices.below(9)), random: 1n }
          worlds.answer(
            platform,
            { kind: 'challenge', nonce: worlds.nonce(nonce, false), bytes: encodeChallenge(OTHER_KEY, nonce) },
            how,
          )
        } else if (what === 6 && nonces.size > 0) {
          const known = [...nonces.keys()].filter((n) => worlds.at(kept.knowsNonce, n))
          const nonce = worlds.proxy.open !== null && choices.chance(70) ? worlds.open : known[choices.below(known.length)]
          if (nonce !== undefined) worlds.forge(nonce, platform, BigInt(choices.below(6)), how)
        } else if (what <= 8 && network.length > 0)
          note(worlds.deliver(choices.chance(60) ? network.at(-1)! : choices.pick(network)))
        else note(worlds.wait(choices.below(80)))
        worlds.agree()
      }
    },
  )
  const all = [
    'accepted',
    'wrong-platform',
    'sequence-behind',
    'sequence-ahead',
    'incomplete-census',
    'coverage',
    'threads-missing',
    'silent',
  ]
  for (const what of [...all, 'replayed', 'never-asked', 'nothing-asked', 'malformed'])
    assert.ok((seen.get(what) ?? 0) >= 5, `${what}: ${seen.get(what) ?? 0} times`)
})

test('numbers in between, all of them: behind, in order, ahead', () => {
  // Seen: number s of counter c; then counter d brings number n.
  for (let c = 1n; c <= 3n; c++)
    for (let s = 1n; s <= c; s++)
      for (let d = c + 1n; d <= c + 3n; d++)
        for (let n = 0n; n <= d + 1n; n++) {
          const worlds = new Worlds()
          const next = (counter: bigint): void => {
            while (worlds.proxy.counter < counter) {
              if (worlds.proxy.open !== null) worlds.wait(DEADLINE)
              worlds.ask(1n)
            }
          }
          const bring = (sequence: bigint): string => {
            worlds.forge(worlds.open, 0, sequence, 'complete')
            return worlds.deliver(worlds.network.at(-1)!)
          }
          next(c)
          assert.is(bring(s), 'accepted')
          next(d)
          const expected = n <= s ? 'sequence-behind' : n > s + d - c ? 'sequence-ahead' : 'accepted'
          assert.is(bring(n), expected, `${s} of ${c}, then ${n} of ${d}`)
          worlds.agree()
        }
})
test.run()

// Two runs of platform and handler with two keys, step by step: a report is made under each of them, and nobody sees which; and what
// is seen where a register is not cleared.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { mark } from '../../src/model/product.ts'
import type { RunState } from '../../src/model/run.ts'
import type { Variable } from '../../src/model/system.ts'
import { bv } from '../../src/model/term.ts'
import { leaks, leakClaim } from '../../src/properties/secrecy-leaks.ts'
import { plainRuns } from '../../src/properties/secrecy.ts'
import { secrecySystem } from '../../src/properties/secrecy-system.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { CAREFUL, MESSAGE_BITS, tagging } from '../../src/smm/tagging.ts'
import { CHALLENGED, EMITTED, keyMaterial, loadedKey, vectors } from '../../src/smm/tagging-steps.ts'
import { dram } from '../../src/x86/dram.ts'
import { handlerObject } from '../../src/x86/tseg.ts'
import { embedded } from '../prover/embedded.ts'
import { decideClaim } from '../prover/engine.ts'
import * as s from '../smm/story.ts'

const FIRST = 0x7f03_0000n >> 3n
const WORDS = [0n, 1n, 2n, 3n].map((n) => FIRST + n)
/** The four words of a key that says the same four times; as one number, the first word on top. */
const KEYS = [0x1111_1111_1111_1111n, 0x2222_2222_2222_2222n] as const
const wide = (word: bigint): bigint => (word << 192n) | (word << 128n) | (word << 64n) | word
const [NONCE, BODY, ASKED_TAG, TOLD_TAG] = [0xa5n, 0xb0d7n, 0x77n, 0x99n]
const input = (key: bigint, report: boolean, body: bigint): bigint =>
  (wide(key) << BigInt(MESSAGE_BITS)) | ((report ? 1n : 0n) << 128n) | (NONCE << 64n) | body
/** Under both keys the tags that are told are the same; one that nobody tells is not. */
const tags = new ArrayValue(
  0n,
  new Map(KEYS.flatMap((key) => [[input(key, false, 0n), ASKED_TAG] as const, [input(key, true, BODY), TOLD_TAG] as const])),
)

function begin(switches = CAREFUL) {
  const product = plainRuns(secrecySystem(ALL_ON, switches))
  const named = (name: string): Variable => product.system.variables.find((v) => v.name === name)!
  const holding = (key: bigint): Value => new ArrayValue(0n, new Map(WORDS.map((w) => [w, key])))
  const at = new ArrayValue(false, new Map(WORDS.map((w) => [w, true])))
  const state: readonly (readonly [Variable, Value])[] = [
    [named('key'), FIRST],
    [keyMaterial, at],
    [handlerObject, at],
    [named('mac'), tags],
    [dram, holding(KEYS[0])],
    [product.copyOf(dram), holding(KEYS[1])],
  ]
  return { product, state: s.begin({ system: product.system, state }) }
}
const HOST = 'SMM, from the host'
const toMeasuring = [s.handedOver, s.wake, ...s.both(HOST, HOST), ...s.measured] as const
const look = { 'look at thread': 0n } as const
const answers: readonly s.Step[] = [
  [CHALLENGED, 'its tag is right', { t: 0n, asked: NONCE, tag: ASKED_TAG, ...look }],
  [EMITTED, 'told', { t: 0n, body: BODY, ...look }],
]
const clears: s.Step = ['the leader clears its registers', 'cleared', { t: 0n, ...look }]
const mailbox = (state: RunState, name: 'toldTag' | 'toldBody'): Value => state.value(tagging[name].now)

const test = suite('two runs with two keys')

test('both tell the same report, leave the same registers, and keep their keys', () => {
  const { product, state } = begin()
  const held = s.run(state, ...toMeasuring, ...answers)
  const [one, two] = [vectors.at(bv(32, 0)), product.second.apply(vectors.at(bv(32, 0)))].map((v) => held.value(v))
  assert.equal([one, two], [wide(KEYS[0]), wide(KEYS[1])])
  const end = s.run(
    held,
    clears,
    ['the leader lets threads go', 'released', { t: 0n }],
    ['a thread leaves the meeting', 'takes its flag down', { t: 1n }],
    ['the leader waits for departures', 'it has left', { t: 0n }],
    ['the leader waits for departures', 'it has left', { t: 0n }],
    ['the leader waits for departures', 'leaves last', { t: 0n, ...look }],
    ['RSM', 'resumes the host', { t: 0n, ...look }],
  )
  assert.is(end.of(mark), 0n)
  assert.equal([mailbox(end, 'toldTag'), mailbox(end, 'toldBody')], [TOLD_TAG, BODY])
  const key = loadedKey(bv(32, 0), bv(64, 0))
  assert.is.not(end.value(key), end.value(product.second.apply(key)))
})

test('the release waits until registers are cleared', () => {
  const held = s.run(begin().state, ...toMeasuring, ...answers)
  const release = held.system.actions.find((a) => a.name === 'the leader lets threads go')!
  const t = release.parameters.find((p) => p.name === 't')!.term
  const mayRelease = (state: RunState): boolean => state.holds(release.guard, new Map([[t, 0n]]))
  assert.equal([mayRelease(held), mayRelease(s.run(held, clears))], [false, true])
})

test('registers that are not cleared are seen', () => {
  const { product, state } = begin({ ...CAREFUL, S_CLEAR: false })
  const end = s.run(state, ...toMeasuring, ...answers, clears)
  assert.is(product.differences[Number(end.of(mark))], vectors.name)
})

test('runs whose tags differ are no pair, and a challenge with a wrong tag is not taken in either', () => {
  const { state } = begin()
  const ready = s.run(state, ...toMeasuring)
  assert.is(s.run(ready, [CHALLENGED, 'it is not', { t: 0n, asked: NONCE, tag: 1n, ...look }]).of(mark), 0n)
  const open = s.run(ready, answers[0]!, clears)
  // The tag of another body: 0 under both keys here, so the runs agree; of the first key alone, they are none.
  assert.is(s.run(open, [EMITTED, 'told', { t: 0n, body: 1n, ...look }]).of(mark), 0n)
})

test('a missing defence of the platform is a run from power-on that tells the keys apart', async () => {
  const solver = await embedded()
  const leak = leaks.find((l) => l.without === 'H_DMA_TSEG')!
  const refuted = await decideClaim(leakClaim(leak), solver.oracle, { timeoutMs: 60_000 })
  assert.is(refuted.claim.verdict, 'refuted')
  const { counterexample } = refuted.obligations[0]!
  assert.is(counterexample?.kind, 'trace')
  assert.equal(counterexample?.kind === 'trace' && counterexample.steps.map((step) => step.action), [
    'firmware hands over',
    'device read',
  ])
  await solver.close()
})
test.run()

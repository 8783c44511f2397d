// Scenarios on the small lock system: the adversary's steps are found, honest ones are kept, and what no run of the scenario breaks
// is proved of these runs.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { forAll } from '../../src/model/system.ts'
import { adversary, happens, type Slot } from '../../src/prover/scenario.ts'
import { type ScenarioClaim, scenarioClaim } from '../../src/prover/system-claim.ts'
import type { Counterexample } from '../../src/prover/record.ts'
import { embedded } from './embedded.ts'
import { decideClaim } from './engine.ts'
import { assumption, COUNT, invariant, locked, phase, sound, system, thread, privileged } from './lock.ts'

const solver = await embedded()
const test = suite('scenario')
test.after(() => solver.close())

const clean = invariant.find((c) => c.name === 'clean')!
const decide = async (slots: readonly Slot[], more: Partial<ScenarioClaim> = {}) => {
  const claim = scenarioClaim({
    ...{ id: 'row', statement: 'For every run of the scenario: clean.', system, profile: sound, slots, breaks: clean },
    ...more,
  })
  const { obligations, claim: record } = await decideClaim(claim, solver.oracle, { timeoutMs: 20_000 })
  return { record, trace: obligations[0]!.counterexample as Extract<Counterexample, { kind: 'trace' }> }
}
const bare = [assumption.locks]
const names = ({ steps }: { steps: readonly { action: string }[] }) => steps.map((s) => s.action)

test('the steps of the adversary are found, as few as there can be', async () => {
  const { record, trace } = await decide([happens('hand-off'), adversary(3)], { profile: bare })
  assert.is(record.verdict, 'refuted')
  assert.equal(names(trace), ['hand-off', 'turn the key', 'write'])
  assert.equal(names(trace.recorded), names(trace))
  assert.is(trace.recorded.states.length, 4)
})

test('with the defence there is no such run, and with fewer steps there is none', async () => {
  assert.is((await decide([happens('hand-off'), adversary(2)])).record.verdict, 'proved')
  assert.is((await decide([happens('hand-off'), adversary(1)], { profile: bare })).record.verdict, 'proved')
})

test('honest steps happen even where they are of no use, in the way that is asked for', async () => {
  const slots = [happens('hand-off'), happens('meet'), adversary(1), happens('write', 'taken')]
  assert.is((await decide(slots, { profile: bare })).record.verdict, 'proved')
  const refused = await decide([happens('hand-off'), happens('write', 'refused')], {
    breaks: forAll('no refusal', [], () => locked.now.not()),
  })
  assert.is(refused.trace.steps[1]!.case, 'refused')
})

test('the machine that is attacked is part of the initial state', async () => {
  const machine = [
    forAll('three threads', [], () => COUNT.now.eq(3)),
    forAll('the last is privileged', [thread], (t) => privileged.at(t).iff(t.eq(2))),
  ]
  const { trace } = await decide([happens('hand-off'), adversary(2)], { profile: bare, machine })
  const count = trace.recorded.states[0]!.find((v) => v.name === 'COUNT')!
  assert.is(count.value, '0x3')
  assert.ok(Number(trace.watched[0]!.value) < 2)
})

test('a slot that names nothing is refused', () => {
  const make = (slots: readonly Slot[]) => () =>
    scenarioClaim({ id: 'row', statement: '', system, profile: sound, slots, breaks: forAll('five', [], () => phase.now.ne(5)) })
  assert.throws(make([happens('hand off')]), 'has no action called hand off')
  assert.throws(make([happens('write', 'lost')]), 'has no case called lost')
})
test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { conjunct } from '../../src/model/invariant.ts'
import { forAll } from '../../src/model/system.ts'
import type { SystemClaim } from '../../src/prover/system-claim.ts'
import type { Counterexample } from '../../src/prover/record.ts'
import { embedded } from './embedded.ts'
import { decideClaim, FakeOracle, sat, unsat } from './engine.ts'
import { assumption, lockClaim, met, privileged, quiet, thread } from './lock.ts'

const solver = await embedded()
const test = suite('search')
test.after(() => solver.close())

const failures = async (more: Partial<SystemClaim>) => {
  const { claim, obligations } = await decideClaim(lockClaim(more), solver.oracle, { timeoutMs: 20_000 })
  return { claim, failed: obligations.filter((o) => o.verdict !== 'proved') }
}
type Trace = Extract<Counterexample, { kind: 'trace' }>
const namesIn = (counterexample: Counterexample | undefined) => (counterexample as Trace).steps.map((s) => s.action)

test('an invariant is proved, and a break in two steps from power-on is a run', async () => {
  assert.is((await failures({})).claim.verdict, 'proved')
  const { claim, failed } = await failures({ profile: [assumption.locks], of: ['locked'] })
  assert.is(claim.verdict, 'refuted')
  assert.equal(
    failed.map((o) => o.id),
    ['turn the key x locked'],
  )
  const trace = failed[0]!.counterexample as Trace
  assert.equal(namesIn(trace), ['hand-off', 'turn the key'])
  assert.equal(trace.constants, [{ name: 'KEYLESS', value: false }])
  assert.equal(trace.steps[1]!.changes, [{ name: 'locked', from: true, to: false }])
})

test('what is broken only in a state that nobody reaches is not inductive, and shown as a step', async () => {
  const { claim, failed } = await failures({ of: ['never five'] })
  assert.is(claim.verdict, 'not-inductive')
  const step = failed[0]!.counterexample as Extract<Counterexample, { kind: 'step' }>
  assert.equal(step.before, [{ name: 'phase', value: '0x3' }])
  assert.equal(step.step.changes, [{ name: 'phase', from: '0x3', to: '0x5' }])
  assert.match(failed[0]!.reason!, 'no run from an initial state found')
})

test('a run shows parameters, cases and the elements for which the statement is false', async () => {
  const clean = conjunct(
    'lock',
    forAll('all stay awake', [thread], (t) => quiet.at(t).not().or(privileged.at(t).not())),
  )
  const { failed } = await failures({ invariant: [clean], of: 'lock' })
  const trace = failed[0]!.counterexample as Trace
  assert.equal(namesIn(trace), ['hand-off', 'rest'])
  const [by] = trace.steps[1]!.parameters
  assert.equal(trace.watched, [{ name: 'thread', value: by!.value }])
  assert.equal(trace.constants, [{ name: `privileged[${String(by!.value)}]`, value: true }])
})

test('a guard that speaks of all threads holds for all threads of the run', async () => {
  const never = conjunct(
    'meeting',
    forAll('nobody meets', [], () => met.now.not()),
  )
  const { failed } = await failures({ invariant: [never], of: 'meeting' })
  const trace = failed.find((o) => o.id === 'meet x nobody meets')!.counterexample as Trace
  assert.is(failed.find((o) => o.id === 'meet x nobody meets')!.verdict, 'refuted')
  // Not at once: initially all are awake, and there is a thread.
  assert.equal(namesIn(trace), ['hand-off', 'rest', 'meet'])
})

test('an initial state, or a property that does not follow, is a counterexample of its own', async () => {
  const awake = conjunct(
    'start',
    forAll('all privileged', [thread], (t) => privileged.at(t)),
  )
  const { failed } = await failures({ invariant: [awake], of: 'start' })
  assert.is(failed[0]!.id, 'initial x all privileged')
  assert.is(failed[0]!.verdict, 'refuted')
  assert.equal(namesIn(failed[0]!.counterexample), [])
  const implied = await failures({ implies: [forAll('never quiet', [thread], (t) => quiet.at(t).not())] })
  assert.is(implied.failed[0]!.id, 'implies never quiet')
  assert.equal(namesIn(implied.failed[0]!.counterexample), ['hand-off', 'rest'])
})

test('a model that is no run is a disagreement', async () => {
  const step = { ready: true, locked: true, KEYLESS: false, COUNT: 1n }
  const claimed = lockClaim({ of: ['locked'], profile: [assumption.locks] })
  const verdictWith = async (onPath: Readonly<Record<string, bigint | boolean>>) => {
    const rule = ({ id }: { id: string }) => {
      if (id.endsWith('#path')) return id.includes('turn the key') ? sat(onPath, 4) : sat({ COUNT: 1n }, 4)
      return id.includes('turn the key') ? sat(step, 4) : unsat
    }
    const { claim, obligations } = await decideClaim(claimed, new FakeOracle(rule))
    return { verdict: claim.verdict, reason: obligations.find((o) => o.verdict !== 'proved')!.reason }
  }
  assert.is((await verdictWith({ COUNT: 1n, KEYLESS: false })).verdict, 'refuted')
  const { verdict, reason } = await verdictWith({ COUNT: 1n, KEYLESS: true })
  assert.is(verdict, 'disagreement')
  assert.match(reason!, 'none by exact evaluation')
})

test.run()

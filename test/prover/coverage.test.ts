import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { action, domain, forAll, given, state, type System } from '../../src/model/system.ts'
import { bool, bv } from '../../src/model/term.ts'
import type { CoverageRecord, ProveEvent } from '../../src/prover/record.ts'
import { prove } from '../../src/prover/prove.ts'
import { type SystemClaim, systemClaim } from '../../src/prover/system-claim.ts'
import { coverageText } from '../../src/report/prove-coverage.ts'
import { gridLines } from '../../src/report/prove-grid.ts'
import { styleFor } from '../../src/report/style.ts'
import { embedded } from './embedded.ts'
import { assumption, lockClaim, sound } from './lock.ts'

const solver = await embedded()
const test = suite('coverage')
test.after(() => solver.close())
const style = styleFor(false)

async function covered(more: Partial<SystemClaim> = {}) {
  const events: ProveEvent[] = []
  const { oracle } = solver
  const context = {
    oracle,
    timeoutMs: 20_000,
    seed: 1,
    inFlight: 4,
    coverage: true,
    emit: (e: ProveEvent) => void events.push(e),
  }
  const [claim] = await prove([lockClaim(more)], context)
  const record = events.flatMap((e) => (e.kind === 'coverage' ? [e.record] : []))[0]!
  const obligations = events.flatMap((e) => (e.kind === 'obligation' ? [e.record] : []))
  return { claim: claim!, record, obligations }
}
const caseOf = ({ actions }: CoverageRecord, name: string, way?: string) =>
  actions.find((a) => a.action === name)!.cases.find((c) => way === undefined || c.case === way)!

test('an action that happens in no run makes the claim vacuous, one that another profile allows does not', async () => {
  const { claim, record } = await covered({ profiles: [[assumption.locks]] })
  assert.is(claim.verdict, 'vacuous')
  assert.match(claim.emptiness!, /in which this happens: impossible$/)
  assert.equal(caseOf(record, 'hand-off').reached, { steps: 1, by: [], under: [] })
  assert.equal(caseOf(record, 'write', 'refused').reached, { steps: 2, by: ['hand-off'], under: [] })
  assert.equal(caseOf(record, 'turn the key').reached?.under, ['without KEYLESS', 'without UNUSED'])
  assert.is(caseOf(record, 'impossible').reached, undefined)
  // All threads have to rest first.
  assert.equal(caseOf(record, 'meet').reached?.by, ['hand-off', 'rest'])
})

test('what a claim says never happens, with a reason, is not held against it', async () => {
  const never = { impossible: 'for this test', 'turn the key': 'there is none' }
  const { claim, record } = await covered({ never })
  assert.is(claim.verdict, 'proved')
  assert.equal(caseOf(record, 'impossible'), { case: 'happens', never: 'for this test' })
  const text = coverageText('/spec.ts', record, { style, cwd: '/' })
  assert.match(text, '6/8 actions, 7/9 cases in runs under 1 profile')
  assert.match(text, /write +refused: 2 steps, taken: 2 steps/)
  assert.match(text, /impossible +never: for this test/)
})

test('a profile that no initial state satisfies proves nothing', async () => {
  const against = { name: 'not LOCKS', term: assumption.locks.term.not() }
  const { claim } = await covered({ profile: [...sound, against], never: { impossible: 'x', 'turn the key': 'x' } })
  assert.is(claim.verdict, 'vacuous')
  assert.match(claim.emptiness!, 'no initial state')
})

test('the grid says how each action keeps each conjunct', async () => {
  const { obligations } = await covered({ never: { impossible: 'x' }, profile: [assumption.locks] })
  const lines = gridLines(obligations, style)
  assert.equal(lines.slice(0, 2), [' 1 locked', ' 2 clean'])
  assert.ok(lines.includes('turn the key   X  .'))
  assert.ok(lines.includes('write          .  +'))
  assert.match(lines.at(-2)!, /^7 actions by simplification alone: \(initially\), hand-off/)
  assert.equal(gridLines([], style), [])
})

// A chain of switches, each of which wants the one before it, among others that do nothing for it.
const item = domain('item', 8)
const steps = Array.from({ length: 6 }, (_, n) => state.per(item).flag(`step${n}`))
const noise = state.per(item).bits('noise', 8)
const about = { actor: 'guest', cite: 'test', parameters: { i: item } } as const
const chain: System = {
  name: 'chain',
  domains: [item],
  variables: [...steps, noise],
  facts: [],
  initial: steps.map((s) => forAll(`${s.name} is off`, [item], (i) => s.at(i).not())),
  actions: [
    ...steps.map((s, n) =>
      action(`turn ${n}`, about, ({ i }) => ({
        guard: n === 0 ? bool(true) : steps[n - 1]!.at(i),
        cases: { refused: given(i.eq(0)), on: [s.set(i, bool(true)), ...(n === 0 ? [] : [steps[n - 1]!.set(i, bool(false))])] },
      })),
    ),
    ...Array.from({ length: 20 }, (_, n) =>
      action(`noise ${n}`, about, ({ i }) => ({ cases: { more: [noise.set(i, noise.at(i).plus(bv(8, n)))] } })),
    ),
  ],
}

test('a run of many steps is found by what each needs from the one before it', async () => {
  const last = steps.at(-1)!
  const invariant = [{ ...forAll('never on', [item], (i) => last.at(i).not()), claim: 'chain', restsOn: [] }]
  const claim = systemClaim({
    id: 'chain',
    statement: 'For all.',
    system: chain,
    invariant,
    of: 'chain',
    profile: [],
    expect: 'refuted',
  })
  const before = solver.asked.length
  const events: ProveEvent[] = []
  const { oracle } = solver
  const [record] = await prove([claim], { oracle, timeoutMs: 20_000, seed: 1, inFlight: 4, emit: (e) => void events.push(e) })
  assert.is(record!.verdict, 'refuted')
  const found = events.flatMap((e) => (e.kind === 'obligation' && e.record.verdict === 'refuted' ? [e.record] : []))[0]!
  const trace = found.counterexample!
  assert.is(trace.kind, 'trace')
  assert.equal(
    trace.kind === 'trace' ? trace.steps.map((s) => s.action) : [],
    steps.map((_, n) => `turn ${n}`),
  )
  // Not by trying all sequences: there are 26 actions.
  assert.ok(solver.asked.length - before < 150, `${solver.asked.length - before} questions`)
})

test.run()

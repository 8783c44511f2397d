import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { supportOf } from '../../src/model/invariant.ts'
import { action, domain, forAll, rigid, state, type System } from '../../src/model/system.ts'
import { bv, bvVar } from '../../src/model/term.ts'
import type { Claim } from '../../src/prover/claim.ts'
import { prepare } from '../../src/prover/decide.ts'
import type { Obligation } from '../../src/prover/obligation.ts'
import { systemClaim } from '../../src/prover/system-claim.ts'
import { assumption, invariant, lockClaim, sound, system } from './lock.ts'

const cell = (claim: Claim, id: string): Obligation => claim.obligations().find((o) => o.id === id)!
const namesOf = (o: Obligation, role?: string) => o.hypotheses.filter((h) => h.role === role).map((h) => h.name)

test('a claim is its conjuncts and what they rest on, at the start and after every action', () => {
  const ids = lockClaim({ of: ['clean'] })
    .obligations()
    .map((o) => o.id)
  assert.is(ids.length, 2 + 2 * system.actions.length)
  assert.ok(['initial x clean', 'write x clean', 'write x locked'].every((id) => ids.includes(id)))
  assert.throws(() => supportOf(invariant, ['open']), 'no conjunct called open')
  assert.throws(() => lockClaim({ of: 'nothing' }), 'no conjunct of the invariant belongs to nothing')
  assert.throws(() => lockClaim({ never: { 'write/lost': 'no such case' } }), 'no action or case called write/lost')
})

test('an action that does not touch a conjunct falls to the simplifier with that hypothesis alone', () => {
  const o = cell(lockClaim(), 'tick x clean')
  assert.equal(namesOf(o, 'instance'), ['clean'])
  assert.ok(prepare(o, []).simplified)
})

test('hypotheses are instances at the watched thread, the parameter, and only what is rested on', () => {
  const o = cell(lockClaim(), 'write x clean')
  assert.equal(namesOf(o, 'instance'), ['clean (thread)', 'clean (write!by)', 'locked', 'there is a thread'])
  assert.equal(namesOf(o), ['thread is a thread', 'write!by is a thread', 'write is possible'])
})

test('only assumptions that have to do with a cell are among its hypotheses', () => {
  const claim = lockClaim()
  assert.equal(namesOf(cell(claim, 'hand-off x locked'), 'assumption'), ['LOCKS'])
  assert.equal(namesOf(cell(claim, 'turn the key x locked'), 'assumption'), ['KEYLESS'])
  assert.equal(namesOf(cell(claim, 'write x clean'), 'assumption'), [])
})

test('claims share their cells, also under profiles that differ elsewhere', () => {
  const [one, other] = [lockClaim(), lockClaim({ id: 'other', of: ['locked'], profile: [assumption.locks] })]
  for (const id of ['hand-off x locked', 'write x locked']) assert.is(cell(one, id), cell(other, id))
  assert.is.not(cell(one, 'turn the key x locked'), cell(other, 'turn the key x locked'))
})

const CORES = rigid.bits('CORES', 4)
const core = domain('core', 8, () => CORES.now)
const cpu = domain('cpu', 8)
const coreOf = rigid.per(cpu).bits('coreOf', 8)
const mask = state.per(core).bits('mask', 8)
const shut = action('shut', { actor: 'firmware', cite: 'test', parameters: { by: cpu } }, ({ by }) => ({
  cases: { shuts: [mask.set(coreOf.at(by), bv(8, 1))] },
}))
const two: System = {
  name: 'two domains',
  domains: [core, cpu],
  variables: [CORES, coreOf, mask],
  facts: [],
  initial: [forAll('open', [core], (c) => mask.at(c).isZero())],
  actions: [shut],
}

test('identifiers that tables are read at get instances, guarded where nothing says that they exist', () => {
  const claim = systemClaim({
    id: 'two',
    statement: 'For every CPU.',
    system: two,
    invariant: [
      {
        ...forAll('small', [cpu], (t) => mask.at(coreOf.at(t)).ult(2)),
        claim: 'two',
        restsOn: ['each small'],
      },
      { ...forAll('each small', [core], (c) => mask.at(c).ult(2)), claim: 'two', restsOn: [] },
      { ...forAll('pairs', [core, core], (c, d) => mask.at(c).ult(mask.at(d).plus(4))), claim: 'two', restsOn: ['each small'] },
    ],
    of: 'two',
    profile: [],
  })
  const o = cell(claim, 'shut x small')
  assert.equal(namesOf(o, 'instance'), [
    'small (cpu)',
    'small (shut!by)',
    'each small (coreOf(cpu))',
    'each small (coreOf(shut!by))',
  ])
  const guarded = o.hypotheses.find((h) => h.name === 'each small (coreOf(cpu))')!
  const index = coreOf.at(bvVar('cpu', 8))
  assert.is(guarded.term, index.ult(CORES.now.zext(8)).implies(mask.at(index).ult(2)))
  // Of a statement about two cores all pairs of identifiers, itself with itself too.
  const pairs = namesOf(cell(claim, 'shut x pairs'), 'instance').filter((name) => name.startsWith('pairs'))
  assert.equal(pairs, ['pairs (core, core)', 'pairs (core, core2)', 'pairs (core2, core)', 'pairs (core2, core2)'])
})

test('a watched element is not called like a variable of the system', () => {
  const named = { ...system, variables: [...system.variables, state.flag('thread')] }
  const goal = cell(lockClaim({ system: named }), 'write x clean')
  assert.ok(namesOf(goal, 'instance').includes('clean (thread2)'))
})

test('a grid of many actions and conjuncts is built fast', () => {
  const fields = Array.from({ length: 30 }, (_, n) => state.per(cpu).bits(`field${n}`, 8))
  const actions = Array.from({ length: 60 }, (_, n) =>
    action(`set${n}`, { actor: 'guest', cite: 'test', parameters: { by: cpu } }, ({ by }) => ({
      guard: fields[(n * 7) % 30]!.at(by).ult(9),
      cases: { sets: [0, 1, 2].map((k) => fields[(n + k) % 30]!.set(by, bv(8, k))) },
    })),
  )
  const big: System = { name: 'big', domains: [cpu], variables: fields, facts: [], initial: [], actions }
  const conjuncts = fields.map((f, n) => ({
    ...forAll(`c${n}`, [cpu], (t) => f.at(t).ult(9)),
    claim: 'all',
    restsOn: [1, 2, 3].map((k) => `c${(n + k) % 30}`),
  }))
  const started = Date.now()
  const made = [1, 2, 3, 4].map((n) =>
    systemClaim({ id: `big${n}`, statement: 'All.', system: big, invariant: conjuncts, of: 'all', profile: sound }),
  )
  const all = made.flatMap((c) => c.obligations()).map((o) => prepare(o, []))
  assert.is(all.length, 4 * 30 * 61)
  assert.ok(Date.now() - started < 10_000)
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boolVar } from '../../src/model/term.ts'
import { embedded } from './embedded.ts'
import { claimOf, decideClaim, obligation } from './engine.ts'
import { assumption, invariant, lockClaim, sound } from './lock.ts'

const solver = await embedded()
const test = suite('sufficiency')
test.after(() => solver.close())

const needs = async (...[more]: Parameters<typeof lockClaim>) =>
  (await decideClaim(lockClaim(more), solver.oracle, { timeoutMs: 20_000 })).claim.needs

test('a claim names the assumptions that it needs, and no others', async () => {
  assert.equal(await needs(), ['LOCKS', 'KEYLESS'])
  assert.equal(await needs({ of: 'meeting' }), [])
})

test('of assumptions of which one would do, one is named', async () => {
  const both = { name: 'LOCKS and KEYLESS', term: assumption.locks.term.and(assumption.keyless.term) }
  assert.equal(await needs({ profile: [both, ...sound] }), ['LOCKS and KEYLESS'])
  assert.equal((await needs({ profile: [...sound, both] }))?.length, 2)
})

test('what a cell needs is in its record, whoever proved it', async () => {
  const { obligations } = await decideClaim(lockClaim(), solver.oracle)
  const of = (id: string) => obligations.find((o) => o.id === id)?.needs
  assert.equal(of('hand-off x locked'), ['LOCKS'])
  assert.equal(of('turn the key x locked'), ['KEYLESS'])
  assert.equal(of('write x clean'), [])
})

test('a claim that is not proved, or not about a system, says nothing', async () => {
  assert.is(await needs({ profile: [assumption.locks] }), undefined)
  const plain = claimOf([obligation('p', [], boolVar('p').or(boolVar('p').not()))])
  assert.is((await decideClaim(plain, solver.oracle)).claim.needs, undefined)
})

test('cells that claims share are asked about once', async () => {
  // Conjuncts of its own, so that no other test has asked.
  const own = invariant.map((c) => ({ ...c }))
  const both = (id: string) => lockClaim({ id, invariant: own })
  const cells = () => solver.asked.filter((id) => !id.includes('#needs') && !id.endsWith('#path')).length
  const before = cells()
  const first = await decideClaim(both('one'), solver.oracle)
  const after = cells()
  const second = await decideClaim(both('two'), solver.oracle)
  assert.is(first.claim.verdict, 'proved')
  assert.ok(after > before)
  assert.is(cells(), after)
  assert.equal(second.claim.obligations, { ...first.claim.obligations, fromCache: after - before })
})

test.run()

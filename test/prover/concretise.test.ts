import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Declaration, type Declared, named, procedure, snapshot } from '../../src/model/builder.ts'
import { smram } from '../../src/model/cell.ts'
import { arraySort, bvSort } from '../../src/model/sort.ts'
import { arrayVar, bv, u64 } from '../../src/model/term.ts'
import { conditionsOf } from '../../src/prover/conditions.ts'
import type { Oracle } from '../../src/prover/oracle.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import type { Solver } from '../../src/prover/solver/solver.ts'
import { claimOf, decideClaim } from './engine.ts'

const snap = arrayVar('snap', arraySort(64, bvSort(64)))
const memory = { snapshot: snap, readable: () => [] }
const slots = smram.array('concretise.slots', 8, bvSort(8), bv(8, 4))

const solver = (await openSolver('wasm', { jobs: 1 })) as Solver
const oracle: Oracle = {
  name: solver.name,
  version: solver.version,
  ask: async (request) => ({ answer: await solver.solve(request), cached: false }),
}
test.after(() => solver.close())

const run = (p: Declared, mode: 'havoc' | 'snapshot') =>
  decideClaim(claimOf(conditionsOf(p, mode)), oracle, { timeoutMs: 20_000 })

/** Stores at an index that memory gives, after a look at it. */
const indexed = (name: string, fetches: 1 | 2): Declared =>
  procedure(name, {
    params: {},
    memory,
    modifies: [slots],
    requires: () => [],
    ensures: () => [],
    body(b) {
      const looked = b.read('looked', u64(7), u64(0))
      b.when(looked.ult(4), () => {
        const used = fetches === 2 ? b.read('used', u64(7), u64(0)) : looked
        b.store(slots, used.bits(7, 0), bv(8, 1))
      })
    },
  } satisfies Declaration<Record<never, never>, Record<never, never>>)

test('a double fetch is refuted by a memory that changes between the reads', async () => {
  const { claim, obligations } = await run(indexed('twice', 2), 'havoc')
  assert.is(claim.verdict, 'refuted')
  const found = obligations.find((o) => o.verdict === 'refuted')?.counterexample
  assert.ok(found?.kind === 'run')
  assert.ok(found.racing)
  assert.is(found.violated.of, 'bounds')
  assert.equal(
    found.reads.map((r) => r.address),
    ['0x38', '0x38'],
  )
  assert.ok(BigInt(found.reads[0]!.value) < 4n)
  assert.ok(BigInt(found.reads[1]!.value) % 256n >= 4n)
})

test('a single fetch is proved', async () => {
  assert.is((await run(indexed('once', 1), 'havoc')).claim.verdict, 'proved')
})

test('the memory of the model is used, by address', async () => {
  const chase = procedure('chase', {
    params: { start: bvSort(64) },
    results: { found: bvSort(64) },
    memory,
    modifies: [],
    requires: () => [],
    ensures: ({ start }, { found }) => snapshot({ 'never 42': found.eq(snap.at(snap.at(start))).and(found.ne(42)) }),
    body(b, { start }, { found }) {
      const next = b.read('next', start, u64(0))
      b.set(found, b.read('value', next, u64(0)))
    },
  })
  const { obligations } = await run(chase, 'snapshot')
  const found = obligations[0]?.counterexample
  assert.is(obligations[0]?.verdict, 'refuted')
  assert.ok(found?.kind === 'run')
  assert.is(found.attempt, 0)
  assert.is(found.reads[1]?.value, '0x2a')
  assert.is(BigInt(found.reads[1]!.address), BigInt.asUintN(67, BigInt(found.reads[0]!.value) * 8n))
})

test('a precondition that only holds for other entries keeps a run from being a refutation', async () => {
  const counter = smram.bits('concretise.counter', 8)
  const careful = procedure('careful', {
    params: { n: bvSort(8) },
    memory,
    modifies: [counter],
    requires: ({ n }) => named({ few: n.ult(3) }),
    ensures: () => named({ bounded: counter.now.ult(9) }),
    body(b, { n }) {
      b.set(counter, bv(8, 0))
      b.for('i', { from: bv(8, 0), below: n, invariant: () => named({ weak: counter.now.ult(200) }) }, () => {
        b.when(counter.now.ult(199), () => b.set(counter, counter.now.plus(1)))
      })
    },
  })
  const { claim, obligations } = await run(careful, 'havoc')
  assert.is(claim.verdict, 'not-inductive')
  assert.ok(obligations.every((o) => o.verdict !== 'refuted'))
})

test.run()

// The pool under everything that can happen to a child: hanging, running out of memory, dying, being asked nonsense.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { Child } from '../../../src/prover/solver/child.ts'
import { embeddedDialogue } from '../../../src/prover/solver/dialogue.ts'
import { WasmPool } from '../../../src/prover/solver/pool.ts'
import { ask, chain, hard, huge } from './queries.ts'

const test = suite('pool')

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(holds: () => boolean, ms = 10_000): Promise<boolean> {
  for (const start = Date.now(); Date.now() - start < ms; await pause(20)) if (holds()) return true
  return holds()
}

async function using(pool: WasmPool, body: (pool: WasmPool) => Promise<void>): Promise<void> {
  try {
    await body(pool)
  } finally {
    await pool.close()
  }
}

test('verdicts, models and cores, and an error for nonsense', () =>
  using(new WasmPool({ jobs: 1, seed: 7 }), async (pool) => {
    assert.match(pool.version, /^5\.2\.0$/)
    const sat = await pool.solve(ask(chain(4).smt2, 'model'))
    assert.equal(sat.kind === 'sat' && sat.model.get('last'), { kind: 'bv', width: 32, value: chain(4).last })
    assert.is((await pool.solve(ask(chain(5).smt2))).kind, 'unsat')
    const named = (logic: string) =>
      `(set-logic ${logic})(declare-const p Bool)(declare-const q Bool)
       (assert (! p :named a))(assert (! q :named b))(assert (! (not p) :named |c c|))`
    for (const logic of ['QF_BV', 'QF_ABV']) {
      const unsat = await pool.solve(ask(named(logic), 'core'))
      assert.equal(unsat.kind === 'unsat' && unsat.core, ['a', 'c c'], logic)
    }
    // A tactic that does not apply gives way to the plain check.
    const nested = `(set-logic QF_ABV)
      (declare-const m (Array (_ BitVec 2) (Array (_ BitVec 2) Bool)))
      (assert (select (select m #b01) #b10))(assert (not (select (select m #b01) #b11)))`
    assert.is((await pool.solve(ask(nested, 'model'))).kind, 'sat')
    // As does one that eliminates a function and leaves it undefined in the model.
    const undefinedFunction = `(set-logic QF_ABV)(declare-const p Bool)
      (declare-const a (Array (_ BitVec 4) (_ BitVec 4)))(declare-const b (Array (_ BitVec 4) (_ BitVec 4)))
      (declare-const x (_ BitVec 4))(assert (bvult (select a (select b x)) #x3))`
    const { model } = { model: new Map(), ...(await pool.solve(ask(undefinedFunction, 'model'))) }
    assert.equal([...model.keys()], ['p', 'a', 'b', 'x'])
    // An assertion that cannot be parsed is skipped by z3, and what it then says is worth nothing.
    for (const nonsense of ['(declare-const p Bool)(assert (and p foo))', '(assert']) {
      const answer = await pool.solve(ask(nonsense))
      assert.ok(answer.kind === 'unknown' && answer.reason === 'solver-error' && /error/.test(answer.detail), nonsense)
    }
    assert.equal(pool.statistics, { forked: 4, overdue: 0, retried: 2, recycled: 0 })
    assert.is((await pool.solve(ask(chain(6).smt2))).kind, 'sat', 'the pool goes on')
  }))

test('a hanging query is stopped, by z3 or by the clock, while others go on', () =>
  using(new WasmPool({ jobs: 2 }), async (pool) => {
    const stopped = pool.solve(ask(hard, 'model', 300))
    // This text takes z3's own timer away.
    const deaf = pool.solve(ask(`(set-option :timeout 4000000)\n${hard}`, 'verdict', 300))
    const others = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.solve(ask(chain(i).smt2))))
    assert.equal(
      others.map((a) => a.kind),
      others.map((_, i) => (chain(i).satisfiable ? 'sat' : 'unsat')),
    )
    const answers = await Promise.all([stopped, deaf])
    for (const answer of answers) assert.ok(answer.kind === 'unknown' && answer.reason === 'timeout', JSON.stringify(answer))
    assert.ok(pool.statistics.overdue >= 1)
  }))

test('memory: z3 gives up at its limit, and the pool goes on', () =>
  using(new WasmPool({ jobs: 2, memoryMb: 64 }), async (pool) => {
    const answers = await Promise.all([pool.solve(ask(huge)), pool.solve(ask(chain(1).smt2)), pool.solve(ask(chain(2).smt2))])
    assert.equal(
      answers.map((a) => (a.kind === 'unknown' ? a.reason : a.kind)),
      ['memory', 'unsat', 'sat'],
    )
    assert.is(pool.statistics.retried, 0)
  }))

test('memory: the end of the heap, without a limit', async () => {
  const child = new Child()
  const request = ask(huge)
  const outcome = await child.ask({ dialogue: embeddedDialogue(request), timeoutMs: 20_000, parameters: {} })
  assert.equal(outcome, { kind: 'died', reason: 'memory', detail: 'the end of the heap' })
  await child.kill()
})

test('a child that is killed: once is retried, twice is an error', () =>
  using(new WasmPool({ jobs: 1 }), async (pool) => {
    const answer = pool.solve(ask(hard))
    for (const time of [1, 2]) {
      assert.ok(await until(() => pool.statistics.forked === time && pool.processIds.length === 1))
      process.kill(pool.processIds[0]!, 'SIGKILL')
    }
    const { kind, ...rest } = await answer
    assert.is(kind, 'unknown')
    assert.match(JSON.stringify(rest), /solver-error.*a solver child ended \(SIGKILL/)
    assert.is((await pool.solve(ask(chain(3).smt2))).kind, 'unsat')
    assert.equal(pool.statistics, { forked: 3, overdue: 0, retried: 1, recycled: 0 })
  }))

test('children are replaced when they have served their time', () =>
  using(new WasmPool({ jobs: 1 }, { requests: 2, residentMb: 4096 }), async (pool) => {
    for (const i of [0, 1, 2]) assert.is((await pool.solve(ask(chain(i).smt2))).kind, chain(i).satisfiable ? 'sat' : 'unsat')
    assert.equal(pool.statistics, { forked: 2, overdue: 0, retried: 0, recycled: 1 })
  }))

test('closing leaves no process, and cancels what is under way, waiting or late', async () => {
  const pool = new WasmPool({ jobs: 1 })
  const pending = [pool.solve(ask(hard)), pool.solve(ask(chain(0).smt2))]
  assert.ok(await until(() => pool.processIds.length === 1))
  const [pid] = pool.processIds
  await pool.close()
  assert.not.ok(isAlive(pid!))
  const answers = await Promise.all([...pending, pool.solve(ask(chain(0).smt2))])
  assert.equal(
    answers.map((a) => a.kind === 'unknown' && a.reason),
    ['cancelled', 'cancelled', 'cancelled'],
  )
})

/** A program that opens a pool and never closes it; it says which process its child is. */
const careless = (mode: 'hangs' | 'ends') =>
  fork(fileURLToPath(new URL('./careless.ts', import.meta.url)), [mode], { stdio: 'ignore' })

test('children die with their parent, even in the middle of a query', async () => {
  const parent = careless('hangs')
  const [pid] = (await once(parent, 'message')) as [number]
  assert.ok(isAlive(pid))
  parent.kill('SIGKILL')
  assert.ok(await until(() => !isAlive(pid)))
})

test('an idle pool does not keep its process', async () => {
  const parent = careless('ends')
  const [pid] = (await once(parent, 'message')) as [number]
  parent.disconnect()
  const [code] = await once(parent, 'exit')
  assert.is(code, 0)
  assert.ok(await until(() => !isAlive(pid)))
})

test.run()

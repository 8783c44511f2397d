// The freed-string defect of z3-solver's eval_smtlib2_string (docs/solver-gotchas.md), provoked: texts of many lengths with
// known answers. A corrupted text is an error or a wrong verdict.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { WasmPool } from '../../../src/prover/solver/pool.ts'
import { ask, chain } from './queries.ts'

const test = suite('stress')
const queries = 300

test(`${queries} queries at a time, the parent busy: no error, no retry, no wrong answer`, async () => {
  const pool = new WasmPool({ jobs: 2 })
  let spin = 0
  const busy = setInterval(() => {
    for (const until = performance.now() + 2; performance.now() < until; ) spin++
  }, 8)
  const bad: unknown[] = []
  await Promise.all(
    Array.from({ length: queries }, async (_, i) => {
      const { smt2, satisfiable, last } = chain(i)
      const answer = await pool.solve(ask(smt2, 'model'))
      const value = answer.kind === 'sat' ? answer.model.get('last') : undefined
      if (satisfiable ? value?.kind !== 'bv' || value.value !== last : answer.kind !== 'unsat') bad.push(answer)
    }),
  )
  clearInterval(busy)
  await pool.close()
  assert.equal(bad, [])
  assert.equal(pool.statistics, { forked: 2, overdue: 0, retried: 0, recycled: 0 })
  assert.ok(spin > 0)
})

test('texts among many other calls of z3: none is damaged', async () => {
  const program = fork(fileURLToPath(new URL('./hammer.ts', import.meta.url)), ['24'], { stdio: 'inherit' })
  const [{ right, calls }] = (await once(program, 'message')) as [{ right: number; calls: number }]
  assert.is(right, 24)
  assert.ok(calls > 24, `${calls} calls meanwhile`)
})

test.run()

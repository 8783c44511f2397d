// The desk: a question is put to the solver once in a run, however many specs ask it, unless the answer may turn out better.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Desk } from '../../src/loader/desk.ts'
import { noCache } from '../../src/prover/solver/cache.ts'
import { type Solver, type SolverAnswer, type SolverRequest, unknown } from '../../src/prover/solver/solver.ts'
import { WorkQueue } from '../../src/prover/work.ts'

const unsat: SolverAnswer = { kind: 'unsat', core: [], ms: 1 }
const request = (smt2: string): SolverRequest => ({ id: 'q', smt2, timeoutMs: 1000, want: 'verdict' })
const how = { weight: 0, wanted: () => true }

function deskOf(answers: SolverAnswer[]) {
  const asked: string[] = []
  const solver: Solver = {
    ...{ name: 'fake', version: '1', flags: '' },
    solve: async ({ smt2 }) => {
      asked.push(smt2)
      return answers.shift() ?? unsat
    },
    close: async () => {},
  }
  return { desk: new Desk(solver, new WorkQueue(1), noCache), asked }
}

test('the same question is asked once: at the same time, and later', async () => {
  const { desk, asked } = deskOf([])
  const replies = await Promise.all([desk.ask(request('a'), how), desk.ask(request('a'), how)])
  assert.equal(
    [...replies, await desk.ask(request('a'), how)].map((r) => r.answer),
    [unsat, unsat, unsat],
  )
  await desk.ask(request('b'), how)
  await desk.ask({ ...request('a'), want: 'core' }, how)
  assert.equal(asked, ['a', 'b', 'a'])
})

test('a question without an answer is asked again', async () => {
  const { desk, asked } = deskOf([unknown('timeout', '', 1)])
  assert.is((await desk.ask(request('a'), how)).answer.kind, 'unknown')
  assert.is((await desk.ask(request('a'), how)).answer.kind, 'unsat')
  assert.equal(asked, ['a', 'a'])
})

test('what nobody wants any more is not asked, and who wants it after all gets it', async () => {
  const { desk, asked } = deskOf([])
  const dropped = desk.ask(request('a'), { weight: 0, wanted: () => false })
  const wanted = desk.ask(request('a'), how)
  assert.is((await dropped).answer.kind, 'unknown')
  assert.is((await wanted).answer.kind, 'unsat')
  assert.equal(asked, ['a'])
})
test.run()

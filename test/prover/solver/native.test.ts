// Installed solvers: answers, limits, nonsense, and what is left behind. And how a missing one is reported.

import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { isMissing, openSolver } from '../../../src/prover/solver/open.ts'
import type { Solver, SolverOptions } from '../../../src/prover/solver/solver.ts'
import { isInstalled, needs } from '../../support/tools.ts'
import { ask, chain, hard, huge } from './queries.ts'

const test = suite('native solvers')

async function open(name: 'z3' | 'cvc5', options: Partial<SolverOptions> = {}): Promise<Solver> {
  const solver = await openSolver(name, { jobs: 2, ...options })
  if (isMissing(solver)) throw new Error(solver.message)
  return solver
}

for (const name of ['z3', 'cvc5'] as const) {
  test(
    `${name}: verdicts, models, cores`,
    needs(name, async () => {
      const solver = await open(name, { seed: 3 })
      assert.is(solver.name, name)
      assert.match(solver.version, /^\d+\.\d+/)
      const sat = await solver.solve(ask(chain(8).smt2, 'model'))
      assert.equal(sat.kind === 'sat' && sat.model.get('last'), { kind: 'bv', width: 32, value: chain(8).last })
      assert.is((await solver.solve(ask(chain(9).smt2, 'model'))).kind, 'unsat')
      const named = '(set-logic QF_BV)(declare-const p Bool)(assert (! p :named a))(assert true)(assert (! (not p) :named |c c|))'
      const unsat = await solver.solve(ask(named, 'core'))
      assert.equal(unsat.kind === 'unsat' && unsat.core, ['a', 'c c'])
      await solver.close()
    }),
  )

  test(
    `${name}: limits of time and memory, nonsense, and others unharmed`,
    needs(name, async () => {
      const solver = await open(name, { memoryMb: 300 })
      const reasonOf = async (smt2: string, timeoutMs?: number) => {
        const answer = await solver.solve(ask(smt2, 'verdict', timeoutMs))
        return answer.kind === 'unknown' ? answer.reason : answer.kind
      }
      const asked = [hard, huge, '(assert (and p foo))', '(assert', chain(11).smt2, chain(12).smt2]
      const answers = await Promise.all(asked.map((smt2) => reasonOf(smt2, smt2 === hard ? 300 : undefined)))
      assert.equal(answers, ['timeout', 'memory', 'solver-error', 'solver-error', 'unsat', 'sat'])
      await solver.close()
    }),
  )

  test(
    `${name}: closing ends what is under way`,
    needs(name, async () => {
      const solver = await open(name, { jobs: 1 })
      const pending = [solver.solve(ask(hard)), solver.solve(ask(hard))]
      await new Promise((resolve) => setTimeout(resolve, 200))
      await solver.close()
      const answers = await Promise.all([...pending, solver.solve(ask(chain(0).smt2))])
      assert.equal(
        answers.map((a) => a.kind === 'unknown' && a.reason),
        ['cancelled', 'cancelled', 'cancelled'],
      )
    }),
  )
}

test('a missing solver names its remedy', async () => {
  const path = process.env.PATH
  process.env.PATH = '/nonexistent'
  try {
    const opened = await openSolver('cvc5', { jobs: 1 })
    assert.equal(opened, {
      kind: 'missing',
      name: 'cvc5',
      message: 'cvc5 is not installed: apt-get install cvc5, or use --solver wasm',
    })
  } finally {
    process.env.PATH = path
  }
  if (!isInstalled('bitwuzla')) assert.ok(isMissing(await openSolver('bitwuzla', { jobs: 1 })))
})

test.run()

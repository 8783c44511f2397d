// The embedded solver with its tactics, native z3 and cvc5 on the same random scripts: the same verdicts, models that make
// the scripts true (by an evaluator of the test's own), cores that are contradictory.
// Leaves out: widths beyond four bits, where verdicts would mostly be the same anyway.

import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { isMissing, openSolver } from '../../../src/prover/solver/open.ts'
import type { Solver, SolverName } from '../../../src/prover/solver/solver.ts'
import { seed } from '../../support/property.ts'
import { needs } from '../../support/tools.ts'
import { ask } from './queries.ts'
import { type Logic, randomScript, satisfies } from './scripts.ts'

const test = suite('agreement')
const runs = 10
const logics: readonly Logic[] = ['QF_BV', 'QF_UFBV', 'QF_ABV']
const timeoutMs = 5_000

const scripts = logics.flatMap((logic) => fc.sample(randomScript(logic), { numRuns: runs, seed }))

async function using(name: SolverName, body: (solver: Solver) => Promise<void>): Promise<void> {
  const solver = await openSolver(name, { jobs: 2 })
  if (isMissing(solver)) throw new Error(solver.message)
  try {
    await body(solver)
  } finally {
    await solver.close()
  }
}

type Kind = 'sat' | 'unsat' | 'unknown'
const verdicts = new Map<SolverName, readonly Kind[]>()

async function judge(solver: Solver, smt2: string): Promise<Kind> {
  const answer = await solver.solve(ask(smt2, 'model', timeoutMs))
  if (answer.kind === 'unknown') assert.is(answer.reason, 'timeout', `${answer.detail}\n${smt2}`)
  if (answer.kind === 'sat') assert.ok(satisfies(answer.model, smt2), `a wrong model\n${smt2}`)
  if (answer.kind !== 'unsat') return answer.kind
  const cored = await solver.solve(ask(smt2, 'core', timeoutMs))
  assert.is(cored.kind, 'unsat', smt2)
  const core = cored.kind === 'unsat' ? cored.core : []
  assert.ok(core.length > 0, smt2)
  const kept = smt2
    .split('\n')
    .filter((line) => !line.startsWith('(assert') || core.some((name) => line.endsWith(`:named ${name}))`)))
  const again = await solver.solve(ask(kept.join('\n'), 'verdict', timeoutMs))
  assert.not.equal(again.kind, 'sat', `not a core: ${core}\n${smt2}`)
  return 'unsat'
}

function compare(name: SolverName): () => Promise<void> {
  return () =>
    using(name, async (solver) => {
      const kinds = await Promise.all(scripts.map((smt2) => judge(solver, smt2)))
      for (const [other, theirs] of verdicts)
        for (const [i, kind] of kinds.entries())
          if (kind !== 'unknown' && theirs[i] !== 'unknown') assert.is(kind, theirs[i], `${name} and ${other} on\n${scripts[i]}`)
      verdicts.set(name, kinds)
      const count = (kind: Kind) => kinds.filter((k) => k === kind).length
      assert.ok(count('sat') >= runs / 2 && count('unsat') >= runs / 2 && count('unknown') <= runs / 3, JSON.stringify(kinds))
    })
}

test('wasm', compare('wasm'))
test('z3', needs('z3', compare('z3')))
test('cvc5', needs('cvc5', compare('cvc5')))

test.run()

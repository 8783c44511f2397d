// Each defence of the steps around the census is needed: with it off a procedure breaks its contract, by a run that the
// interpreter repeats.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { controlTeeth, controlTooth } from '../../src/properties/control-teeth.ts'
import type { Oracle } from '../../src/prover/oracle.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import type { Solver } from '../../src/prover/solver/solver.ts'
import { decideClaim } from '../prover/engine.ts'

const solver = (await openSolver('wasm', { jobs: 1 })) as Solver
const oracle: Oracle = {
  name: solver.name,
  version: solver.version,
  ask: async (request) => ({ answer: await solver.solve(request), cached: false }),
}

const all = suite('teeth of the steps around the census')
all.after(() => solver.close())
for (const t of controlTeeth)
  all(`${t.rows.join('+')}, ${t.off}`, async () => {
    const { claim, obligations } = await decideClaim(controlTooth(t), oracle, { timeoutMs: 60_000 })
    assert.is(claim.verdict, 'refuted')
    assert.ok(obligations.some((o) => o.counterexample?.kind === 'run'))
  })
all.run()

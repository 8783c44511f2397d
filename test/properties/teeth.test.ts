// Each defence is needed on its machine, and enough: with it off the claim falls, to a run that the interpreter repeats; with
// all of them on the same claim is proved.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { controlTeeth } from '../../src/properties/control-teeth.ts'
import { defended, teeth, tooth } from '../../src/properties/teeth.ts'
import type { Oracle } from '../../src/prover/oracle.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import type { Solver } from '../../src/prover/solver/solver.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { decideClaim } from '../prover/engine.ts'

const solver = (await openSolver('wasm', { jobs: 1 })) as Solver
const oracle: Oracle = {
  name: solver.name,
  version: solver.version,
  ask: async (request) => ({ answer: await solver.solve(request), cached: false }),
}

const all = suite('teeth')
all.after(() => solver.close())

all('every switch has a tooth', () => {
  assert.equal(new Set([...teeth, ...controlTeeth].map((t) => t.off)), new Set(Object.keys(ALL_ON)))
})

for (const t of teeth)
  all(`${t.rows.join('+')}, ${t.off}`, async () => {
    const { claim, obligations } = await decideClaim(tooth(t), oracle, { timeoutMs: 60_000 })
    assert.is(claim.verdict, 'refuted')
    const found = obligations[0]?.counterexample
    assert.ok(found?.kind === 'run')
    assert.is(found.racing, t.machine.racing === true)
    assert.ok(found.reads.some((r) => r.value !== '0x0' && r.explained !== undefined))
    assert.is((await decideClaim(defended(t), oracle, { timeoutMs: 60_000 })).claim.verdict, 'proved')
  })
all.run()

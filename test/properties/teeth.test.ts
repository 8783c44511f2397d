// Each defence is needed on its machine, and enough: with it off the claim falls, to a run that the interpreter repeats; with
// all of them on the same claim is proved.

import { fileURLToPath, pathToFileURL } from 'node:url'
import { globSync } from 'tinyglobby'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { controlTeeth } from '../../src/properties/control-teeth.ts'
import { defended, teeth, tooth } from '../../src/properties/teeth.ts'
import type { Claim } from '../../src/prover/claim.ts'
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

all('every switch has a tooth, or a row of the gallery', async () => {
  const folder = fileURLToPath(new URL('../../specs/attacks/', import.meta.url))
  const rows = await Promise.all(
    globSync('c*.ts', { cwd: folder, absolute: true }).map(async (spec) => {
      const claims = ((await import(pathToFileURL(spec).href)) as { default: readonly Claim[] }).default
      return claims[0]!.row!.defence
    }),
  )
  const off = new Set([...teeth, ...controlTeeth].map((t) => t.off).concat(rows as (keyof typeof ALL_ON)[]))
  assert.equal(
    (Object.keys(ALL_ON) as (keyof typeof ALL_ON)[]).filter((s) => !off.has(s)),
    [],
  )
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

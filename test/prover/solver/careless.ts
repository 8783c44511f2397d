// Opens a pool and never closes it: see pool.test.ts. `hangs` has a query under way when it reports, `ends` has none.

import { WasmPool } from '../../../src/prover/solver/pool.ts'
import { ask, chain, hard } from './queries.ts'

const pool = new WasmPool({ jobs: 1 })
await pool.solve(ask(chain(0).smt2))
if (process.argv[2] === 'hangs') void pool.solve(ask(hard, 'verdict', 600_000))
process.send?.(pool.processIds[0])

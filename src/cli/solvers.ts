import { WasmPool } from '../prover/solver/pool.ts'
import type { Solver, SolverMissing, SolverName, SolverOptions } from '../prover/solver/solver.ts'
export async function openSolver(name: SolverName, o: SolverOptions): Promise<Solver | SolverMissing> {
  return name === 'bitwuzla' ? { kind: 'missing', name, message: 'no' } : new WasmPool(o)
}

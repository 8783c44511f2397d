// Solvers by name. The embedded one is always there; the others are looked for, and a missing one names its remedy.

import { spawnSync } from 'node:child_process'
import { match } from 'ts-pattern'
import { NativeSolver, type NativeName } from './native.ts'
import { WasmPool } from './pool.ts'
import type { Solver, SolverMissing, SolverName, SolverOptions } from './solver.ts'

export const solverNames: readonly SolverName[] = ['auto', 'wasm', 'z3', 'cvc5', 'bitwuzla']

export async function openSolver(name: SolverName, options: SolverOptions): Promise<Solver | SolverMissing> {
  return match(name)
    .with('auto', 'wasm', () => new WasmPool(options))
    .with('z3', 'cvc5', 'bitwuzla', (native) => {
      const version = versionOf(native)
      return version === undefined ? missing(native) : new NativeSolver(native, version, options)
    })
    .exhaustive()
}

export const isMissing = (opened: Solver | SolverMissing): opened is SolverMissing => 'kind' in opened

/** The first number with a dot that the program prints about itself. */
function versionOf(name: NativeName): string | undefined {
  const { status, stdout } = spawnSync(name, ['--version'], { encoding: 'utf8' })
  return status === 0 ? (/\d+(\.\d+)+\S*/.exec(stdout)?.[0] ?? 'unknown') : undefined
}

function missing(name: NativeName): SolverMissing {
  const remedy = match(name)
    .with('z3', () => 'apt-get install z3')
    .with('cvc5', () => 'apt-get install cvc5')
    .with('bitwuzla', () => 'see https://bitwuzla.github.io')
    .exhaustive()
  return { kind: 'missing', name, message: `${name} is not installed: ${remedy}, or use --solver wasm` }
}

// Queries with known answers, and some that no solver answers soon.

import type { SolverRequest, Want } from '../../../src/prover/solver/solver.ts'

export const ask = (smt2: string, want: Want = 'verdict', timeoutMs = 20_000): SolverRequest => ({
  id: 'test',
  smt2,
  timeoutMs,
  want,
})

/** The `i`-th of a family of chained sums: texts of 0.5 to 6 KB, all different, satisfiable for even `i`. */
export function chain(i: number): { readonly smt2: string; readonly satisfiable: boolean; readonly last: bigint } {
  const lines = ['(set-logic QF_BV)', '(declare-const x0 (_ BitVec 32))', `(assert (= x0 ${hex(BigInt(i))}))`]
  const length = 3 + ((i * 37) % 45)
  let sum = BigInt(i)
  for (let k = 1; k <= length; k++) {
    const addend = BigInt((i * 2654435761 + k * 40503) % 2 ** 32)
    sum = (sum * 3n + addend) % 2n ** 32n
    const name = `x${k}`
    lines.push(`(declare-const ${name} (_ BitVec 32)) ; ${'.'.repeat((i * k) % 60)}`)
    lines.push(`(assert (= ${name} (bvadd (bvmul x${k - 1} ${hex(3n)}) ${hex(addend)})))`)
  }
  const satisfiable = i % 2 === 0
  lines.push(`(declare-const last (_ BitVec 32))`, `(assert (= last x${length}))`)
  if (!satisfiable) lines.push(`(assert (not (= last ${hex(sum)})))`)
  return { smt2: lines.join('\n'), satisfiable, last: sum }
}

const hex = (n: bigint) => `#x${n.toString(16).padStart(8, '0')}`

/** Counting bits is additive: true, and out of reach of SAT solvers when bits are counted by a sum. */
export const hard = `(set-logic QF_BV)
(declare-const x (_ BitVec 64))
(declare-const y (_ BitVec 64))
(declare-const n (_ BitVec 64))
(assert (not (= (bvadd (bvsub n ${bitsOf('x')}) ${bitsOf('(bvor x y)')}) (bvadd n ${bitsOf('(bvand (bvnot x) y)')}))))`

function bitsOf(term: string): string {
  const bits = Array.from({ length: 64 }, (_, i) => `((_ zero_extend 63) ((_ extract ${i} ${i}) ${term}))`)
  return `(bvadd ${bits.join(' ')})`
}

/** Bit-blasting needs gigabytes at once. */
export const huge = `(set-logic QF_BV)
(declare-const x (_ BitVec 400000000))
(declare-const y (_ BitVec 400000000))
(assert (bvult x y))
(assert (bvult y x))`

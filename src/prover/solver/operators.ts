// Bit-vector operators on known values. Models are mostly literals, but z3 leaves some terms as they came out of elimination.
// Leaves out: division, remainders, rotations; no model has been seen with them.
// Source: SMT-LIB 2.6, theory FixedSizeBitVectors and logic QF_BV.

import { match } from 'ts-pattern'
import type { ModelValue } from './value.ts'

type Bits = ModelValue & { readonly kind: 'bv' }

/** Undefined for an operator that is not here, or for operands that are no bit-vectors. */
export function applyOperator(name: string, indices: readonly number[], operands: readonly ModelValue[]): ModelValue | undefined {
  const all = operands.filter((v): v is Bits => v.kind === 'bv')
  const [a, ...others] = all
  if (a === undefined || all.length !== operands.length) return undefined
  const [b = a] = others
  const { width } = a
  const [i = 0, j = 0] = indices
  const bits = (value: bigint, w = width): Bits => ({ kind: 'bv', width: w, value: BigInt.asUintN(w, value) })
  const truth = (value: boolean): ModelValue => ({ kind: 'bool', value })
  const fold = (f: (x: bigint, y: bigint) => bigint) => bits(others.reduce((acc, v) => f(acc, v.value), a.value))
  const signed = (v: Bits) => BigInt.asIntN(v.width, v.value)
  const shift = b.value > BigInt(width) ? BigInt(width) : b.value
  return match(name)
    .returnType<ModelValue | undefined>()
    .with('concat', () => all.reduce((x, y) => bits((x.value << BigInt(y.width)) | y.value, x.width + y.width)))
    .with('extract', () => bits(a.value >> BigInt(j), i - j + 1))
    .with('zero_extend', () => bits(a.value, width + i))
    .with('sign_extend', () => bits(signed(a), width + i))
    .with('bvnot', () => bits(~a.value))
    .with('bvneg', () => bits(-a.value))
    .with('bvand', () => fold((x, y) => x & y))
    .with('bvor', () => fold((x, y) => x | y))
    .with('bvxor', () => fold((x, y) => x ^ y))
    .with('bvadd', () => fold((x, y) => x + y))
    .with('bvsub', () => fold((x, y) => x - y))
    .with('bvmul', () => fold((x, y) => x * y))
    .with('bvshl', () => bits(a.value << shift))
    .with('bvlshr', () => bits(a.value >> shift))
    .with('bvashr', () => bits(signed(a) >> shift))
    .with('bvult', () => truth(a.value < b.value))
    .with('bvule', () => truth(a.value <= b.value))
    .with('bvugt', () => truth(a.value > b.value))
    .with('bvuge', () => truth(a.value >= b.value))
    .with('bvslt', () => truth(signed(a) < signed(b)))
    .with('bvsle', () => truth(signed(a) <= signed(b)))
    .with('bvsgt', () => truth(signed(a) > signed(b)))
    .with('bvsge', () => truth(signed(a) >= signed(b)))
    .otherwise(() => undefined)
}

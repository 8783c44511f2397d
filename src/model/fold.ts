// Constant folding.

import type { Op } from './term.ts'

/** The meaning of the binary bit-vector operators on constants (SMT-LIB FixedSizeBitVectors). */
export function fold(op: Op, a: bigint, b: bigint, width: number): bigint {
  const wrap = (v: bigint) => BigInt.asUintN(width, v)
  switch (op) {
    case 'add':
      return wrap(a + b)
    case 'sub':
      return wrap(a - b)
    case 'mul':
      return wrap(a * b)
    case 'bvand':
      return a & b
    case 'bvor':
      return a | b
    case 'bvxor':
      return a ^ b
    case 'shl':
      return b >= BigInt(width) ? 0n : wrap(a << b)
    case 'lshr':
      return b >= BigInt(width) ? 0n : a >> b
    default:
      throw new TypeError(`no such operator: ${op}`)
  }
}

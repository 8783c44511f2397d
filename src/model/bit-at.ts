// The rules for one bit at a place that is not constant, `(a >> k)` bit 0: it is put together from bits of the parts of a.
// Marking and testing a bit of a bitmap are these; without the rules each is a shift of a whole word to a solver.

import { bvSortOf, constant, intern, leadingZeros, num, onesOf, widthOf } from './intern.ts'
import { arithmetic, choose, complement, extract, less } from './simplify.ts'
import type { Term } from './term.ts'

/** Bit k of a; zero if a has no such bit. */
export function bitAt(a: Term, k: Term): Term {
  const width = widthOf(a)
  if (!isBelow(k, width)) return intern('extract', [intern('lshr', [a, k], undefined, a.sort)], 0, bvSortOf(1))
  const places = Math.ceil(Math.log2(width))
  const [x, y, z] = a.args as [Term, Term, Term]
  switch (a.op) {
    case 'const':
      if (constant(a) === 0n) return num(1, 0n)
      if (constant(a) === onesOf(width)) return num(1, 1n)
      break
    case 'bvand':
    case 'bvor':
    case 'bvxor':
      return arithmetic(a.op, bitAt(x, k), bitAt(y, k))
    case 'bvnot':
      return complement(bitAt(x, k))
    case 'ite':
      return choose(x, bitAt(y, k), bitAt(z, k))
    case 'shl':
      if (constant(x) === onesOf(width)) return choose(less(k, y), num(1, 0n), num(1, 1n))
      break
    case 'lshr':
      if (constant(x) === onesOf(width) && isBelow(y, width) && 2 ** places === width) {
        const last = complement(extract(y, 0, places))
        return choose(less(last, extract(k, 0, places)), num(1, 0n), num(1, 1n))
      }
      break
    default:
      break
  }
  return intern('extract', [intern('lshr', [a, k], undefined, a.sort)], 0, bvSortOf(1))
}

/** Seen from its leading zeros alone. */
function isBelow(k: Term, width: number): boolean {
  const bits = widthOf(k) - leadingZeros(k)
  return bits < 31 && 2 ** bits <= width
}

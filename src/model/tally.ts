// What a tally statement counts, and whether the watched object is among it.

import type { Counted } from './procedure.ts'
import { type Bool, bv, type Bv } from './term.ts'

export function popcount(word: bigint): bigint {
  let n = 0n
  for (let w = word; w !== 0n; w &= w - 1n) n++
  return n
}

/** Whether the watched object is among those that `counted` names. */
export function isCharged(counted: Counted, object: Bv<string>): Bool {
  const { first } = counted
  if (counted.kind === 'block') {
    const high = object.width - 1
    return object.bits(high, counted.shift).eq(first.bits(high, counted.shift))
  }
  const { width } = counted.bits
  const offset = object.minus(first)
  return first.ule(object).and(offset.ult(bv(offset.width, width)), counted.bits.lshr(placeIn(offset, width)).bit(0))
}

/** What an aligned block adds. */
export const blockAmount = ({ shift, as }: { readonly shift: number; readonly as: 'one' | 'each' }): bigint =>
  as === 'one' ? 1n : 1n << BigInt(shift)

/** An offset below the width, as a number of places to shift: the bits that it can have, so that terms show that it is below. */
function placeIn(offset: Bv<string>, width: number): Bv {
  const bits = Math.max(1, Math.ceil(Math.log2(width)))
  return offset.bits(Math.min(offset.width, bits) - 1, 0).zext(width)
}

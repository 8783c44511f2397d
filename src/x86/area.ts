// Areas of memory with a documented layout: fields by byte offset, over the same layouts that describe registers.
//
// Covers: fields of whole bytes and single bits at byte offsets; the offset of a field, for those who read memory.
// Liberties: an area is one little-endian number whose bit 8k is bit 0 of byte k.

import { bits, type Field, type Fields, flag, type Layout, layout } from '../model/layout.ts'

/** `count` bytes at byte `offset`. */
export const bytesAt = (offset: number, count: number, ref: string): Field<'number'> =>
  bits(8 * (offset + count) - 1, 8 * offset, ref)
/** Bit `n` of the number at byte `offset`. */
export const bitAt = (offset: number, n: number, ref: string): Field<'flag'> => flag(8 * offset + n, ref)
/** Bits high..low of the number at byte `offset`. */
export const bitsAt = (offset: number, high: number, low: number, ref: string): Field<'number'> =>
  bits(8 * offset + high, 8 * offset + low, ref)

/** The byte at which a field begins. @throws RangeError when it begins inside a byte. */
export function byteOffset(field: Field): number {
  if (field.low % 8 !== 0) throw new RangeError(`a field at bit ${field.low} does not begin at a byte`)
  return field.low / 8
}
/** The whole bytes of a field. @throws RangeError when it has none. */
export function byteCount(field: Field): number {
  const width = field.high - field.low + 1
  if (width % 8 !== 0) throw new RangeError(`a field of ${width} bits is no number of bytes`)
  return width / 8
}

/** The named fields of the word of `bytes` bytes at `offset`, for those who have read that word alone. @throws RangeError when one lies outside. */
export function wordOf<F extends Fields, K extends keyof F & string>(
  area: Layout<F>,
  name: string,
  offset: number,
  bytes: number,
  names: readonly K[],
): Layout<Pick<F, K>> {
  const moved = names.map((field) => {
    const f: Field = area.fields[field]!
    return [field, { ...f, high: f.high - 8 * offset, low: f.low - 8 * offset }]
  })
  return layout(name, 8 * bytes, Object.fromEntries(moved) as Pick<F, K>)
}

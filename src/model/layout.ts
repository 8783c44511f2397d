// Layouts: a register, table entry, save area or control block described once as named bit fields, each with its manual
// reference. The one description serves reading, writing and printing.

import type { Bool, Bv } from './term.ts'

export interface Field<W extends 'flag' | 'number' = 'flag' | 'number'> {
  readonly kind: W
  readonly high: number
  readonly low: number
  /** Manual section, e.g. `APM 5.3.3`. */
  readonly ref: string
}
export type Fields = Readonly<Record<string, Field>>

/** Bit `n`, read as a Bool. */
export const flag = (n: number, ref = ''): Field<'flag'> => ({ kind: 'flag', high: n, low: n, ref })
/** Bits high..low (inclusive), read as a bit-vector. */
export const bits = (high: number, low: number, ref = ''): Field<'number'> => ({ kind: 'number', high, low, ref })

export type View<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<'flag'> ? Bool : Bv
}

export interface Layout<F extends Fields = Fields> {
  readonly name: string
  readonly width: number
  readonly fields: F
  /** The fields of a term of `width` bits. */
  of(term: Bv<string>): View<F>
  /** The fields of a value, by name, in layout order. */
  decode(value: bigint): Record<keyof F & string, bigint>
  /** The value with the given fields set and all other bits zero. @throws RangeError when a value does not fit its field. */
  encode(values: Partial<Record<keyof F & string, bigint | number | boolean>>): bigint
  /** `P=1 RW=0 Address=0x1000`: flags that are 0 and zero numbers are left out, unless all are. */
  show(value: bigint): string
  /** `PTE.P 1->0, PTE.RW 0->1`; changed bits outside of all fields are `PTE.reserved 0x0->0x10`, in place. */
  diff(before: bigint, after: bigint): string
}

/** @throws RangeError when a field lies outside the width or two fields overlap. */
export function layout<const F extends Fields>(name: string, width: number, fields: F): Layout<F> {
  const entries = Object.entries(fields)
  let used = 0n
  for (const [field, { high, low }] of entries) {
    if (low < 0 || high < low || high >= width)
      throw new RangeError(`${name}.${field}: bits ${high}:${low} do not fit in ${width}`)
    const mask = maskOf(high, low)
    if ((used & mask) !== 0n) throw new RangeError(`${name}.${field}: bits ${high}:${low} overlap another field`)
    used |= mask
  }
  const decode = (value: bigint) =>
    Object.fromEntries(entries.map(([field, { high, low }]) => [field, (value & maskOf(high, low)) >> BigInt(low)])) as Record<
      keyof F & string,
      bigint
    >
  const text = (field: Field, value: bigint) => (field.high === field.low ? `${value}` : `0x${value.toString(16)}`)
  return {
    name,
    width,
    fields,
    of(term) {
      if (term.width !== width) throw new TypeError(`${name} has ${width} bits, the term has ${term.width}`)
      const view: Record<string, Bool | Bv> = {}
      for (const [field, { kind, high, low }] of entries) view[field] = kind === 'flag' ? term.bit(low) : term.bits(high, low)
      return view as View<F>
    },
    decode,
    encode(values) {
      let out = 0n
      for (const [field, given] of Object.entries(values)) {
        const at = fields[field]
        if (at === undefined) throw new RangeError(`${name} has no field ${field}`)
        const value = BigInt(given as bigint | number | boolean)
        if (value < 0n || value > maskOf(at.high - at.low, 0)) throw new RangeError(`${name}.${field}: ${value} does not fit`)
        out |= value << BigInt(at.low)
      }
      return out
    },
    show(value) {
      const decoded = decode(value)
      const shown = entries
        .filter(([field]) => decoded[field] !== 0n)
        .map(([field, at]) => `${field}=${text(at, decoded[field]!)}`)
      const rest = value & ~used
      if (rest !== 0n) shown.push(`other=0x${rest.toString(16)}`)
      return shown.length === 0 ? '0' : shown.join(' ')
    },
    diff(before, after) {
      const [a, b] = [decode(before), decode(after)]
      const changed = entries.filter(([field]) => a[field] !== b[field])
      const shown = changed.map(([field, at]) => `${name}.${field} ${text(at, a[field]!)}->${text(at, b[field]!)}`)
      const [was, is] = [before & ~used, after & ~used]
      if (was !== is) shown.push(`${name}.reserved 0x${was.toString(16)}->0x${is.toString(16)}`)
      return shown.join(', ')
    },
  }
}

const maskOf = (high: number, low: number): bigint => ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low)

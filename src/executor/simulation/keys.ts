// Sparse tables of a concrete state: the indices of one domain that somebody has mentioned share one hash table, and every
// table over the domain is a column of elements beside it. Entry 0 stands for all indices that nobody has mentioned.
// Leaves out: tables over domains that are counted (layout.ts puts their elements beside the scalars).

import { limbCount } from '../limbs.ts'

const FIRST_CAPACITY = 16

/** Elements of one table, `limbs` numbers each, by entry of its key space. */
export class Column {
  readonly limbs: number
  values: Int32Array

  constructor(limbs: number) {
    this.limbs = limbs
    this.values = new Int32Array(limbs * FIRST_CAPACITY)
  }
  get otherwise(): Int32Array {
    return this.values.subarray(0, this.limbs)
  }
  clear(): void {
    this.values.fill(0, 0, this.limbs)
  }
  grow(capacity: number): void {
    const longer = new Int32Array(this.limbs * capacity)
    longer.set(this.values)
    this.values = longer
  }
  /** The element of `entry` becomes that of the indices that nobody has mentioned. */
  begin(entry: number): void {
    this.values.copyWithin(this.limbs * entry, 0, this.limbs)
  }
}

/** Limbs of an index. */
export const KEY_LIMBS = 4
export type Key = readonly [number, number, number, number]

export class KeySpace {
  /** Limbs of the index of an entry: lowest first, 0 beyond the width. */
  readonly keys: [Int32Array, Int32Array, Int32Array, Int32Array]
  /** Entries, the one that stands for all others included. */
  count = 1
  /** Entries written or added since `settle`. */
  readonly touched: number[] = []
  private readonly isWide: boolean
  private slots = new Int32Array(2 * FIRST_CAPACITY)
  private readonly columns: Column[] = []

  /** @throws TypeError when indices have more than 128 bits. */
  constructor(width: number) {
    const limbs = limbCount(width)
    if (limbs > KEY_LIMBS) throw new TypeError(`tables are indexed with at most ${32 * KEY_LIMBS} bits, not ${width}`)
    this.isWide = limbs > 2
    const keys = () => new Int32Array(FIRST_CAPACITY)
    this.keys = [keys(), keys(), keys(), keys()]
  }
  column(limbs: number): Column {
    const column = new Column(limbs)
    this.columns.push(column)
    return column
  }
  keyOf(entry: number): Key {
    const [a, b, c, d] = this.keys
    return [a[entry]!, b[entry]!, c[entry]!, d[entry]!]
  }

  /** The entry of an index; 0 when there is none. */
  at(a: number, b: number, c = 0, d = 0): number {
    const { slots, isWide } = this
    const [ka, kb, kc, kd] = this.keys
    const mask = slots.length - 1
    for (let s = hash(a, b, c, d) & mask; ; s = (s + 1) & mask) {
      const entry = slots[s]!
      if (entry === 0) return 0
      if (ka[entry] === a && kb[entry] === b && (!isWide || (kc[entry] === c && kd[entry] === d))) return entry
    }
  }
  /** The entry of an index, added when there is none. */
  mention(a: number, b: number, c = 0, d = 0): number {
    const known = this.at(a, b, c, d)
    if (known !== 0) return known
    if (this.count === this.keys[0].length) this.grow()
    const entry = this.count++
    this.keys[0][entry] = a
    this.keys[1][entry] = b
    this.keys[2][entry] = c
    this.keys[3][entry] = d
    for (const column of this.columns) column.begin(entry)
    this.place(entry)
    this.touched.push(entry)
    return entry
  }
  settle(): void {
    this.touched.length = 0
  }
  /** Forgets every index; what stands for all others becomes false or 0. */
  clear(): void {
    if (this.count > 1) this.slots.fill(0)
    this.count = 1
    this.touched.length = 0
    for (const column of this.columns) column.clear()
  }

  private place(entry: number): void {
    const mask = this.slots.length - 1
    let s = hash(...this.keyOf(entry)) & mask
    while (this.slots[s] !== 0) s = (s + 1) & mask
    this.slots[s] = entry
  }
  private grow(): void {
    const capacity = 2 * this.keys[0].length
    for (const [k, old] of this.keys.entries()) {
      this.keys[k] = new Int32Array(capacity)
      this.keys[k]!.set(old)
    }
    for (const column of this.columns) column.grow(capacity)
    this.slots = new Int32Array(2 * capacity)
    for (let entry = 1; entry < this.count; entry++) this.place(entry)
  }
}

/** Finaliser of MurmurHash3 (Appleby, 2011) over all limbs. */
function hash(a: number, b: number, c: number, d: number): number {
  let h = a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x7feb352d) ^ Math.imul(d, 0x846ca68b)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

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

export class KeySpace {
  /** Low and high half of the index of an entry. */
  low = new Int32Array(FIRST_CAPACITY)
  high = new Int32Array(FIRST_CAPACITY)
  /** Entries, the one that stands for all others included. */
  count = 1
  /** Entries written or added since `settle`. */
  readonly touched: number[] = []
  private slots = new Int32Array(2 * FIRST_CAPACITY)
  private readonly columns: Column[] = []

  /** @throws TypeError when indices have more than 64 bits. */
  constructor(width: number) {
    if (limbCount(width) > 2) throw new TypeError(`tables are indexed with at most 64 bits, not ${width}`)
  }
  column(limbs: number): Column {
    const column = new Column(limbs)
    if (this.low.length > FIRST_CAPACITY) column.grow(this.low.length)
    this.columns.push(column)
    return column
  }

  /** The entry of an index; 0 when there is none. */
  at(low: number, high: number): number {
    const mask = this.slots.length - 1
    for (let s = hash(low, high) & mask; ; s = (s + 1) & mask) {
      const entry = this.slots[s]!
      if (entry === 0 || (this.low[entry] === low && this.high[entry] === high)) return entry
    }
  }
  /** The entry of an index, added when there is none, to be looked at again. */
  touch(low: number, high: number): number {
    const entry = this.mention(low, high)
    this.touched.push(entry)
    return entry
  }
  mention(low: number, high: number): number {
    const known = this.at(low, high)
    if (known !== 0) return known
    if (this.count === this.low.length) this.grow()
    const entry = this.count++
    this.low[entry] = low
    this.high[entry] = high
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
    let s = hash(this.low[entry]!, this.high[entry]!) & mask
    while (this.slots[s] !== 0) s = (s + 1) & mask
    this.slots[s] = entry
  }
  private grow(): void {
    const capacity = 2 * this.low.length
    const longer = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const out = new Int32Array(capacity)
      out.set(old)
      return out
    }
    this.low = longer(this.low)
    this.high = longer(this.high)
    for (const column of this.columns) column.grow(capacity)
    this.slots = new Int32Array(2 * capacity)
    for (let entry = 1; entry < this.count; entry++) this.place(entry)
  }
}

/** Finaliser of MurmurHash3 (Appleby, 2011) over both halves. */
function hash(low: number, high: number): number {
  let h = low ^ Math.imul(high, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

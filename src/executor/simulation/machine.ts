// A concrete state of a system, as numbers (layout.ts) that generated code works on, and as values that people and the exact
// evaluation use.

import { ArrayValue, type Value } from '../../model/evaluate.ts'
import type { Variable } from '../../model/system.ts'
import { bigOfLimbs, limbCount, numberOfLimb } from '../limbs.ts'
import { type Column, type Key, KEY_LIMBS, KeySpace } from './keys.ts'
import { type Layout, limbsOfWidth, type Place, type TablePlace } from './layout.ts'

type Element = bigint | boolean
const NOTHING = new Int32Array(8)

/** A state to come back to. */
export interface Snapshot {
  readonly numbers: Int32Array
  readonly spaces: readonly (readonly Key[])[]
  /** By number of the table; undefined where it has no column. */
  readonly columns: readonly (Int32Array | undefined)[]
}

export class Machine {
  readonly layout: Layout
  readonly S: Int32Array
  /** One bit per variable that changed since `settle`. */
  readonly M: Int32Array
  /** Number of elements of each counted domain. */
  readonly N: number[]
  /** Identifiers of the last instance that did not hold. */
  readonly F = new Int32Array(32)
  readonly spaces: readonly KeySpace[]
  /** By number of the table. */
  readonly columns: readonly (Column | undefined)[]

  constructor(layout: Layout) {
    this.layout = layout
    this.S = new Int32Array(layout.size)
    this.M = new Int32Array((layout.variables.length >> 5) + 1)
    this.N = layout.domains.map(() => 0)
    this.spaces = layout.spaces.map((width) => new KeySpace(width))
    this.columns = layout.tables.map(({ space, width }) =>
      space === undefined ? undefined : this.spaces[space]!.column(limbsOfWidth(width)),
    )
  }

  /** Everything false or 0, nothing mentioned. */
  clear(): void {
    this.S.fill(0)
    this.M.fill(0)
    for (const space of this.spaces) space.clear()
  }
  /** What changed until now has been seen. */
  settle(): void {
    this.M.fill(0)
    for (const space of this.spaces) space.settle()
  }

  /** How many variables changed since `settle`. */
  get changed(): number {
    let n = 0
    for (const bits of this.M) for (let x = bits; x !== 0; x &= x - 1) n++
    return n
  }

  snapshot(): Snapshot {
    return {
      numbers: this.S.slice(),
      spaces: this.spaces.map((space) => Array.from({ length: space.count - 1 }, (_, i) => space.keyOf(i + 1))),
      columns: this.layout.tables.map(({ space, number }) => {
        const column = this.columns[number]
        return column?.values.slice(0, column.limbs * this.spaces[space!]!.count)
      }),
    }
  }
  restore({ numbers, spaces, columns }: Snapshot): void {
    this.S.set(numbers)
    for (const [i, keys] of spaces.entries()) {
      this.spaces[i]!.clear()
      for (const key of keys) this.spaces[i]!.mention(...key)
    }
    for (const [i, values] of columns.entries()) if (values !== undefined) this.columns[i]!.values.set(values)
    this.settle()
  }

  // ---- values ----

  get(place: Place): Value {
    if (place.kind === 'scalar') return elementOf(this.S, place.slot, place.width)
    const column = this.columns[place.number]
    const otherwise = column === undefined ? elementOf(NOTHING, 0, place.width) : elementOf(column.values, 0, place.width)
    const entries = new Map<bigint, Element>()
    for (const [index, element] of this.elements(place)) if (element !== otherwise) entries.set(index, element)
    return new ArrayValue(otherwise, entries)
  }
  /** Elements beside the scalars, then mentioned ones. */
  private *elements(place: TablePlace): Generator<readonly [bigint, Element]> {
    const limbs = limbsOfWidth(place.width)
    for (let i = 0; i < place.dense; i++) yield [BigInt(i), elementOf(this.S, place.slot + limbs * i, place.width)]
    const column = this.columns[place.number]
    if (column === undefined) return
    const { count } = this.spaces[place.space!]!
    for (let e = 1; e < count; e++) {
      const key = this.key(place.space!, e)
      if (key >= place.dense) yield [key, elementOf(column.values, limbs * e, place.width)]
    }
  }
  at(place: TablePlace, index: bigint): Element {
    const limbs = limbsOfWidth(place.width)
    if (index < place.dense) return elementOf(this.S, place.slot + limbs * Number(index), place.width)
    const column = this.columns[place.number]
    if (column === undefined) return elementOf(NOTHING, 0, place.width)
    return elementOf(column.values, limbs * this.spaces[place.space!]!.at(...keyOf(index)), place.width)
  }
  key(space: number, entry: number): bigint {
    return bigOfLimbs(this.spaces[space]!.keyOf(entry), 0, KEY_LIMBS)
  }

  /** @throws TypeError when a table's value is not made of entries. */
  set(place: Place, value: Value): void {
    if (place.kind === 'scalar') {
      setElement(this.S, place.slot, place.width, value as Element)
      return
    }
    if (!(value instanceof ArrayValue)) throw new TypeError(`the value of ${place.name} is no ArrayValue`)
    const limbs = limbsOfWidth(place.width)
    for (let i = 0; i < place.dense; i++) setElement(this.S, place.slot + limbs * i, place.width, value.otherwise)
    const column = this.columns[place.number]
    if (column !== undefined) {
      const { count } = this.spaces[place.space!]!
      for (let e = 0; e < count; e++) setElement(column.values, limbs * e, place.width, value.otherwise)
    }
    for (const [index, element] of value.entries) this.setAt(place, index, element)
  }
  setAt(place: TablePlace, index: bigint, element: Element): void {
    const limbs = limbsOfWidth(place.width)
    if (index < place.dense) {
      setElement(this.S, place.slot + limbs * Number(index), place.width, element)
      return
    }
    const entry = this.spaces[place.space!]!.mention(...keyOf(index))
    setElement(this.columns[place.number]!.values, limbs * entry, place.width, element)
  }

  values(): Map<Variable, Value> {
    return new Map(this.layout.variables.map((v) => [v, this.get(this.layout.place(v))]))
  }
  /** Variables that are not given become false or 0. */
  load(values: ReadonlyMap<Variable, Value>): void {
    this.clear()
    for (const [variable, value] of values) this.set(this.layout.place(variable), value)
    this.settle()
  }
}

export const keyOf = (index: bigint): Key => [0, 1, 2, 3].map((k) => numberOfLimb(index, k)) as unknown as Key

function elementOf(from: Int32Array, at: number, width: number): Element {
  return width === 0 ? from[at] !== 0 : BigInt.asUintN(width, bigOfLimbs(from, at, limbCount(width)))
}
function setElement(to: Int32Array, at: number, width: number, value: Element): void {
  if (width === 0) to[at] = value === true ? 1 : 0
  else for (let k = 0; k < limbCount(width); k++) to[at + k] = numberOfLimb(value as bigint, k)
}

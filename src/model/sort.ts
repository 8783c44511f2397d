// Sorts of the modelling language: Booleans, bit-vectors of a fixed width, arrays from bit-vectors to either.
// Leaves out: integers, quantifiers, uninterpreted sorts (proofs stay in the quantifier-free bit-vector theories).

export interface BoolSort {
  readonly kind: 'bool'
}
export interface BvSort {
  readonly kind: 'bv'
  readonly width: number
}
export interface ArraySort {
  readonly kind: 'array'
  /** Width of the index in bits. */
  readonly index: number
  readonly element: BoolSort | BvSort
}
export type Sort = BoolSort | BvSort | ArraySort

export const boolSort: BoolSort = { kind: 'bool' }
const widths = new Map<number, BvSort>()

/** The sort of bit-vectors of `width` bits. @throws RangeError unless width is a positive integer. */
export function bvSort(width: number): BvSort {
  let sort = widths.get(width)
  if (sort === undefined) {
    if (!Number.isInteger(width) || width < 1) throw new RangeError(`a bit-vector needs a positive whole width, not ${width}`)
    sort = { kind: 'bv', width }
    widths.set(width, sort)
  }
  return sort
}

export function arraySort(index: number, element: BoolSort | BvSort): ArraySort {
  return { kind: 'array', index: bvSort(index).width, element }
}

export function sortKey(sort: Sort): string {
  if (sort.kind === 'bool') return 'B'
  if (sort.kind === 'bv') return `v${sort.width}`
  return `a${sort.index}.${sortKey(sort.element)}`
}

export function sameSort(a: Sort, b: Sort): boolean {
  return a === b || sortKey(a) === sortKey(b)
}

export function describeSort(sort: Sort): string {
  if (sort.kind === 'bool') return 'Bool'
  if (sort.kind === 'bv') return `BitVec ${sort.width}`
  return `Array (BitVec ${sort.index} -> ${describeSort(sort.element)})`
}

// Cells: the named state that procedures read and write. SMRAM cells are the handler's own memory, constants are SMRAM cells
// filled at boot and never written after, ghost cells exist only in proofs, locals live in one procedure's activation.
// A watch is a rigid, arbitrary value: what is proved for it is proved for all values.
// In a term, `cell.now` is the current value at the statement, `cell.old` the value at the procedure's entry.

import { arraySort, type ArraySort, type BoolSort, bvSort, type BvSort, type Sort, sortKey } from './sort.ts'
import { type Arr, type Bool, type Bv, type Term, varOf } from './term.ts'

export type CellKind = 'smram' | 'constant' | 'ghost' | 'local' | 'watch'

export interface Cell<T extends Term = Term, K extends CellKind = CellKind> {
  readonly kind: K
  readonly name: string
  readonly sort: T['sort']
  readonly now: T
  readonly old: T
  /** Number of elements of an array cell: indices at or above it are out of bounds (a verification condition). */
  readonly length?: Bv<string>
  /** A rigid table that stands for something else: its element at an index, in terms of constants, watches and memory. */
  readonly definition?: (index: Bv) => Term
}
/** Cells that executable statements may write. */
export type Writable<T extends Term = Term> = Cell<T, 'smram'> | Cell<T, 'local'>
export type Ghost<T extends Term = Term> = Cell<T, 'ghost'>
export type Watch<T extends Term = Term> = Cell<T, 'watch'>

const registry = new Map<Term, Cell>()

function declare<T extends Term, K extends CellKind>(
  kind: K,
  name: string,
  sort: Sort,
  extra: Pick<Cell, 'length' | 'definition'> = {},
): Cell<T, K> {
  const now = varOf(name, sort) as T
  const old = varOf(`old:${name}`, sort) as T
  const known = registry.get(now)
  if (known !== undefined) {
    if (known.kind !== kind || sortKey(known.sort) !== sortKey(sort))
      throw new Error(`cell ${name} is declared twice, differently`)
    return known as Cell<T, K>
  }
  const cell: Cell<T, K> = { kind, name, sort: sort as T['sort'], now, old, ...extra }
  registry.set(now, cell)
  registry.set(old, cell)
  return cell
}

/** The cell whose `now` or `old` this variable is, if any. */
export function cellOf(variable: Term): Cell | undefined {
  return registry.get(variable)
}

/** The cell of this name, if one is declared. */
export const cellNamed = (name: string): Cell | undefined => {
  for (const cell of registry.values()) if (cell.name === name) return cell
  return undefined
}
/** Names of cells that contain the text, whatever its case. */
export const cellNames = (part: string): readonly string[] => {
  const names = [...new Set([...registry.values()].map((c) => c.name))]
  return names.filter((name) => name.toLowerCase().includes(part.toLowerCase()))
}

const scalar =
  <K extends CellKind>(kind: K) =>
  <B extends string = 'bits'>(name: string, width: number): Cell<Bv<B>, K> =>
    declare(kind, name, bvSort(width))
const truth =
  <K extends CellKind>(kind: K) =>
  (name: string): Cell<Bool, K> =>
    declare(kind, name, { kind: 'bool' })
const array =
  <K extends CellKind>(kind: K) =>
  (name: string, index: number, element: BoolSort | BvSort, length?: Bv<string>): Cell<Arr, K> =>
    declare(kind, name, arraySort(index, element) as ArraySort, length === undefined ? {} : { length })

export const smram = { bits: scalar('smram'), flag: truth('smram'), array: array('smram') }
export const constant = { bits: scalar('constant'), flag: truth('constant'), array: array('constant') }
export const ghost = { bits: scalar('ghost'), flag: truth('ghost'), array: array('ghost') }
/** A rigid table with a meaning, which proofs see only through the axioms they are given. */
const table = (name: string, index: number, element: BoolSort | BvSort, definition: (index: Bv) => Term): Cell<Arr, 'watch'> =>
  declare('watch', name, arraySort(index, element) as ArraySort, { definition })
export const watch = { bits: scalar('watch'), flag: truth('watch'), array: array('watch'), table }
export const local = (name: string, sort: Sort): Cell<Term, 'local'> => declare('local', name, sort)

/**
 * A counter that only `tally` statements change. Each counted object that the watch names is charged in the ghost cell, so
 * that the counter equals the sum of the charges over all objects, by the meaning of the statement.
 */
export interface Tally {
  readonly counter: Cell<Arr, 'smram'>
  readonly charge: Ghost<Bv>
  /** Which element of the counter array, and which object, the charge is for. */
  readonly element: Bv<string>
  readonly object: Bv<string>
  /**
   * `once`: no object may be charged twice (a verification condition at each tally). The counter is then at most the number of
   * objects, which must be below 2^64, so it cannot overflow. `often`: overflow is a verification condition instead.
   */
  readonly charges: 'once' | 'often'
}

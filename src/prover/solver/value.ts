// Values in models, in a normal form: two values are the same exactly if their parts are.
// Leaves out: sorts without a finite notation (Int, uninterpreted sorts).

import { match } from 'ts-pattern'

export type ModelValue =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'bv'; readonly width: number; readonly value: bigint }
  /** An array or a function: finitely many entries, sorted by their arguments and different from `otherwise`. */
  | { readonly kind: 'table'; readonly entries: readonly TableEntry[]; readonly otherwise: ModelValue }

export interface TableEntry {
  /** Bit-vectors as they are, Booleans as 0 and 1. */
  readonly args: readonly bigint[]
  readonly value: ModelValue
}

/** Values by declared name (without bars). */
export type Model = ReadonlyMap<string, ModelValue>

export const emptyModel: Model = new Map()

/** The normal form; of entries for the same arguments the first one counts. */
export function table(entries: Iterable<TableEntry>, otherwise: ModelValue): ModelValue {
  const first = new Map<string, TableEntry>()
  for (const entry of entries) {
    const key = entry.args.join()
    if (!first.has(key)) first.set(key, entry)
  }
  const kept = [...first.values()].filter(({ value }) => !sameValue(value, otherwise))
  return { kind: 'table', entries: kept.sort((a, b) => compareArgs(a.args, b.args)), otherwise }
}

export const sameValue = (a: ModelValue, b: ModelValue): boolean =>
  a === b ||
  match([a, b])
    .with([{ kind: 'bool' }, { kind: 'bool' }], ([x, y]) => x.value === y.value)
    .with([{ kind: 'bv' }, { kind: 'bv' }], ([x, y]) => x.width === y.width && x.value === y.value)
    .with(
      [{ kind: 'table' }, { kind: 'table' }],
      ([x, y]) =>
        sameValue(x.otherwise, y.otherwise) &&
        x.entries.length === y.entries.length &&
        x.entries.every((e, i) => {
          const f = y.entries[i]!
          return compareArgs(e.args, f.args) === 0 && sameValue(e.value, f.value)
        }),
    )
    .otherwise(() => false)

/** The element of a table at some arguments. */
export function lookUp(value: ModelValue & { kind: 'table' }, args: readonly bigint[]): ModelValue {
  return value.entries.find((e) => compareArgs(e.args, args) === 0)?.value ?? value.otherwise
}

function compareArgs(a: readonly bigint[], b: readonly bigint[]): number {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? -1n
    if (x !== y) return x < y ? -1 : 1
  }
  return a.length - b.length
}

// Sorts of declared names: what a value can be, and the value of a name that a model leaves out.
// Leaves out: Int, uninterpreted and user-defined sorts; names of those sorts have no value here.

import { match } from 'ts-pattern'
import type { ModelValue } from './value.ts'
import { isList, type Sexpr } from './sexpr.ts'

export type Sort =
  | { readonly kind: 'bool' }
  | { readonly kind: 'bv'; readonly width: number }
  /** An array or a function: the same table to us. */
  | { readonly kind: 'table'; readonly arguments: readonly Sort[]; readonly result: Sort }

export const bool: Sort = { kind: 'bool' }

/** Undefined for a sort whose values this folder does not represent. */
export function readSort(e: Sexpr | undefined): Sort | undefined {
  if (e === 'Bool') return bool
  if (!isList(e)) return undefined
  if (e[0] === '_' && e[1] === 'BitVec') return { kind: 'bv', width: Number(e[2]) }
  return e[0] === 'Array' && e.length === 3 ? tableSort([e[1]!], e[2]!) : undefined
}

/** Tables are indexed by scalars only. */
export function tableSort(parameters: readonly Sexpr[], result: Sexpr): Sort | undefined {
  const indices = parameters.map(readSort).filter((s) => s !== undefined && s.kind !== 'table') as Sort[]
  const range = readSort(result)
  if (range === undefined || indices.length !== parameters.length) return undefined
  return indices.length === 0 ? range : { kind: 'table', arguments: indices, result: range }
}

export const defaultOf = (sort: Sort): ModelValue =>
  match(sort)
    .returnType<ModelValue>()
    .with({ kind: 'bool' }, () => ({ kind: 'bool', value: false }))
    .with({ kind: 'bv' }, ({ width }) => ({ kind: 'bv', width, value: 0n }))
    .with({ kind: 'table' }, ({ result }) => ({ kind: 'table', entries: [], otherwise: defaultOf(result) }))
    .exhaustive()

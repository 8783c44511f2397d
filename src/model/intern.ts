// The table of terms: equal terms are the same object. Here are also the questions that rewriting rules ask of syntax.
// Leaves out: the rules (simplify.ts).

import type { Sort } from './sort.ts'
import { sortKey } from './sort.ts'
import { Arr, type Attribute, Bool, Bv, type Op, type Term } from './term.ts'

const interned = new Map<string, Term>()
let nextId = 0

export function intern(op: Op, args: readonly Term[], attribute: Attribute, sort: Sort): Term {
  let key: string = op
  if (attribute !== undefined) key += `#${attribute}`
  if (op === 'var' || op === 'const' || op === 'constArray' || op === 'extract') key += `:${sortKey(sort)}`
  for (const a of args) key += `,${a.id}`
  let term = interned.get(key)
  if (term === undefined) {
    const id = nextId++
    if (sort.kind === 'bool') term = new Bool(id, op, args, attribute)
    else if (sort.kind === 'bv') term = new Bv(id, op, args, attribute, sort.width)
    else term = new Arr(id, op, args, attribute, sort)
    interned.set(key, term)
  }
  return term
}

export const boolSort: Sort = { kind: 'bool' }
export const bvSortOf = (width: number): Sort => ({ kind: 'bv', width })
export const TRUE = (): Bool => intern('const', [], 1n, boolSort) as Bool
export const FALSE = (): Bool => intern('const', [], 0n, boolSort) as Bool
export const truth = (b: boolean): Bool => (b ? TRUE() : FALSE())
export const num = (width: number, value: bigint): Bv => intern('const', [], BigInt.asUintN(width, value), bvSortOf(width)) as Bv

export const widthOf = (t: Term): number => (t as Bv).sort.width
export const constant = (t: Term): bigint | undefined => (t.op === 'const' ? (t.attribute as bigint) : undefined)
export const onesOf = (width: number): bigint => (1n << BigInt(width)) - 1n

/** Arguments of a commutative operator, the older first. */
export function ordered(op: Op, a: Term, b: Term, sort: Sort): Term {
  return intern(op, a.id <= b.id ? [a, b] : [b, a], undefined, sort)
}

/** The number of constant zero bits that `t` begins with, seen from its syntax alone. */
export function leadingZeros(t: Term): number {
  if (t.op !== 'concat') return 0
  const high = t.args[0]!
  return constant(high) === 0n ? widthOf(high) : 0
}

// A term as text for people, in the words of the combinators that made it: `x.plus(y).ule(0x10)`. Parts below the depth limit
// are `..`: terms share sub-terms, so a whole one may be too long for any screen.

import type { Bv, Term } from './term.ts'

const DEPTH = 6

const METHODS = {
  ult: 'ult',
  ule: 'ule',
  eq: 'eq',
  add: 'plus',
  sub: 'minus',
  mul: 'times',
  bvand: 'bitand',
  bvor: 'bitor',
  bvxor: 'bitxor',
  shl: 'shl',
  lshr: 'lshr',
  concat: 'concat',
  select: 'at',
  store: 'store',
  ite: 'ite',
  and: 'and',
  or: 'or',
} as const

export function show(term: Term, depth = DEPTH): string {
  const { op, args, attribute, sort } = term
  if (op === 'var') return String(attribute)
  if (op === 'const') return sort.kind === 'bool' ? String(attribute === 1n) : `0x${(attribute as bigint).toString(16)}`
  if (depth === 0) return '..'
  const [first, ...rest] = args.map((a) => show(a, depth - 1))
  if (op === 'not') return `${first}.not()`
  if (op === 'bvnot') return `${first}.bitnot()`
  if (op === 'constArray') return `all(${first})`
  if (op === 'extract') return `${first}.bits(${(attribute as number) + (term as Bv).width - 1}, ${attribute})`
  return `${first}.${METHODS[op]}(${rest.join(', ')})`
}

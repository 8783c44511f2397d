// Expression trees as they are written down: never simplified, never shared by value. `termOf` builds the same expression
// through the modelling language, where every constructor simplifies; the naive evaluator (naive.ts) reads the tree.
// Leaves out: checks of sorts (the builders below are used with operands that fit).

import { arraySort, type ArraySort, boolSort, bvSort, describeSort, type Sort, sortKey } from '../../src/model/sort.ts'
import {
  and,
  type Arr,
  type Bool,
  bool,
  bv,
  type Bv,
  constArray,
  equal,
  ite,
  or,
  type Term,
  varOf,
} from '../../src/model/term.ts'

export type TreeOp =
  | 'const'
  | 'var'
  | 'not'
  | 'and'
  | 'or'
  | 'implies'
  | 'iff'
  | 'xor'
  | 'ite'
  | 'eq'
  | 'ne'
  | 'ult'
  | 'ule'
  | 'ugt'
  | 'uge'
  | 'plus'
  | 'minus'
  | 'times'
  | 'bitand'
  | 'bitor'
  | 'bitxor'
  | 'bitnot'
  | 'shl'
  | 'lshr'
  | 'concat'
  | 'zext'
  | 'bits'
  | 'bit'
  | 'toBit'
  | 'select'
  | 'store'
  | 'constArray'

export interface Tree {
  readonly op: TreeOp
  readonly sort: Sort
  readonly args: readonly Tree[]
  /** Value of a constant, name of a variable, low bit of an extract, number of a bit. */
  readonly at?: bigint | boolean | string | number
}

export const widthOf = (tree: Tree): number => (tree.sort.kind === 'bv' ? tree.sort.width : 0)

const node = (op: TreeOp, sort: Sort, args: readonly Tree[], at?: bigint | boolean | string | number): Tree =>
  at === undefined ? { op, sort, args } : { op, sort, args, at }

// ---- builders, named as the combinators of the modelling language ----

export const constant = (value: boolean): Tree => node('const', boolSort, [], value)
export const number = (width: number, value: bigint | number): Tree => node('const', bvSort(width), [], BigInt(value))
export const variable = (name: string, sort: Sort): Tree => node('var', sort, [], `${name}:${sortKey(sort)}`)
export const ones = (width: number): Tree => number(width, 2n ** BigInt(width) - 1n)

export const not = (a: Tree): Tree => node('not', boolSort, [a])
export const all = (...args: readonly Tree[]): Tree => node('and', boolSort, args)
export const any = (...args: readonly Tree[]): Tree => node('or', boolSort, args)
export const choose = (c: Tree, x: Tree, y: Tree): Tree => node('ite', x.sort, [c, x, y])
export const same = (a: Tree, b: Tree): Tree => node('eq', boolSort, [a, b])
export const logic = (op: 'implies' | 'iff' | 'xor' | 'ne' | 'ult' | 'ule' | 'ugt' | 'uge', a: Tree, b: Tree): Tree =>
  node(op, boolSort, [a, b])
export const less = (a: Tree, b: Tree): Tree => logic('ult', a, b)

export type Binary = 'plus' | 'minus' | 'times' | 'bitand' | 'bitor' | 'bitxor' | 'shl' | 'lshr'
export const binary = (op: Binary, a: Tree, b: Tree): Tree => node(op, a.sort, [a, b])
export const bitnot = (a: Tree): Tree => node('bitnot', a.sort, [a])
export const concat = (high: Tree, low: Tree): Tree => node('concat', bvSort(widthOf(high) + widthOf(low)), [high, low])
export const zext = (a: Tree, width: number): Tree => node('zext', bvSort(width), [a])
export const bits = (a: Tree, high: number, low: number): Tree => node('bits', bvSort(high - low + 1), [a], low)
export const bit = (a: Tree, n: number): Tree => node('bit', boolSort, [a], n)
export const toBit = (a: Tree): Tree => node('toBit', bvSort(1), [a])
export const select = (array: Tree, index: Tree): Tree => node('select', (array.sort as ArraySort).element, [array, index])
export const store = (array: Tree, index: Tree, value: Tree): Tree => node('store', array.sort, [array, index, value])
export const everywhere = (index: number, value: Tree): Tree =>
  node('constArray', arraySort(index, value.sort as Exclude<Sort, ArraySort>), [value])

/** The expression in the modelling language. */
export function termOf(tree: Tree): Term {
  const args = tree.args.map(termOf)
  const [a, b, c] = args as [Bv, Bv, Bv]
  const p = args as unknown as Bool[]
  switch (tree.op) {
    case 'const':
      return typeof tree.at === 'boolean' ? bool(tree.at) : bv(widthOf(tree), tree.at as bigint)
    case 'var':
      return varOf(tree.at as string, tree.sort)
    case 'not':
      return p[0]!.not()
    case 'and':
      return and(...p)
    case 'or':
      return or(...p)
    case 'implies':
    case 'iff':
    case 'xor':
      return p[0]![tree.op](p[1]!)
    case 'ite':
      return ite(p[0]!, b as Term, c as Term)
    case 'eq':
      return tree.args[0]!.sort.kind === 'bv' ? a.eq(b) : equal(a, b)
    case 'ne':
    case 'ult':
    case 'ule':
    case 'ugt':
    case 'uge':
    case 'plus':
    case 'minus':
    case 'times':
    case 'bitand':
    case 'bitor':
    case 'bitxor':
    case 'shl':
    case 'lshr':
      return a[tree.op](b)
    case 'concat':
      return a.concat(b)
    case 'bitnot':
      return a.bitnot()
    case 'zext':
      return a.zext(widthOf(tree))
    case 'bits':
      return a.bits((tree.at as number) + widthOf(tree) - 1, tree.at as number)
    case 'bit':
      return a.bit(tree.at as number)
    case 'toBit':
      return p[0]!.bit()
    case 'select':
      return tree.sort.kind === 'bool' ? (args[0] as Arr).has(b) : (args[0] as Arr).at(b)
    case 'store':
      return (args[0] as Arr).store(b, args[2] as Bv)
    case 'constArray':
      return constArray((tree.sort as ArraySort).index, args[0] as Bv)
  }
}

export function sizeOf(tree: Tree): number {
  return tree.args.reduce((size, arg) => size + sizeOf(arg), 1)
}

/** As an S-expression, for counterexamples. */
export function print(tree: Tree): string {
  if (tree.op === 'const') return tree.sort.kind === 'bv' ? `${tree.at}:${tree.sort.width}` : `${tree.at}`
  if (tree.op === 'var') return `${tree.at}`
  const head = [
    tree.op,
    ...(tree.at === undefined ? [] : [tree.at]),
    ...(tree.op === 'constArray' ? [describeSort(tree.sort)] : []),
  ]
  if (tree.op === 'bits' || tree.op === 'zext') head.push(`width ${widthOf(tree)}`)
  return `(${[...head, ...tree.args.map(print)].join(' ')})`
}

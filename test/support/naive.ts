// The second opinion on what an expression means: a recursive evaluator over unsimplified trees, written from the text of
// SMT-LIB's theories with school arithmetic, sharing nothing with src/model but the sorts. Slow on purpose.

import { ArrayValue, type Environment, type Value } from '../../src/model/evaluate.ts'
import { describeSort, type Sort } from '../../src/model/sort.ts'
import { Choices } from './choices.ts'
import { type Tree, widthOf } from './tree.ts'

/** An array: a value everywhere, then writes, the last one winning. */
export interface NaiveArray {
  readonly everywhere: bigint | boolean
  readonly writes: readonly (readonly [bigint, bigint | boolean])[]
}
export type NaiveValue = bigint | boolean | NaiveArray
export type NaiveEnvironment = (name: string, sort: Sort) => NaiveValue

const lookUp = (array: NaiveArray, index: bigint): bigint | boolean =>
  array.writes.findLast(([at]) => at === index)?.[1] ?? array.everywhere

/** Extensional equality: at every index written to, and at one nobody wrote to if there is such an index. */
export function sameValue(a: NaiveValue, b: NaiveValue, sort: Sort): boolean {
  if (sort.kind !== 'array') return a === b
  const [x, y] = [a as NaiveArray, b as NaiveArray]
  const written = new Set([...x.writes, ...y.writes].map(([at]) => at))
  const untouched = BigInt(written.size) < 2n ** BigInt(sort.index)
  return [...written].every((i) => lookUp(x, i) === lookUp(y, i)) && (!untouched || x.everywhere === y.everywhere)
}

function bitwise(a: bigint, b: bigint, width: number, rule: (a: boolean, b: boolean) => boolean): bigint {
  let out = 0n
  for (let weight = 2n ** BigInt(width - 1); weight > 0n; weight /= 2n)
    out = out * 2n + (rule((a / weight) % 2n === 1n, (b / weight) % 2n === 1n) ? 1n : 0n)
  return out
}

export function naive(tree: Tree, environment: NaiveEnvironment): NaiveValue {
  const value = (i: number): NaiveValue => naive(tree.args[i]!, environment)
  const num = (i: number): bigint => value(i) as bigint
  const yes = (i: number): boolean => value(i) as boolean
  const modulus = 2n ** BigInt(widthOf(tree))
  const power = (n: bigint): bigint => (n >= BigInt(widthOf(tree)) ? modulus : 2n ** n)
  switch (tree.op) {
    case 'const':
      return tree.at as bigint | boolean
    case 'var':
      return environment(tree.at as string, tree.sort)
    case 'not':
      return yes(0) === false
    case 'and':
      return tree.args.map((_, i) => yes(i)).every((v) => v)
    case 'or':
      return tree.args.map((_, i) => yes(i)).some((v) => v)
    case 'implies':
      return yes(0) ? yes(1) : true
    case 'iff':
      return yes(0) === yes(1)
    case 'xor':
      return yes(0) !== yes(1)
    case 'ite':
      return yes(0) ? value(1) : value(2)
    case 'eq':
      return sameValue(value(0), value(1), tree.args[0]!.sort)
    case 'ne':
      return !sameValue(value(0), value(1), tree.args[0]!.sort)
    case 'ult':
      return num(0) < num(1)
    case 'ule':
      return num(0) <= num(1)
    case 'ugt':
      return num(0) > num(1)
    case 'uge':
      return num(0) >= num(1)
    case 'plus':
      return (num(0) + num(1)) % modulus
    case 'minus':
      return (num(0) + modulus - num(1)) % modulus
    case 'times':
      return (num(0) * num(1)) % modulus
    case 'bitand':
      return bitwise(num(0), num(1), widthOf(tree), (a, b) => a && b)
    case 'bitor':
      return bitwise(num(0), num(1), widthOf(tree), (a, b) => a || b)
    case 'bitxor':
      return bitwise(num(0), num(1), widthOf(tree), (a, b) => a !== b)
    case 'bitnot':
      return modulus - 1n - num(0)
    case 'shl':
      return (num(0) * power(num(1))) % modulus
    case 'lshr':
      return num(0) / power(num(1))
    case 'concat':
      return num(0) * 2n ** BigInt(widthOf(tree.args[1]!)) + num(1)
    case 'zext':
      return num(0)
    case 'bits':
      return (num(0) / 2n ** BigInt(tree.at as number)) % modulus
    case 'bit':
      return (num(0) / 2n ** BigInt(tree.at as number)) % 2n === 1n
    case 'toBit':
      return yes(0) ? 1n : 0n
    case 'select':
      return lookUp(value(0) as NaiveArray, num(1))
    case 'store': {
      const array = value(0) as NaiveArray
      return { everywhere: array.everywhere, writes: [...array.writes, [num(1), value(2) as bigint | boolean]] }
    }
    case 'constArray':
      return { everywhere: value(0) as bigint | boolean, writes: [] }
  }
}

// ---- random environments ----

function arbitraryValue(choices: Choices, sort: Sort): NaiveValue {
  if (sort.kind === 'bool') return choices.chance(50)
  if (sort.kind === 'bv') return choices.bitVector(sort.width)
  const element = () => arbitraryValue(choices, sort.element) as bigint | boolean
  const entry = () => [choices.bitVector(sort.index), element()] as const
  return { everywhere: element(), writes: Array.from({ length: choices.below(4) }, entry) }
}

/** A value for every variable, a function of the seed and the variable alone. */
export function randomEnvironment(seed: number): NaiveEnvironment {
  return (name, sort) => {
    let hash = seed
    for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
    return arbitraryValue(Choices.seeded(hash), sort)
  }
}

export const toValue = (value: NaiveValue): Value =>
  typeof value === 'object' ? new ArrayValue(value.everywhere, new Map(value.writes)) : value

export const toNaive = (value: Value): NaiveValue =>
  value instanceof ArrayValue ? { everywhere: value.otherwise, writes: [...value.entries] } : (value as bigint | boolean)

/** The same environment for the evaluator of src/model. */
export const forEvaluator =
  (environment: NaiveEnvironment): Environment =>
  (v) =>
    toValue(environment(v.attribute as string, v.sort))

export const describe = (value: NaiveValue, sort: Sort): string =>
  typeof value === 'object'
    ? `[${value.writes.map(([i, v]) => `${i}=${v}`).join(' ')} else ${value.everywhere}] as ${describeSort(sort)}`
    : `${value}`

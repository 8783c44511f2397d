// One equation per rewriting rule of src/model/simplify.ts, for bit-vector operators and arrays; see laws.ts.

import { arraySort, bvSort } from '../../src/model/sort.ts'
import * as t from '../support/tree.ts'
import type { Binary, Tree } from '../support/tree.ts'
import { type Law, law, twoConstants } from './laws.ts'

const { bits, bitnot, binary, choose, concat, number, ones, same, select, store } = t
const power = (n: number) => 2n ** BigInt(n)
const operators: readonly Binary[] = ['plus', 'minus', 'times', 'bitand', 'bitor', 'bitxor', 'shl', 'lshr']

const meaning: Record<Binary, (a: bigint, b: bigint, width: number) => bigint> = {
  plus: (a, b) => a + b,
  minus: (a, b) => a - b,
  times: (a, b) => a * b,
  bitand: (a, b) => a & b,
  bitor: (a, b) => a | b,
  bitxor: (a, b) => a ^ b,
  shl: (a, b, width) => (b < BigInt(width) ? a << b : 0n),
  lshr: (a, b, width) => (b < BigInt(width) ? a >> b : 0n),
}

export const pieces: readonly Law[] = [
  law('extract of everything', (g) => {
    const width = g.width()
    const a = g.number(width)
    return [bits(a, width - 1, 0), a]
  }),
  law('extract of a constant', (g) => {
    const width = g.width()
    const low = g.choices.below(width)
    const high = g.choices.within(low, width - 1)
    const c = g.choices.bitVector(width)
    return [bits(number(width, c), high, low), number(high - low + 1, (c / power(low)) % power(high - low + 1))]
  }),
  law('extract of an extract', (g) => {
    const a = g.number(40)
    const [first, second] = [g.choices.within(1, 9), g.choices.within(0, 9)]
    return [bits(bits(a, 30, first), second + 5, second), bits(a, first + second + 5, first + second)]
  }),
  law('extract within the high part', (g) => {
    const [h, l] = [g.width(), g.width()]
    const [a, b] = [g.number(h), g.number(l)]
    const low = g.choices.below(h)
    return [bits(concat(a, b), l + h - 1, l + low), bits(a, h - 1, low)]
  }),
  law('extract within the low part', (g) => {
    const [h, l] = [g.width(), g.width()]
    const [a, b] = [g.number(h), g.number(l)]
    const high = g.choices.below(l)
    return [bits(concat(a, b), high, 0), bits(b, high, 0)]
  }),
  law('extract across both parts', (g) => {
    const [h, l] = [g.width(2), g.width(2)]
    const [a, b] = [g.number(h), g.number(l)]
    return [bits(concat(a, b), l + h - 2, 1), concat(bits(a, h - 2, 0), bits(b, l - 1, 1))]
  }),
  law('extract of an ite with a constant', (g) => {
    const width = g.width(2)
    const [c, x, k] = [g.truth(), g.number(width), number(width, g.choices.bitVector(width))]
    const low = g.choices.below(width)
    const cut = (a: Tree) => bits(a, width - 1, low)
    return g.choices.chance(50)
      ? [cut(choose(c, x, k)), choose(c, cut(x), cut(k))]
      : [cut(choose(c, k, x)), choose(c, cut(k), cut(x))]
  }),
  law('extract of an ite of two unknowns is left alone', (g) => {
    const cut = bits(choose(g.truth(), g.number(9), g.number(9)), 5, 2)
    return [cut, cut]
  }),
  law('extract of a complement', (g) => {
    const width = g.width(2)
    const a = g.number(width)
    return [bits(bitnot(a), width - 1, 1), bitnot(bits(a, width - 1, 1))]
  }),
  law('extract of a bitwise operator', (g) => {
    const width = g.width(2)
    const [a, b, op] = [g.number(width), g.number(width), g.choices.pick(['bitand', 'bitor', 'bitxor'] as const)]
    return [bits(binary(op, a, b), width - 2, 0), binary(op, bits(a, width - 2, 0), bits(b, width - 2, 0))]
  }),
  law('concat leans right', (g) => {
    const [a, b, c] = [g.number(g.width()), g.number(g.width()), g.number(g.width())]
    return [concat(concat(a, b), c), concat(a, concat(b, c))]
  }),
  law('concat of constants', (g) => {
    const [h, l] = [g.width(), g.width()]
    const [a, b] = [g.choices.bitVector(h), g.choices.bitVector(l)]
    return [concat(number(h, a), number(l, b)), number(h + l, a * power(l) + b)]
  }),
  law('concat of constants before something', (g) => {
    const [h, l] = [g.width(), g.width()]
    const [a, b, c] = [g.choices.bitVector(h), g.choices.bitVector(l), g.number(g.width())]
    return [concat(number(h, a), concat(number(l, b), c)), concat(number(h + l, a * power(l) + b), c)]
  }),
  law('neighbouring extracts join', (g) => {
    const width = g.width(3)
    const a = g.number(width)
    const cut = g.choices.within(2, width - 1)
    return [concat(bits(a, width - 1, cut), bits(a, cut - 1, 1)), bits(a, width - 1, 1)]
  }),
  law('neighbouring extracts join to the whole', (g) => {
    const width = g.width(2)
    const a = g.number(width)
    const cut = g.choices.within(1, width - 1)
    return [concat(bits(a, width - 1, cut), bits(a, cut - 1, 0)), a]
  }),
  law('neighbouring extracts join before something', (g) => {
    const width = g.width(3)
    const [a, b] = [g.number(width), g.number(g.width())]
    const cut = g.choices.within(2, width - 1)
    return [concat(bits(a, width - 1, cut), concat(bits(a, cut - 1, 1), b)), concat(bits(a, width - 1, 1), b)]
  }),
  law('complement of a constant', (g) => {
    const width = g.width()
    const c = g.choices.bitVector(width)
    return [bitnot(number(width, c)), number(width, power(width) - 1n - c)]
  }),
  law('complement twice', (g) => {
    const a = g.number(g.width())
    return [bitnot(bitnot(a)), a]
  }),
]

export const arithmetic: readonly Law[] = [
  ...operators.map((op) =>
    law(`${op} of constants`, (g) => {
      const width = g.width()
      const [a, b] = [g.choices.bitVector(width), g.choices.chance(50) ? g.choices.bitVector(width) : BigInt(g.choices.below(70))]
      const right = b % power(width)
      const value = ((meaning[op](a, right, width) % power(width)) + power(width)) % power(width)
      return [binary(op, number(width, a), number(width, right)), number(width, value)]
    }),
  ),
  ...(['plus', 'times', 'bitand', 'bitor', 'bitxor'] as const).flatMap((op) => [
    law(`${op} forgets the order`, (g) => {
      const width = g.width()
      const [a, b] = [g.number(width), g.number(width)]
      return [binary(op, b, a), binary(op, a, b)]
    }),
    law(`${op} has its constant last`, (g) => {
      const width = g.width()
      const [a, k] = [g.number(width), number(width, g.choices.bitVector(width))]
      return [binary(op, k, a), binary(op, a, k)]
    }),
  ]),
  ...(['plus', 'minus', 'bitor', 'bitxor', 'shl', 'lshr'] as const).map((op) =>
    law(`${op} 0`, (g) => {
      const width = g.width()
      const a = g.number(width)
      return [binary(op, a, number(width, 0)), a]
    }),
  ),
  law('(a + c) + d', (g) => {
    const width = g.width(2)
    const [a, c] = [g.number(width), g.choices.below(Number(power(Math.min(width, 20)) - 1n))]
    const d = g.choices.below(Number(power(Math.min(width, 20))) - c)
    return [binary('plus', binary('plus', a, number(width, c)), number(width, d)), binary('plus', a, number(width, c + d))]
  }),
  law('a + (b - a) = b', (g) => {
    const width = g.width()
    const [a, b] = [g.number(width), g.number(width)]
    return [binary('plus', a, binary('minus', b, a)), b]
  }),
  law('(b - c) + c = b', (g) => {
    const width = g.width()
    const [b, c] = [g.number(width), number(width, g.choices.bitVector(width))]
    return [binary('plus', binary('minus', b, c), c), b]
  }),
  ...(['minus', 'bitxor'] as const).map((op) =>
    law(`${op} of itself`, (g) => {
      const width = g.width()
      const a = g.number(width)
      return [binary(op, a, a), number(width, 0)]
    }),
  ),
  ...(['bitand', 'bitor'] as const).map((op) =>
    law(`${op} of itself`, (g) => {
      const a = g.number(g.width())
      return [binary(op, a, a), a]
    }),
  ),
  ...(['times', 'bitand'] as const).map((op) =>
    law(`${op} 0`, (g) => {
      const width = g.width()
      return [binary(op, g.number(width), number(width, 0)), number(width, 0)]
    }),
  ),
  law('times 1', (g) => {
    const width = g.width()
    const a = g.number(width)
    return [binary('times', a, number(width, 1)), a]
  }),
  law('bitand all ones', (g) => {
    const width = g.width()
    const a = g.number(width)
    return [binary('bitand', a, ones(width)), a]
  }),
  law('bitor all ones', (g) => {
    const width = g.width()
    return [binary('bitor', g.number(width), ones(width)), ones(width)]
  }),
  law('bitxor all ones', (g) => {
    const width = g.width()
    const a = g.number(width)
    return [binary('bitxor', a, ones(width)), bitnot(a)]
  }),
  law('bitand a run of ones', (g) => {
    const [high, middle, low] = [g.choices.within(0, 20), g.width(), g.choices.within(0, 20)]
    const width = high + middle + low
    const a = g.number(width)
    const kept = bits(a, low + middle - 1, low)
    const lifted = low === 0 ? kept : concat(kept, number(low, 0))
    const mask = (power(middle) - 1n) * power(low)
    return [binary('bitand', a, number(width, mask)), high === 0 ? lifted : concat(number(high, 0), lifted)]
  }),
  law('bitand of a and its complement', (g) => {
    const width = g.width()
    const a = g.number(width)
    return g.choices.chance(50)
      ? [binary('bitand', a, bitnot(a)), number(width, 0)]
      : [binary('bitand', bitnot(a), a), number(width, 0)]
  }),
  ...(['shl', 'lshr'] as const).flatMap((op) => [
    law(`${op} by the width or more`, (g) => {
      const width = g.width(3)
      const by = g.choices.pick([BigInt(width), BigInt(width + 1) % power(width), power(width) - 1n])
      return [binary(op, g.number(width), number(width, by)), number(width, 0)]
    }),
    law(`${op} by a constant`, (g) => {
      const width = g.width(2)
      const [a, n] = [g.number(width), g.choices.within(1, width - 1)]
      const moved = op === 'shl' ? concat(bits(a, width - 1 - n, 0), number(n, 0)) : concat(number(n, 0), bits(a, width - 1, n))
      return [binary(op, a, number(width, n)), moved]
    }),
  ]),
]

/** Bit k of a 32-bit word, k below 32 as its leading zeros show. */
const bitAt = (a: Tree, k: Tree): Tree => bits(binary('lshr', a, concat(number(27, 0), k)), 0, 0)
const isOne = (bit: Tree): Tree => same(bit, number(1, 1))

export const places: readonly Law[] = [
  law('a bit of zero', (g) => [bitAt(number(32, 0), g.number(5)), number(1, 0)]),
  law('a bit of ones', (g) => [bitAt(ones(32), g.number(5)), number(1, 1)]),
  law('a bit of another constant', (g) => {
    const k = g.number(5)
    return [bitAt(number(32, 6), k), bits(binary('lshr', number(32, 6), concat(number(27, 0), k)), 0, 0)]
  }),
  law('a bit beyond the width', (g) => {
    const [a, k] = [g.number(20), g.number(20)]
    return [bits(binary('lshr', bitnot(a), k), 0, 0), bits(binary('lshr', bitnot(a), k), 0, 0)]
  }),
  law('a bit of a bitwise operator', (g) => {
    const [a, b, k, op] = [g.number(32), g.number(32), g.number(5), g.choices.pick(['bitand', 'bitor', 'bitxor'] as const)]
    return [bitAt(binary(op, a, b), k), binary(op, bitAt(a, k), bitAt(b, k))]
  }),
  law('a bit of a complement', (g) => {
    const [a, k] = [g.number(32), g.number(5)]
    return [bitAt(bitnot(a), k), bitnot(bitAt(a, k))]
  }),
  law('a bit of a choice', (g) => {
    const [c, a, b, k] = [g.truth(), g.number(32), g.number(32), g.number(5)]
    return [bitAt(choose(c, a, b), k), choose(c, bitAt(a, k), bitAt(b, k))]
  }),
  law('a bit of ones shifted up', (g) => {
    const [by, k] = [g.number(32), g.number(5)]
    return [bitAt(binary('shl', ones(32), by), k), choose(t.less(concat(number(27, 0), k), by), number(1, 0), number(1, 1))]
  }),
  law('a bit of ones shifted down', (g) => {
    const [by, k] = [g.number(5), g.number(5)]
    const left = bitAt(binary('lshr', ones(32), concat(number(27, 0), by)), k)
    return [left, choose(t.less(bitnot(by), k), number(1, 0), number(1, 1))]
  }),
  law('a bit of something else shifted', (g) => {
    const [a, by, k] = [g.number(32), g.number(32), g.number(5)]
    const left = bitAt(binary(g.choices.pick(['shl', 'lshr'] as const), a, by), k)
    return [left, left]
  }),
  law('a conjunction of bits', (g) => {
    const [a, b] = [g.number(1), g.number(1)]
    return [isOne(binary('bitand', a, b)), t.all(isOne(a), isOne(b))]
  }),
  law('a disjunction of bits', (g) => {
    const [a, b] = [g.number(1), g.number(1)]
    return [isOne(binary('bitor', a, b)), t.any(isOne(a), isOne(b))]
  }),
  law('bits that differ', (g) => {
    const [a, b] = [g.number(1), g.number(1)]
    return [isOne(binary('bitxor', a, b)), t.not(same(isOne(a), isOne(b)))]
  }),
  law('a choice of bits', (g) => {
    const [c, a, b] = [g.truth(), g.number(1), g.number(1)]
    return [isOne(choose(c, a, b)), choose(c, isOne(a), isOne(b))]
  }),
]

export const arrays: readonly Law[] = [
  law('select what was stored', (g) => {
    const sort = arraySort(8, bvSort(g.width()))
    const [m, i, v] = [g.operand(sort), g.number(8), g.operand(sort.element)]
    return [select(store(m, i, v), i), v]
  }),
  law('select past a store elsewhere', (g) => {
    const sort = arraySort(8, bvSort(g.width()))
    const [m, v] = [g.operand(sort), g.operand(sort.element)]
    const [i, j] = twoConstants(g, 8)
    return [select(store(m, number(8, i), v), number(8, j)), select(m, number(8, j))]
  }),
  law('select over a store', (g) => {
    const sort = arraySort(8, bvSort(g.width()))
    const [m, i, j, v] = [g.operand(sort), g.number(8), g.number(8), g.operand(sort.element)]
    return [select(store(m, i, v), j), choose(same(i, j), v, select(m, j))]
  }),
  law('select of one value everywhere', (g) => {
    const v = g.number(g.width())
    return [select(t.everywhere(8, v), g.number(8)), v]
  }),
  law('select of an ite', (g) => {
    const sort = arraySort(8, bvSort(g.width()))
    const [c, m, n, i] = [g.truth(), g.operand(sort), g.operand(sort), g.number(8)]
    return [select(choose(c, m, n), i), choose(c, select(m, i), select(n, i))]
  }),
  law('store what is there', (g) => {
    const sort = arraySort(8, bvSort(g.width()))
    const [m, i] = [g.operand(sort), g.number(8)]
    return [store(m, i, select(m, i)), m]
  }),
  law('store over a store', (g) => {
    const sort = arraySort(8, bvSort(g.width()))
    const [m, i, v, w] = [g.operand(sort), g.number(8), g.operand(sort.element), g.operand(sort.element)]
    return [store(store(m, i, v), i, w), store(m, i, w)]
  }),
  law('arrays: a = a', (g) => {
    const m = g.operand(arraySort(8, bvSort(4)))
    return [same(m, m), t.constant(true)]
  }),
  law('arrays: a = b forgets the order', (g) => {
    const sort = arraySort(8, bvSort(4))
    const [m, n] = [g.operand(sort), g.operand(sort)]
    return [same(n, m), same(m, n)]
  }),
]

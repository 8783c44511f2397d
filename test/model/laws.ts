// One equation per rewriting rule of src/model/simplify.ts, for Booleans, comparisons and if-then-else. `left` is the shape
// the rule waits for, `right` what it leaves; laws.test.ts checks that the two mean the same, that the term of `left` means
// `left`, and that the rule fires: both give the same interned term.
// Leaves out: bit-vector operators and arrays (laws-bits.ts).

import type { Sort } from '../../src/model/sort.ts'
import type { Choices } from '../support/choices.ts'
import * as t from '../support/tree.ts'
import type { Tree } from '../support/tree.ts'

/** What a law is built from: operands (variables, or any trees of that sort) and constants with their side conditions. */
export interface Given {
  readonly choices: Choices
  /** A width from 1 to 70, or from `least`. */
  width(least?: number): number
  truth(): Tree
  number(width: number): Tree
  operand(sort: Sort): Tree
}
export interface Law {
  readonly name: string
  make(given: Given): { readonly left: Tree; readonly right: Tree }
}

export const law = (name: string, make: (g: Given) => readonly [Tree, Tree]): Law => ({
  name,
  make: (g) => {
    const [left, right] = make(g)
    return { left, right }
  },
})

const { not, all, any, choose, same, less, constant, number, ones, concat } = t
const yes = constant(true)
const no = constant(false)
const top = (width: number) => 2n ** BigInt(width) - 1n

/** Two different constants of one width. */
export function twoConstants(g: Given, width: number): [bigint, bigint] {
  const a = g.choices.bitVector(width)
  const b = g.choices.bitVector(width)
  return a === b ? [a, a === 0n ? 1n : a - 1n] : [a, b]
}

export const connectives: readonly Law[] = [
  law('not of a constant', () => [not(yes), no]),
  law('not not a = a', (g) => {
    const a = g.truth()
    return [not(not(a)), a]
  }),
  law('and drops true', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [all(a, yes, b), all(a, b)]
  }),
  law('and with false', (g) => [all(g.truth(), no, g.truth()), no]),
  law('and of nothing', () => [all(), yes]),
  law('or of nothing', () => [any(), no]),
  law('and of one', (g) => {
    const a = g.truth()
    return [all(a), a]
  }),
  law('and drops repetitions', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [all(a, b, a), all(a, b)]
  }),
  law('and flattens', (g) => {
    const [a, b, c] = [g.truth(), g.truth(), g.truth()]
    return [all(all(a, b), c), all(a, b, c)]
  }),
  law('and finds false in a flattened member', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [all(all(a, b), not(b)), no]
  }),
  law('and forgets the order', (g) => {
    const [a, b, c] = [g.truth(), g.truth(), g.truth()]
    return [all(c, a, b), all(b, c, a)]
  }),
  law('a and not a', (g) => {
    const a = g.truth()
    return [all(a, g.truth(), not(a)), no]
  }),
  law('a or not a', (g) => {
    const a = g.truth()
    return [any(not(a), g.truth(), a), yes]
  }),
  law('or with true', (g) => [any(g.truth(), yes), yes]),
  law('or flattens', (g) => {
    const [a, b, c] = [g.truth(), g.truth(), g.truth()]
    return [any(any(a, b), c), any(a, b, c)]
  }),
  law('unit absorption: a and not (a and b)', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [all(a, not(all(a, b))), all(a, not(b))]
  }),
  law('unit absorption to nothing: a and b and not (a and b)', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [all(a, b, not(all(a, b))), no]
  }),
  law('absorption: a and (a or b)', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [all(a, any(a, b)), a]
  }),
  law('absorption: a or (a and b)', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [any(a, all(a, b)), a]
  }),
  law('implies is a disjunction', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [t.logic('implies', a, b), any(not(a), b)]
  }),
]

export const equalities: readonly Law[] = [
  law('a = a', (g) => {
    const a = g.number(g.width())
    return [same(a, a), yes]
  }),
  law('a = b forgets the order', (g) => {
    const width = g.width()
    const [a, b] = [g.number(width), g.number(width)]
    return [same(a, b), same(b, a)]
  }),
  law('equal constants', (g) => {
    const width = g.width()
    const c = g.choices.bitVector(width)
    return [same(number(width, c), number(width, c)), yes]
  }),
  law('different constants', (g) => {
    const width = g.width()
    const [a, b] = twoConstants(g, width)
    return [same(number(width, a), number(width, b)), no]
  }),
  law('iff true', (g) => {
    const a = g.truth()
    return [same(yes, a), a]
  }),
  law('iff false', (g) => {
    const a = g.truth()
    return [same(a, no), not(a)]
  }),
  law('iff of Boolean constants', (g) => (g.choices.chance(50) ? [same(yes, yes), yes] : [same(no, yes), no])),
  law('not a iff not b', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [t.logic('iff', not(a), not(b)), t.logic('iff', a, b)]
  }),
  law('not a iff a', (g) => {
    const a = g.truth()
    return [t.logic('iff', not(a), a), no]
  }),
  law('a iff not a', (g) => {
    const a = g.truth()
    return [t.logic('iff', a, not(a)), no]
  }),
  law('not a iff b', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [t.logic('iff', not(a), b), not(t.logic('iff', a, b))]
  }),
  law('a iff not b', (g) => {
    const [a, b] = [g.truth(), g.truth()]
    return [t.logic('iff', a, not(b)), t.logic('xor', a, b)]
  }),
  law('concat = constant splits', (g) => {
    const [h, l] = [g.width(), g.width()]
    const [a, b, c, d] = [g.number(h), g.number(l), g.choices.bitVector(h), g.choices.bitVector(l)]
    const joined = number(h + l, c * 2n ** BigInt(l) + d)
    return [same(concat(a, b), joined), all(same(a, number(h, c)), same(b, number(l, d)))]
  }),
  law('concat = constant, high parts differ', (g) => {
    const [h, l] = [g.width(), g.width()]
    const [a, b] = twoConstants(g, h)
    const value = b * 2n ** BigInt(l) + g.choices.bitVector(l)
    return [same(concat(number(h, a), g.number(l)), number(h + l, value)), no]
  }),
  law('ite with a constant = constant', (g) => {
    const width = g.width()
    const [c, y] = [g.truth(), g.number(width)]
    const [k, other] = twoConstants(g, width)
    return [same(choose(c, number(width, k), y), number(width, other)), all(not(c), same(y, number(width, other)))]
  }),
  law('ite with a constant last = constant', (g) => {
    const width = g.width()
    const [c, x, k] = [g.truth(), g.number(width), number(width, g.choices.bitVector(width))]
    return [same(choose(c, x, k), k), choose(c, same(x, k), yes)]
  }),
  law('not a = constant', (g) => {
    const width = g.width()
    const [a, c] = [g.number(width), g.choices.bitVector(width)]
    return [same(t.bitnot(a), number(width, c)), same(a, number(width, top(width) - c))]
  }),
  law('a + c = d', (g) => {
    const width = g.width()
    const [a, c, d] = [g.number(width), g.choices.bitVector(width), g.choices.bitVector(width)]
    const difference = (d - c + 2n ** BigInt(width)) % 2n ** BigInt(width)
    return [same(t.binary('plus', a, number(width, c)), number(width, d)), same(a, number(width, difference))]
  }),
  law('one bit: a = 0 is not a = 1', (g) => {
    const a = g.number(1)
    return [same(a, number(1, 0)), not(same(a, number(1, 1)))]
  }),
  law('concat = concat, cut at the same place', (g) => {
    const [h, l] = [g.width(), g.width()]
    const [a, b, c, d] = [g.number(h), g.number(l), g.number(h), g.number(l)]
    return [same(concat(a, b), concat(c, d)), all(same(a, c), same(b, d))]
  }),
]

export const comparisons: readonly Law[] = [
  law('a < a', (g) => {
    const a = g.number(g.width())
    return [less(a, a), no]
  }),
  law('a < 0', (g) => {
    const width = g.width()
    return [less(g.number(width), number(width, 0)), no]
  }),
  law('all ones < a', (g) => {
    const width = g.width()
    return [less(ones(width), g.number(width)), no]
  }),
  law('constants', (g) => {
    const width = g.width()
    const [a, b] = twoConstants(g, width)
    return [less(number(width, a), number(width, b)), constant(a < b)]
  }),
  law('0 < a', (g) => {
    const width = g.width()
    const a = g.number(width)
    return [less(number(width, 0), a), not(same(a, number(width, 0)))]
  }),
  law('a < 1', (g) => {
    const width = g.width()
    const a = g.number(width)
    return [less(a, number(width, 1)), same(a, number(width, 0))]
  }),
  law('a < all ones', (g) => {
    const width = g.width(2)
    const a = g.number(width)
    return [less(a, ones(width)), not(same(a, ones(width)))]
  }),
  law('leading zeros are cut off', (g) => {
    const [zeros, width] = [g.width(), g.width(3)]
    const [a, b] = [g.number(width), g.number(width)]
    return [less(t.zext(a, width + zeros), t.zext(b, width + zeros)), less(a, b)]
  }),
  law('leading zeros of different number', (g) => {
    const [width, more, zeros] = [g.width(2), g.width(), g.width()]
    const [a, b] = [g.number(width), g.number(width + more)]
    const full = width + more + zeros
    return [less(t.zext(a, full), t.zext(b, full)), less(t.zext(a, width + more), b)]
  }),
  law('leading zeros < constant within reach', (g) => {
    const [zeros, width] = [g.width(), g.width()]
    const [a, c] = [g.number(width), g.choices.bitVector(width)]
    return [less(t.zext(a, width + zeros), number(width + zeros, c)), less(a, number(width, c))]
  }),
  law('constant within reach < leading zeros', (g) => {
    const [zeros, width] = [g.width(), g.width()]
    const [a, c] = [g.number(width), g.choices.bitVector(width)]
    return [less(number(width + zeros, c), t.zext(a, width + zeros)), less(number(width, c), a)]
  }),
  law('leading zeros < large constant', (g) => {
    const [zeros, width] = [g.width(), g.width()]
    const large = 2n ** BigInt(width) + g.choices.bitVector(Math.min(width, zeros))
    return [less(t.zext(g.number(width), width + zeros), number(width + zeros, large)), yes]
  }),
  law('large constant < leading zeros', (g) => {
    const [zeros, width] = [g.width(), g.width()]
    const large = 2n ** BigInt(width) + g.choices.bitVector(Math.min(width, zeros))
    return [less(number(width + zeros, large), t.zext(g.number(width), width + zeros)), no]
  }),
  law('a <= b is not b < a', (g) => {
    const width = g.width()
    const [a, b] = [g.number(width), g.number(width)]
    return [t.logic('ule', a, b), not(less(b, a))]
  }),
]

export const choices: readonly Law[] = [
  law('ite true', (g) => {
    const [x, y] = [g.number(8), g.number(8)]
    return [choose(yes, x, y), x]
  }),
  law('ite false', (g) => {
    const [x, y] = [g.number(8), g.number(8)]
    return [choose(no, x, y), y]
  }),
  law('ite of equal branches', (g) => {
    const x = g.number(g.width())
    return [choose(g.truth(), x, x), x]
  }),
  law('ite of a negation', (g) => {
    const width = g.width()
    const [c, x, y] = [g.truth(), g.number(width), g.number(width)]
    return [choose(not(c), x, y), choose(c, y, x)]
  }),
  law('ite within the first branch', (g) => {
    const width = g.width()
    const [c, x, y, z] = [g.truth(), g.number(width), g.number(width), g.number(width)]
    return [choose(c, choose(c, x, z), y), choose(c, x, y)]
  }),
  law('ite within the second branch', (g) => {
    const width = g.width()
    const [c, x, y, z] = [g.truth(), g.number(width), g.number(width), g.number(width)]
    return [choose(c, x, choose(c, z, y)), choose(c, x, y)]
  }),
  ...booleanBranches(),
]

/** The first or the second branch is a constant, or the condition itself. */
function booleanBranches(): Law[] {
  const table: readonly (readonly [string, (c: Tree, x: Tree) => Tree, (c: Tree, x: Tree) => Tree])[] = [
    ['c ? true : false', (c) => choose(c, yes, no), (c) => c],
    ['c ? false : true', (c) => choose(c, no, yes), (c) => not(c)],
    ['c ? true : x', (c, x) => choose(c, yes, x), (c, x) => any(c, x)],
    ['c ? false : x', (c, x) => choose(c, no, x), (c, x) => all(not(c), x)],
    ['c ? x : false', (c, x) => choose(c, x, no), (c, x) => all(c, x)],
    ['c ? x : true', (c, x) => choose(c, x, yes), (c, x) => any(not(c), x)],
    ['c ? c : x', (c, x) => choose(c, c, x), (c, x) => any(c, x)],
    ['c ? x : c', (c, x) => choose(c, x, c), (c, x) => all(c, x)],
  ]
  return table.map(([name, left, right]) =>
    law(name, (g) => {
      const [c, x] = [g.truth(), g.truth()]
      return [left(c, x), right(c, x)]
    }),
  )
}

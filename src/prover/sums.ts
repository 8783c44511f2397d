// Equations between sums of one term and constants that conditions choose (a counter that is increased here or there). Compared
// case by case they are conditions, and no addition is left of them; a solver would prove each bit by bit.

import { type Bool, bool, type Bv, equal, ite, type Term } from '../model/term.ts'

/** base + offset, the offset by cases; a constant has no base. */
interface Sum {
  readonly base: Term | undefined
  readonly offset: Offset
  readonly leaves: number
}
type Offset = bigint | { readonly condition: Bool; readonly yes: Offset; readonly no: Offset }

const MOST_LEAVES = 12

/** The equation of two bit-vectors, by cases if it is of this kind. */
export function compare(a: Bv, b: Bv): Bool {
  const [left, right] = [sumOf(a), sumOf(b)]
  const inCases =
    Object.is(left.base, right.base) && left.leaves * right.leaves > 1 && left.leaves * right.leaves <= MOST_LEAVES ** 2
  return inCases ? same(left.offset, right.offset) : equal(a, b)
}

const sums = new WeakMap<Term, Sum>()
function sumOf(t: Bv): Sum {
  const sum = sums.get(t) ?? split(t)
  sums.set(t, sum)
  return sum
}

function split(t: Bv): Sum {
  const whole: Sum = { base: t, offset: 0n, leaves: 1 }
  if (t.value !== undefined) return { base: undefined, offset: t.value, leaves: 1 }
  if (t.op !== 'ite' && t.op !== 'add') return whole
  const [a, b] = (t.op === 'ite' ? t.args.slice(1) : t.args) as [Bv, Bv]
  const [x, y] = [sumOf(a), sumOf(b)]
  if (t.op === 'ite') {
    const leaves = x.leaves + y.leaves
    if (!Object.is(x.base, y.base) || leaves > MOST_LEAVES) return whole
    return { base: x.base, offset: { condition: t.args[0] as Bool, yes: x.offset, no: y.offset }, leaves }
  }
  if ((x.base !== undefined && y.base !== undefined) || x.leaves * y.leaves > MOST_LEAVES) return whole
  return { base: x.base ?? y.base, offset: plus(x.offset, y.offset, t.width), leaves: x.leaves * y.leaves }
}

function plus(a: Offset, b: Offset, width: number): Offset {
  if (typeof a !== 'bigint') return { ...a, yes: plus(a.yes, b, width), no: plus(a.no, b, width) }
  return typeof b === 'bigint' ? BigInt.asUintN(width, a + b) : plus(b, a, width)
}

function same(a: Offset, b: Offset): Bool {
  if (typeof a !== 'bigint') return ite(a.condition, same(a.yes, b), same(a.no, b))
  return typeof b === 'bigint' ? bool(a === b) : same(b, a)
}

// The one constructor of terms: folds constants, applies local rewriting rules, then interns the node.
// Every rule is an equivalence of SMT-LIB's bit-vector and array theories (test/model/simplify.test.ts checks each against
// evaluation). Select over store expands to an if-then-else here, so that memories that are stored to never reach a solver.
// Leaves out: anything that is not local (no normal form modulo commutativity beyond ordering by age).

import { bitAt } from './bit-at.ts'
import { fold } from './fold.ts'
import {
  boolSort,
  bvSortOf,
  constant,
  FALSE,
  intern,
  leadingZeros,
  num,
  onesOf,
  ordered,
  TRUE,
  truth,
  widthOf,
} from './intern.ts'
import { describeSort, sameSort, type Sort } from './sort.ts'
import type { Arr, Attribute, Op, Term } from './term.ts'

/**
 * The simplified, interned term. `width` is the result width where the arguments do not give it (constants, variables,
 * extract); width 0 stands for Bool; `sort` overrides both for arrays.
 * @throws TypeError when operands do not have the sorts the operator needs.
 */
export function build(op: Op, args: readonly Term[], attribute?: Attribute, width = 0, sort?: Sort): Term {
  switch (op) {
    case 'const':
    case 'var':
      return intern(op, args, attribute, sort ?? (width === 0 ? boolSort : bvSortOf(width)))
    case 'not':
      return negate(need('bool', op, args[0]!))
    case 'and':
      return conjunction(args.map((a) => need('bool', op, a)))
    case 'or':
      return negate(conjunction(args.map((a) => negate(need('bool', op, a)))))
    case 'eq':
      return equality(args[0]!, args[1]!)
    case 'ult':
      return less(need('bv', op, args[0]!), args[1]!)
    case 'ule':
      return negate(less(need('bv', op, args[1]!), args[0]!))
    case 'ite':
      sameWidth(op, args[1]!, args[2]!)
      return choose(need('bool', op, args[0]!), args[1]!, args[2]!)
    case 'extract':
      return extract(need('bv', op, args[0]!), attribute as number, width)
    case 'concat':
      return concat(need('bv', op, args[0]!), need('bv', op, args[1]!))
    case 'bvnot':
      return complement(need('bv', op, args[0]!))
    case 'select':
      return select(args[0] as Arr, args[1]!)
    case 'store':
      return store(args[0] as Arr, args[1]!, args[2]!)
    case 'constArray':
      return intern(op, args, undefined, sort!)
    default:
      return arithmetic(op, need('bv', op, args[0]!), args[1]!)
  }
}

function need(kind: Sort['kind'], op: Op, a: Term): Term {
  if (a.sort.kind !== kind)
    throw new TypeError(`${op}: needs a ${kind === 'bool' ? 'Bool' : 'BitVec'}, not ${describeSort(a.sort)}`)
  return a
}

function sameWidth(op: Op, a: Term, b: Term): number {
  if (!sameSort(a.sort, b.sort)) throw new TypeError(`${op}: ${describeSort(a.sort)} against ${describeSort(b.sort)}`)
  return widthOf(a)
}

function negate(a: Term): Term {
  if (a.op === 'not') return a.args[0]!
  const c = constant(a)
  if (c !== undefined) return truth(c === 0n)
  return intern('not', [a], undefined, boolSort)
}

const FLATTEN_LIMIT = 64

function conjunction(args: readonly Term[]): Term {
  const parts = new Map<number, Term>()
  const add = (t: Term): boolean => {
    if (t.op === 'const') return t.attribute === 1n
    if (t.op === 'and' && t.args.length + parts.size <= FLATTEN_LIMIT) return t.args.every(add)
    parts.set(t.id, t)
    return true
  }
  for (const t of args) if (!add(t)) return FALSE()
  for (const t of parts.values()) if (t.op === 'not' && parts.has(t.args[0]!.id)) return FALSE()
  if (parts.size === 0) return TRUE()
  if (parts.size === 1) return parts.values().next().value!
  const denied = new Set<number>()
  for (const t of parts.values()) if (t.op === 'not') denied.add(t.args[0]!.id)
  const isConjunct = (x: Term): boolean => parts.has(x.id)
  const isDenied = (x: Term): boolean => denied.has(x.id) || (x.op === 'not' && isConjunct(x.args[0]!))
  // A conjunct `not (and .. x ..)` is the disjunction of the denied members.
  let changed = false
  const out: Term[] = []
  for (const t of parts.values()) {
    const members = t.op === 'not' && t.args[0]!.op === 'and' ? t.args[0]!.args : []
    if (members.some(isDenied)) {
      // Absorption: one of the disjuncts is itself a conjunct, so this one says nothing.
      changed = true
    } else if (members.some(isConjunct)) {
      // Unit absorption: a disjunct whose denial is a conjunct is false.
      changed = true
      out.push(negate(conjunction(members.filter((x) => !isConjunct(x)))))
    } else out.push(t)
  }
  if (changed) return conjunction(out)
  out.sort((x, y) => x.id - y.id)
  return intern('and', out, undefined, boolSort)
}

function equality(a: Term, b: Term): Term {
  if (!sameSort(a.sort, b.sort)) throw new TypeError(`eq: ${describeSort(a.sort)} against ${describeSort(b.sort)}`)
  if (a === b) return TRUE()
  if (a.op === 'const' && b.op !== 'const') return equality(b, a)
  if (a.sort.kind === 'array') return ordered('eq', a, b, boolSort)
  const ca = constant(a)
  const cb = constant(b)
  if (ca !== undefined && cb !== undefined) return truth(ca === cb)
  if (a.sort.kind === 'bool') {
    if (cb !== undefined) return cb === 1n ? a : negate(a)
    if (a.op === 'not' && b.op === 'not') return equality(a.args[0]!, b.args[0]!)
    if (a.op === 'not') return a.args[0] === b ? FALSE() : negate(equality(a.args[0]!, b))
    if (b.op === 'not') return b.args[0] === a ? FALSE() : negate(equality(a, b.args[0]!))
    return ordered('eq', a, b, boolSort)
  }
  const width = widthOf(a)
  if (cb !== undefined) {
    if (a.op === 'concat') {
      const low = widthOf(a.args[1]!)
      const highEq = equality(a.args[0]!, num(width - low, cb >> BigInt(low)))
      if (highEq.op === 'const' && highEq.attribute === 0n) return highEq
      return conjunction([highEq, equality(a.args[1]!, num(low, cb))])
    }
    if (a.op === 'ite') {
      const [c, x, y] = a.args as [Term, Term, Term]
      if (x.op === 'const' || y.op === 'const') return choose(c, equality(x, b), equality(y, b))
    }
    if (a.op === 'bvnot') return equality(a.args[0]!, num(width, ~cb))
    if (a.op === 'add' && a.args[1]!.op === 'const') return equality(a.args[0]!, num(width, cb - constant(a.args[1]!)!))
    if (width === 1) return cb === 0n ? negate(equality(a, num(1, 1n))) : isOne(a)
    return intern('eq', [a, b], undefined, boolSort)
  }
  if (a.op === 'concat' && b.op === 'concat' && widthOf(a.args[1]!) === widthOf(b.args[1]!))
    return conjunction([equality(a.args[0]!, b.args[0]!), equality(a.args[1]!, b.args[1]!)])
  return ordered('eq', a, b, boolSort)
}

/** A bit that is put together from others is a Boolean of theirs. */
function isOne(a: Term): Term {
  const one = (t: Term): Term => equality(t, num(1, 1n))
  const [x, y, z] = a.args as [Term, Term, Term]
  if (a.op === 'bvand') return conjunction([one(x), one(y)])
  if (a.op === 'bvor') return negate(conjunction([negate(one(x)), negate(one(y))]))
  if (a.op === 'bvxor') return negate(equality(one(x), one(y)))
  if (a.op === 'ite') return choose(x, one(y), one(z))
  return intern('eq', [a, num(1, 1n)], undefined, boolSort)
}

export function less(a: Term, b: Term): Term {
  const width = sameWidth('ult', a, b)
  const ca = constant(a)
  const cb = constant(b)
  if (a === b || cb === 0n || ca === onesOf(width)) return FALSE()
  if (ca !== undefined && cb !== undefined) return truth(ca < cb)
  const zeros = Math.min(ca === undefined ? leadingZeros(a) : width, cb === undefined ? leadingZeros(b) : width)
  if (zeros > 0 && zeros < width) {
    const limit = 1n << BigInt(width - zeros)
    if (cb !== undefined && cb >= limit) return TRUE()
    if (ca !== undefined && ca >= limit) return FALSE()
    return less(extract(a, 0, width - zeros), extract(b, 0, width - zeros))
  }
  if (ca === 0n) return negate(equality(b, a))
  if (cb === 1n) return equality(a, num(width, 0n))
  if (cb === onesOf(width)) return negate(equality(a, b))
  return intern('ult', [a, b], undefined, boolSort)
}

export function choose(c: Term, x: Term, y: Term): Term {
  const cc = constant(c)
  if (cc !== undefined) return cc === 1n ? x : y
  if (x === y) return x
  if (c.op === 'not') return choose(c.args[0]!, y, x)
  if (x.op === 'ite' && x.args[0] === c) return choose(c, x.args[1]!, y)
  if (y.op === 'ite' && y.args[0] === c) return choose(c, x, y.args[2]!)
  if (x.sort.kind === 'bool') {
    const cx = constant(x)
    const cy = constant(y)
    if (cx === 1n) return cy === 0n ? c : negate(conjunction([negate(c), negate(y)]))
    if (cx === 0n) return cy === 1n ? negate(c) : conjunction([negate(c), y])
    if (cy === 0n) return conjunction([c, x])
    if (cy === 1n) return negate(conjunction([c, negate(x)]))
    if (x === c) return choose(c, TRUE(), y)
    if (y === c) return choose(c, x, FALSE())
  }
  return intern('ite', [c, x, y], undefined, x.sort)
}

export function extract(a: Term, low: number, width: number): Term {
  const full = widthOf(a)
  if (low === 0 && width === full) return a
  const c = constant(a)
  if (c !== undefined) return num(width, c >> BigInt(low))
  switch (a.op) {
    case 'extract':
      return extract(a.args[0]!, low + (a.attribute as number), width)
    case 'concat': {
      const split = widthOf(a.args[1]!)
      if (low >= split) return extract(a.args[0]!, low - split, width)
      if (low + width <= split) return extract(a.args[1]!, low, width)
      return concat(extract(a.args[0]!, 0, low + width - split), extract(a.args[1]!, low, split - low))
    }
    case 'ite': {
      const [cond, x, y] = a.args as [Term, Term, Term]
      if (x.op === 'const' || y.op === 'const') return choose(cond, extract(x, low, width), extract(y, low, width))
      break
    }
    case 'bvnot':
      return complement(extract(a.args[0]!, low, width))
    case 'bvand':
    case 'bvor':
    case 'bvxor':
      return arithmetic(a.op, extract(a.args[0]!, low, width), extract(a.args[1]!, low, width))
    case 'lshr':
      if (low === 0 && width === 1) return bitAt(a.args[0]!, a.args[1]!)
      break
    default:
      break
  }
  return intern('extract', [a], low, bvSortOf(width))
}

function concat(high: Term, low: Term): Term {
  if (high.op === 'concat') return concat(high.args[0]!, concat(high.args[1]!, low))
  const width = widthOf(high) + widthOf(low)
  const ch = constant(high)
  const cl = constant(low)
  if (ch !== undefined && cl !== undefined) return num(width, (ch << BigInt(widthOf(low))) | cl)
  if (low.op === 'concat') {
    const joined = join(high, low.args[0]!)
    if (joined !== undefined) return concat(joined, low.args[1]!)
  }
  return join(high, low) ?? intern('concat', [high, low], undefined, bvSortOf(width))
}

/** Two neighbours as one term when both are constants, or adjacent extracts of one term. */
function join(high: Term, low: Term): Term | undefined {
  const ch = constant(high)
  const cl = constant(low)
  if (ch !== undefined && cl !== undefined) return num(widthOf(high) + widthOf(low), (ch << BigInt(widthOf(low))) | cl)
  const [h, l] = [asExtract(high), asExtract(low)]
  if (h !== undefined && l !== undefined && h.of === l.of && l.low + widthOf(low) === h.low)
    return extract(h.of, l.low, widthOf(high) + widthOf(low))
  return undefined
}
function asExtract(t: Term): { of: Term; low: number } | undefined {
  return t.op === 'extract' ? { of: t.args[0]!, low: t.attribute as number } : undefined
}

export function complement(a: Term): Term {
  const c = constant(a)
  if (c !== undefined) return num(widthOf(a), ~c)
  if (a.op === 'bvnot') return a.args[0]!
  return intern('bvnot', [a], undefined, a.sort)
}

export function arithmetic(op: Op, x: Term, y: Term): Term {
  const width = sameWidth(op, x, y)
  const commutes = op !== 'sub' && op !== 'shl' && op !== 'lshr'
  const swap = commutes && (x.op === 'const' ? y.op !== 'const' : y.op !== 'const' && x.id > y.id)
  const [a, b] = swap ? [y, x] : [x, y]
  const ca = constant(a)
  const cb = constant(b)
  if (ca !== undefined && cb !== undefined) return num(width, fold(op, ca, cb, width))
  const zero = cb === 0n
  const ones = cb === onesOf(width)
  switch (op) {
    case 'add':
      if (zero) return a
      if (cb !== undefined && a.op === 'add' && a.args[1]!.op === 'const') {
        const sum = constant(a.args[1]!)! + cb
        // Kept apart when the sum wraps, so that overflow conditions still see each addition.
        if (sum <= onesOf(width)) return arithmetic('add', a.args[0]!, num(width, sum))
      }
      // The number of an element in a block, added to the block's beginning again.
      if (b.op === 'sub' && b.args[1] === a) return b.args[0]!
      if (a.op === 'sub' && a.args[1] === b) return a.args[0]!
      break
    case 'sub':
      if (zero) return a
      if (a === b) return num(width, 0n)
      break
    case 'mul':
      if (zero) return b
      if (cb === 1n) return a
      break
    case 'bvand': {
      if (zero || a === b) return b
      if (ones) return a
      if (cb !== undefined) {
        const masked = maskToConcat(a, cb, width)
        if (masked !== undefined) return masked
      }
      // The complement is the younger of the two, so it comes second.
      if (b.op === 'bvnot' && b.args[0] === a) return num(width, 0n)
      break
    }
    case 'bvor':
      if (zero || a === b) return a
      if (ones) return b
      break
    case 'bvxor':
      if (zero) return a
      if (a === b) return num(width, 0n)
      if (ones) return complement(a)
      break
    case 'shl':
      if (cb !== undefined) {
        if (cb >= BigInt(width)) return num(width, 0n)
        const n = Number(cb)
        return n === 0 ? a : concat(extract(a, 0, width - n), num(n, 0n))
      }
      break
    case 'lshr':
      if (cb !== undefined) {
        if (cb >= BigInt(width)) return num(width, 0n)
        const n = Number(cb)
        return n === 0 ? a : concat(num(n, 0n), extract(a, n, width - n))
      }
      break
    default:
      throw new TypeError(`no such operator: ${op}`)
  }
  return intern(op, [a, b], undefined, bvSortOf(width))
}

/** `a & mask` as a concatenation when the ones of `mask` are contiguous. */
function maskToConcat(a: Term, mask: bigint, width: number): Term | undefined {
  const binary = mask.toString(2)
  const last = binary.lastIndexOf('1')
  if (binary.slice(0, last + 1).includes('0')) return undefined
  const low = binary.length - 1 - last
  const ones = last + 1
  let out = extract(a, low, ones)
  if (low > 0) out = concat(out, num(low, 0n))
  if (low + ones < width) out = concat(num(width - low - ones, 0n), out)
  return out
}

function select(array: Arr, index: Term): Term {
  if (widthOf(index) !== array.sort.index)
    throw new TypeError(`select: index ${describeSort(index.sort)} against ${describeSort(array.sort)}`)
  while (array.op === 'store' && constant(equality(array.args[1]!, index)) === 0n) array = array.args[0] as Arr
  switch (array.op) {
    case 'store': {
      const hit = equality(array.args[1]!, index)
      return constant(hit) === 1n ? array.args[2]! : choose(hit, array.args[2]!, select(array.args[0] as Arr, index))
    }
    case 'constArray':
      return array.args[0]!
    case 'ite':
      return choose(array.args[0]!, select(array.args[1] as Arr, index), select(array.args[2] as Arr, index))
    default:
      return intern('select', [array, index], undefined, array.sort.element)
  }
}

function store(array: Arr, index: Term, value: Term): Term {
  if (widthOf(index) !== array.sort.index || !sameSort(value.sort, array.sort.element))
    throw new TypeError(`store: ${describeSort(index.sort)} -> ${describeSort(value.sort)} against ${describeSort(array.sort)}`)
  if (value.op === 'select' && value.args[0] === array && value.args[1] === index) return array
  if (array.op === 'store' && array.args[1] === index) return store(array.args[0] as Arr, index, value)
  return intern('store', [array, index, value], undefined, array.sort)
}

// Fewer bits for numbers of which only equality, order and small steps matter: a counter of 64 bits that a question compares,
// and increases by constants, needs as many bits as it takes to tell its values apart. A solver's work grows with the bits.
//
// Why no model is lost. Take all terms that are compared, or chosen between, with one another (a class). They are points (its
// variables, and the constants that they meet, zero always) plus offsets of at most D. Lay the points on the circle of 2^w
// numbers. Distances between neighbouring points of at most G = 2D + 3 are left as they are, larger ones are made G or more:
// then sums keep their order and their equations, across zero, too. Between neighbouring constants lie at most n variables,
// which make n + 1 distances. If the constants are no further apart than (n + 1) G, all distances between them are left; if they
// are, one of the distances is larger than G, and made to fill a stretch of (n + 1) G, or in one place as much more as it takes
// to a power of two for the whole circle. So a model of the question gives one of the narrow question: what has no narrow model has none.
// The other way round, a narrow model is laid out on the wide circle: n + 1 distances that make (n + 1) G or more have one of at
// least G, which takes what is to be added; distances of more than G give what is to go. That way is only a means to find models:
// whoever uses one of them evaluates the question in it.
// Leaves out: numbers whose bits are taken apart, sums of two variables, indices of arrays.

import { build } from '../model/simplify.ts'
import { type Bool, bv, Bv, type Term, varOf } from '../model/term.ts'
import { visit } from '../model/traverse.ts'
import type { Model } from './solver/value.ts'

/** Larger steps take so many bits that little is won. */
const LARGEST_STEP = 64n

interface Class {
  parent?: Class
  readonly width: number
  /** Something depends on the bits of a member. */
  fixed: boolean
  /** Distinct variables. */
  variables: number
  readonly constants: Set<bigint>
  /** The largest offset of a member from its variable or constant. */
  reach: bigint
}

interface Narrower {
  readonly width: number
  /** From each constant to the next. */
  readonly stretches: readonly Stretch[]
  readonly constant: (value: bigint) => bigint
  /** Distances of so much and more are alike. */
  readonly far: bigint
}
/** Of the narrow circle, and what it stands for. */
interface Stretch {
  readonly from: bigint
  readonly length: bigint
  readonly wideFrom: bigint
  readonly wideLength: bigint
}

export interface Narrowed {
  /** Satisfiable if what they were made from is, and so is any subset. */
  readonly roots: readonly Bool[]
  /** What a model of the narrow numbers says of the wide ones. To be checked by evaluation. */
  readonly widened: (model: Model) => Model
}

export function narrowed(roots: readonly Bool[]): Narrowed {
  const classes = classesOf(roots)
  const narrowers = new Map<Class, Narrower | undefined>()
  const narrowerOf = (t: Term): Narrower | undefined => {
    const member = classes.get(t.id)
    if (member === undefined) return undefined
    const all = representative(member)
    if (!narrowers.has(all)) narrowers.set(all, narrower(all))
    return narrowers.get(all)
  }
  const variables = new Map<Narrower, Bv[]>()
  const done = new Map<number, Term>()
  const operand = (t: Term, how: Narrower | undefined): Term =>
    how !== undefined && isNumber(t) ? bv(how.width, how.constant(t.value)) : done.get(t.id)!
  /** The same number of another width. */
  const steps = new Map<string, Term>()
  const stepAt = (t: Term, width: number): Term => {
    if (isNumber(t)) return bv(width, BigInt.asUintN(width, signed(t)))
    const key = `${t.id} ${width}`
    const [condition, yes, no] = t.args as [Term, Term, Term]
    const made = steps.get(key) ?? build('ite', [done.get(condition.id)!, stepAt(yes, width), stepAt(no, width)])
    steps.set(key, made)
    return made
  }
  const rebuilt = (t: Term): Term => {
    const compares = t.op === 'eq' || t.op === 'ult'
    const how = narrowerOf(compares ? t.args.find((a) => a.op !== 'const')! : t)
    if (t.op === 'var') {
      if (how === undefined) return t
      variables.set(how, [...(variables.get(how) ?? []), t as Bv])
      return varOf(t.attribute as string, { kind: 'bv', width: how.width })
    }
    const step = stepOf(t)
    const width = t instanceof Bv ? t.width : 0
    const args =
      step === undefined
        ? t.args.map((a) => operand(a, how))
        : [operand(step.from, how), stepAt(step.by, how === undefined ? width : how.width)]
    const isSame = step === undefined && args.every((a, i) => Object.is(a, t.args[i]))
    return isSame ? t : build(t.op, args, t.attribute, width, t.sort)
  }
  visit(roots, (t) => void done.set(t.id, rebuilt(t)))
  const widened = (model: Model): Model => {
    const out = new Map(model)
    for (const [how, members] of variables) {
      const number = (v: Bv): bigint => {
        const value = model.get(v.attribute as string)
        return value?.kind === 'bv' ? value.value : 0n
      }
      const places = laidOut(how, members.map(number))
      for (const v of members) out.set(v.attribute as string, { kind: 'bv', width: v.width, value: places.get(number(v))! })
    }
    return out
  }
  return { roots: roots.map((t) => done.get(t.id) as Bool), widened }
}

/** Where numbers of the narrow circle lie on the wide one. */
function laidOut({ stretches, far }: Narrower, numbers: readonly bigint[]): ReadonlyMap<bigint, bigint> {
  const places = new Map<bigint, bigint>()
  for (const { from, length, wideFrom, wideLength } of stretches) {
    const points = [...new Set([from, ...numbers.filter((n) => n >= from && n < from + length)])].sort(ascending)
    const gaps = points.map((p, i) => (points[i + 1] ?? from + length) - p)
    let missing = wideLength - length
    if (missing > 0n) gaps[gaps.indexOf(gaps.reduce(larger))]! += missing
    let place = wideFrom
    for (const [i, point] of points.entries()) {
      places.set(point, place)
      const less = missing < 0n && gaps[i]! > far ? smaller(gaps[i]! - far, -missing) : 0n
      missing += less
      place += gaps[i]! - less
    }
  }
  return places
}

// ---- classes ----

/** Members by the identity of the term; constants belong wherever they are met. */
function classesOf(roots: readonly Bool[]): ReadonlyMap<number, Class> {
  const classes = new Map<number, Class>()
  const reach = new Map<number, bigint>()
  const reachOf = (t: Term): bigint => reach.get(t.id) ?? 0n
  const classOf = (t: Bv): Class => {
    const known = classes.get(t.id)
    if (known !== undefined) return representative(known)
    const own: Class = { width: t.width, fixed: false, variables: 0, constants: new Set([0n]), reach: 0n }
    classes.set(t.id, own)
    return own
  }
  const join = (terms: readonly Term[]): void => {
    const members = terms.filter((t): t is Bv => t instanceof Bv && !isNumber(t))
    if (members.length === 0) return
    const all = members.map(classOf).reduce(united)
    for (const t of terms) if (isNumber(t)) all.constants.add(t.value)
  }
  const fix = (t: Term): void => {
    if (t instanceof Bv && !isNumber(t)) classOf(t).fixed = true
  }
  visit(roots, (t) => {
    const step = stepOf(t)
    if (t.op === 'eq' || t.op === 'ult') join(t.args)
    else if (t.op === 'ite' && t instanceof Bv) {
      const [, yes, no] = t.args as [Term, Term, Term]
      join([t, yes, no])
      reach.set(t.id, larger(reachOf(yes), reachOf(no)))
    } else if (step !== undefined) {
      join([t, step.from])
      reach.set(t.id, reachOf(step.from) + largest(step.by))
      const own = classOf(t as Bv)
      own.reach = larger(own.reach, reachOf(t))
    } else if (t.op === 'var' && t instanceof Bv) classOf(t).variables++
    else for (const u of [t, ...t.args]) fix(u)
  })
  return classes
}

function representative(member: Class): Class {
  let top = member
  while (top.parent !== undefined) top = top.parent
  return top
}

function united(a: Class, b: Class): Class {
  const [x, y] = [representative(a), representative(b)]
  if (x === y) return x
  y.parent = x
  x.fixed ||= y.fixed
  x.variables += y.variables
  for (const c of y.constants) x.constants.add(c)
  x.reach = larger(x.reach, y.reach)
  return x
}

function narrower({ fixed, width, variables, constants, reach }: Class): Narrower | undefined {
  if (fixed) return undefined
  const far = 2n * reach + 3n
  const enough = BigInt(variables + 1) * far
  const points = [...constants].sort(ascending)
  const lengths = points.map((c, i) => (points[i + 1] ?? 1n << BigInt(width)) - c)
  const shortened = lengths.map((length) => (length > enough ? enough : length))
  const flexible = lengths.findLastIndex((length) => length > enough)
  const sum = shortened.reduce((a, b) => a + b, 0n)
  const narrow = (sum - 1n).toString(2).length
  if (flexible < 0 || narrow >= width) return undefined
  shortened[flexible]! += (1n << BigInt(narrow)) - sum
  let place = 0n
  const stretches = points.map((wideFrom, i): Stretch => {
    const from = place
    place += shortened[i]!
    return { from, length: shortened[i]!, wideFrom, wideLength: lengths[i]! }
  })
  const places = new Map(stretches.map(({ wideFrom, from }) => [wideFrom, from]))
  return { width: narrow, stretches, constant: (value) => places.get(value)!, far }
}

// ---- steps ----

interface Step {
  readonly from: Term
  /** A small constant, or a choice of some. */
  readonly by: Term
}
function stepOf(t: Term): Step | undefined {
  if (t.op !== 'add' && t.op !== 'sub') return undefined
  const [a, b] = t.args as [Term, Term]
  if (isStep(b)) return { from: a, by: b }
  return t.op === 'add' && isStep(a) ? { from: b, by: a } : undefined
}
const sizes = new WeakMap<Term, bigint>()
/** The largest that is added, or more than any step. */
function largest(t: Term): bigint {
  if (isNumber(t)) return size(t)
  if (t.op !== 'ite') return LARGEST_STEP + 1n
  const known = sizes.get(t) ?? larger(largest(t.args[1]!), largest(t.args[2]!))
  sizes.set(t, known)
  return known
}
const isStep = (t: Term): boolean => largest(t) <= LARGEST_STEP

type Literal = Bv & { readonly value: bigint }
const isNumber = (t: Term): t is Literal => t instanceof Bv && t.value !== undefined
const signed = (t: Literal): bigint => BigInt.asIntN(t.width, t.value)
const size = (t: Literal): bigint => (signed(t) < 0n ? -signed(t) : signed(t))
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

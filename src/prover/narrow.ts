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
// Leaves out: numbers whose bits are taken apart, sums of two variables, indices of arrays.

import { build } from '../model/simplify.ts'
import { type Bool, bv, Bv, type Term, varOf } from '../model/term.ts'
import { visit } from '../model/traverse.ts'

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
  readonly constant: (value: bigint) => bigint
}

/** Satisfiable if `roots` are, and so is any subset. For verdicts and cores: a model of it is none of the roots. */
export function narrowed(roots: readonly Bool[]): Bool[] {
  const classes = classesOf(roots)
  const narrowers = new Map<Class, Narrower | undefined>()
  const narrowerOf = (t: Term): Narrower | undefined => {
    const member = classes.get(t.id)
    if (member === undefined) return undefined
    const all = representative(member)
    if (!narrowers.has(all)) narrowers.set(all, narrower(all))
    return narrowers.get(all)
  }
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
    if (t.op === 'var') return how === undefined ? t : varOf(t.attribute as string, { kind: 'bv', width: how.width })
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
  return roots.map((t) => done.get(t.id) as Bool)
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
  const enough = BigInt(variables + 1) * (2n * reach + 3n)
  const ascending = [...constants].sort((a, b) => (a < b ? -1 : 1))
  const lengths = ascending.map((c, i) => (ascending[i + 1] ?? 1n << BigInt(width)) - c)
  const shortened = lengths.map((length) => (length > enough ? enough : length))
  const flexible = lengths.findLastIndex((length) => length > enough)
  const sum = shortened.reduce((a, b) => a + b, 0n)
  const narrow = (sum - 1n).toString(2).length
  if (flexible < 0 || narrow >= width) return undefined
  shortened[flexible]! += (1n << BigInt(narrow)) - sum
  let place = 0n
  const places = new Map<bigint, bigint>()
  for (const [i, c] of ascending.entries()) {
    places.set(c, place)
    place += shortened[i]!
  }
  return { width: narrow, constant: (value) => places.get(value)! }
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

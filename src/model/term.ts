// Terms: immutable, hash-consed syntax trees of the quantifier-free theory of bit-vectors and arrays, with the methods that
// models are written in. Equal terms are the same object, so identity is syntactic equality.
// Every constructor simplifies (simplify.ts): a run on constants is the evaluation of the same term.
// Terms are hostile to JavaScript operators: `a + b`, `a < b` and `${a}` throw with the name of the combinator to use.
// `if (term)` and `term === other` cannot be caught at run time; tools/lint-terms.ts and the spec loader reject them.

import { type ArraySort, type BoolSort, boolSort, type BvSort, bvSort, describeSort, type Sort, sameSort } from './sort.ts'
import { build } from './simplify.ts'

/** Operators. Attributes (extract bounds, constant value, variable name) sit in `Term.attribute`. */
export type Op =
  | 'const'
  | 'var'
  | 'not'
  | 'and'
  | 'or'
  | 'eq'
  | 'ult'
  | 'ule'
  | 'ite'
  | 'add'
  | 'sub'
  | 'mul'
  | 'bvand'
  | 'bvor'
  | 'bvxor'
  | 'bvnot'
  | 'shl'
  | 'lshr'
  | 'concat'
  | 'extract'
  | 'select'
  | 'store'
  | 'constArray'

/** Constant: bigint (0n/1n for Bool). Variable: its name. Extract: its low bit. Others: undefined. */
export type Attribute = bigint | string | number | undefined

export type Operand<B extends string> = Bv<B> | bigint | number

const forbidden = (use: string) => (): never => {
  throw new TypeError(`a term is not a JavaScript value: ${use}`)
}

export abstract class Term {
  readonly id: number
  readonly op: Op
  readonly args: readonly Term[]
  readonly attribute: Attribute
  abstract readonly sort: Sort

  constructor(id: number, op: Op, args: readonly Term[], attribute: Attribute) {
    this.id = id
    this.op = op
    this.args = args
    this.attribute = attribute
  }

  get isConst(): boolean {
    return this.op === 'const'
  }

  toString(): never {
    return forbidden('print it with show(term)')()
  }
  valueOf(): never {
    return forbidden('use .plus, .minus, .ult, .ule, .eq instead of an operator')()
  }
  /** Templates and property keys ask for a string, operators do not. */
  [Symbol.toPrimitive](hint: string): never {
    if (hint === 'string') return this.toString()
    return forbidden('use .plus, .minus, .ult, .ule, .eq, .and, b.when instead of an operator')()
  }
}

export class Bool extends Term {
  declare private readonly boolTerm: true
  readonly sort: BoolSort = boolSort

  not(): Bool {
    return build('not', [this]) as Bool
  }
  and(...others: readonly Bool[]): Bool {
    return and(this, ...others)
  }
  or(...others: readonly Bool[]): Bool {
    return or(this, ...others)
  }
  implies(consequent: Bool): Bool {
    return or(this.not(), consequent)
  }
  iff(other: Bool): Bool {
    return build('eq', [this, other]) as Bool
  }
  xor(other: Bool): Bool {
    return this.iff(other).not()
  }
  ite(yes: Bool, no: Bool): Bool
  ite<B extends string>(yes: Bv<B>, no: Bv<B>): Bv<B>
  ite(yes: Arr, no: Arr): Arr
  ite(yes: Term, no: Term): Term {
    return iteTerm(this, yes, no)
  }
  /** One bit: 1 when true. */
  bit(): Bv {
    return this.ite(bv(1, 1), bv(1, 0))
  }
  /** The constant's value, or undefined when this is no constant. */
  get value(): boolean | undefined {
    return this.op === 'const' ? this.attribute === 1n : undefined
  }
}

/** A bit-vector. `B` is a phantom brand: address kinds of different brand do not mix; rebrand with `.as<...>()`. */
export class Bv<B extends string = 'bits'> extends Term {
  declare readonly brand: B
  readonly sort: BvSort

  constructor(id: number, op: Op, args: readonly Term[], attribute: Attribute, width: number) {
    super(id, op, args, attribute)
    this.sort = bvSort(width)
  }

  get width(): number {
    return this.sort.width
  }
  /** The constant's value, or undefined when this is no constant. */
  get value(): bigint | undefined {
    return this.op === 'const' ? (this.attribute as bigint) : undefined
  }
  as<C extends string>(): Bv<C> {
    return this as unknown as Bv<C>
  }
  private lift(other: Operand<B>): Bv<B> {
    return other instanceof Bv ? other : bv(this.width, other).as<B>()
  }
  private binary(op: Op, other: Operand<B>): Bv<B> {
    return build(op, [this, this.lift(other)]) as unknown as Bv<B>
  }
  eq(other: Operand<B>): Bool {
    return build('eq', [this, this.lift(other)]) as Bool
  }
  ne(other: Operand<B>): Bool {
    return this.eq(other).not()
  }
  ult(other: Operand<B>): Bool {
    return build('ult', [this, this.lift(other)]) as Bool
  }
  ule(other: Operand<B>): Bool {
    return build('ule', [this, this.lift(other)]) as Bool
  }
  ugt(other: Operand<B>): Bool {
    return build('ult', [this.lift(other), this]) as Bool
  }
  uge(other: Operand<B>): Bool {
    return build('ule', [this.lift(other), this]) as Bool
  }
  /** Modular addition; in a procedure's statements, overflow is a verification condition. */
  plus(other: Operand<B>): Bv<B> {
    return this.binary('add', other)
  }
  minus(other: Operand<B>): Bv<B> {
    return this.binary('sub', other)
  }
  times(other: Operand<B>): Bv<B> {
    return this.binary('mul', other)
  }
  bitand(other: Operand<B>): Bv<B> {
    return this.binary('bvand', other)
  }
  bitor(other: Operand<B>): Bv<B> {
    return this.binary('bvor', other)
  }
  bitxor(other: Operand<B>): Bv<B> {
    return this.binary('bvxor', other)
  }
  bitnot(): Bv<B> {
    return build('bvnot', [this]) as unknown as Bv<B>
  }
  /** Logical shifts; a shift by the width or more gives zero, as in SMT-LIB. */
  shl(other: Operand<B>): Bv<B> {
    return this.binary('shl', other)
  }
  lshr(other: Operand<B>): Bv<B> {
    return this.binary('lshr', other)
  }
  /** Bits high..low, both inclusive, as the manual writes them. */
  bits(high: number, low: number): Bv {
    if (!(Number.isInteger(low) && low >= 0 && high >= low && high < this.width))
      throw new RangeError(`bits ${high}:${low} do not exist in a BitVec ${this.width}`)
    return build('extract', [this], low, high - low + 1) as Bv
  }
  /** One bit as a Boolean. */
  bit(n: number): Bool {
    return this.bits(n, n).eq(1)
  }
  /** this is the high part. */
  concat(...lower: readonly Bv<string>[]): Bv {
    return lower.reduce((high: Term, low) => build('concat', [high, low]), this) as Bv
  }
  /** Zero-extended to `width` bits. */
  zext(width: number): Bv<B> {
    if (width === this.width) return this
    return bv(width - this.width, 0)
      .concat(this)
      .as<B>()
  }
  isZero(): Bool {
    return this.eq(0)
  }
}

export class Arr extends Term {
  readonly sort: ArraySort

  constructor(id: number, op: Op, args: readonly Term[], attribute: Attribute, sort: ArraySort) {
    super(id, op, args, attribute)
    this.sort = sort
  }
  at(index: Bv<string>): Bv {
    return build('select', [this, index]) as Bv
  }
  /** Element of an array of Booleans. */
  has(index: Bv<string>): Bool {
    return build('select', [this, index]) as Bool
  }
  store(index: Bv<string>, value: Bv<string> | Bool): Arr {
    return build('store', [this, index, value]) as Arr
  }
}

// ---- constants, variables, n-ary connectives ----

export function bv(width: number, value: bigint | number): Bv {
  const v = BigInt(value)
  if (v < 0n || v >> BigInt(width) !== 0n) throw new RangeError(`${v} does not fit in ${width} bits`)
  return build('const', [], v, bvSort(width).width) as Bv
}
export const bool = (value: boolean): Bool => build('const', [], value ? 1n : 0n, 0) as Bool
export const u64 = (value: bigint | number): Bv => bv(64, value)

export function and(...terms: readonly Bool[]): Bool {
  return build('and', terms) as Bool
}
export function or(...terms: readonly Bool[]): Bool {
  return build('or', terms) as Bool
}
export function ite<T extends Term>(condition: Bool, yes: T, no: T): T {
  return iteTerm(condition, yes, no) as T
}
function iteTerm(condition: Bool, yes: Term, no: Term): Term {
  if (!sameSort(yes.sort, no.sort)) throw new TypeError(`ite: ${describeSort(yes.sort)} against ${describeSort(no.sort)}`)
  return build('ite', [condition, yes, no])
}
/** Equality of two terms of one sort, whichever it is. */
export function equal(a: Term, b: Term): Bool {
  if (!sameSort(a.sort, b.sort)) throw new TypeError(`equal: ${describeSort(a.sort)} against ${describeSort(b.sort)}`)
  return build('eq', [a, b]) as Bool
}

export function boolVar(name: string): Bool {
  return build('var', [], name, 0) as Bool
}
export function bvVar<B extends string = 'bits'>(name: string, width: number): Bv<B> {
  return build('var', [], name, bvSort(width).width) as unknown as Bv<B>
}
export function varOf(name: string, sort: Sort): Term {
  if (sort.kind === 'bool') return boolVar(name)
  if (sort.kind === 'bv') return bvVar(name, sort.width)
  return build('var', [], name, 0, sort)
}
export function arrayVar(name: string, sort: ArraySort): Arr {
  return build('var', [], name, 0, sort) as Arr
}
/** The array that holds `value` everywhere. */
export function constArray(index: number, value: Bv<string> | Bool): Arr {
  return build('constArray', [value], undefined, 0, { kind: 'array', index, element: value.sort }) as Arr
}

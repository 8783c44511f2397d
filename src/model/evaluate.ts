// Exact evaluation of terms over concrete values: the reference semantics that the simplifier, the compiled interpreter and
// the SMT-LIB printer are tested against.

import { fold } from './fold.ts'
import type { Sort } from './sort.ts'
import type { Bool, Bv, Term } from './term.ts'

type Element = bigint | boolean

/**
 * Immutable array value: finitely many entries over a default. A chain of stores shares one table, which the newest value
 * owns; an older one is that table with the differences that lead back to it.
 */
export class ArrayValue {
  readonly otherwise: Element
  private table: Map<bigint, Element> | undefined
  /** Someone may hold the table, so it is not to be changed. */
  private isLent: boolean
  private newer: { readonly value: ArrayValue; readonly index: bigint; readonly before: Element | undefined } | undefined

  constructor(otherwise: Element, entries: ReadonlyMap<bigint, Element> = new Map()) {
    this.otherwise = otherwise
    this.table = entries as Map<bigint, Element>
    this.isLent = true
  }

  get entries(): ReadonlyMap<bigint, Element> {
    this.table ??= this.tableOfOld()
    this.isLent = true
    return this.table
  }
  get(index: bigint): Element {
    let at: ArrayValue = this
    while (at.table === undefined) {
      const { value, index: changed, before } = at.newer!
      if (changed === index) return before ?? this.otherwise
      at = value
    }
    return at.table.get(index) ?? this.otherwise
  }
  set(index: bigint, element: Element): ArrayValue {
    const table = this.table === undefined || this.isLent ? new Map(this.entries) : this.table
    const value = new ArrayValue(this.otherwise, table)
    value.isLent = false
    if (table === this.table) {
      this.newer = { value, index, before: table.get(index) }
      this.table = undefined
    }
    table.set(index, element)
    return value
  }
  /** Equal at every index of `width` bits: the values elsewhere matter only if there is an elsewhere. */
  equals(other: ArrayValue, width: number): boolean {
    const written = new Set([...this.entries.keys(), ...other.entries.keys()])
    if (this.otherwise !== other.otherwise && BigInt(written.size) < 1n << BigInt(width)) return false
    return [...written].every((i) => this.get(i) === other.get(i))
  }

  private tableOfOld(): Map<bigint, Element> {
    const changes: { index: bigint; before: Element | undefined }[] = []
    let at: ArrayValue = this
    for (; at.table === undefined; at = at.newer!.value) changes.push(at.newer!)
    const table = new Map(at.table)
    for (const { index, before } of changes.reverse())
      if (before === undefined) table.delete(index)
      else table.set(index, before)
    return table
  }
}

/** Anything with a `get` serves as an array while it is only read (an image, a function of the address). */
export interface Readable {
  get(index: bigint): bigint | boolean
}
export type Value = bigint | boolean | Readable

export type Environment = (variable: Term) => Value

/** The value that a sort has when nobody said anything: false, 0, everywhere 0. */
export function defaultValue(sort: Sort): Value {
  if (sort.kind === 'bool') return false
  if (sort.kind === 'bv') return 0n
  return new ArrayValue(sort.element.kind === 'bool' ? false : 0n)
}

export class Evaluator {
  private readonly done = new Map<number, Value>()
  private readonly environment: Environment

  constructor(environment: Environment) {
    this.environment = environment
  }

  value(root: Term): Value {
    const stack: Term[] = [root]
    while (stack.length > 0) {
      const t = stack[stack.length - 1]!
      if (this.done.has(t.id)) {
        stack.pop()
        continue
      }
      let ready = true
      for (const a of t.args)
        if (!this.done.has(a.id)) {
          stack.push(a)
          ready = false
        }
      if (!ready) continue
      stack.pop()
      this.done.set(t.id, this.step(t))
    }
    return this.done.get(root.id)!
  }
  bool(t: Bool): boolean {
    return this.value(t) as boolean
  }
  bv(t: Bv<string>): bigint {
    return this.value(t) as bigint
  }

  private step(t: Term): Value {
    const arg = (i: number): Value => this.done.get(t.args[i]!.id)!
    const width = t.sort.kind === 'bv' ? t.sort.width : 0
    switch (t.op) {
      case 'const':
        return t.sort.kind === 'bool' ? t.attribute === 1n : (t.attribute as bigint)
      case 'var':
        return this.environment(t)
      case 'not':
        return !arg(0)
      case 'and':
        return t.args.every((_, i) => arg(i))
      case 'or':
        return t.args.some((_, i) => arg(i))
      case 'eq': {
        const [a, b] = [arg(0), arg(1)]
        const { sort } = t.args[0]!
        return a instanceof ArrayValue && b instanceof ArrayValue && sort.kind === 'array' ? a.equals(b, sort.index) : a === b
      }
      case 'ult':
        return (arg(0) as bigint) < (arg(1) as bigint)
      case 'ule':
        return (arg(0) as bigint) <= (arg(1) as bigint)
      case 'ite':
        return arg(0) ? arg(1) : arg(2)
      case 'bvnot':
        return BigInt.asUintN(width, ~(arg(0) as bigint))
      case 'concat': {
        const low = (t.args[1] as Bv).width
        return ((arg(0) as bigint) << BigInt(low)) | (arg(1) as bigint)
      }
      case 'extract':
        return BigInt.asUintN(width, (arg(0) as bigint) >> BigInt(t.attribute as number))
      case 'select':
        return (arg(0) as Readable).get(arg(1) as bigint)
      case 'store':
        return (arg(0) as ArrayValue).set(arg(1) as bigint, arg(2) as bigint | boolean)
      case 'constArray':
        return new ArrayValue(arg(0) as bigint | boolean)
      default:
        return fold(t.op, arg(0) as bigint, arg(1) as bigint, width)
    }
  }
}

export function evaluate(term: Term, environment: Environment): Value {
  return new Evaluator(environment).value(term)
}

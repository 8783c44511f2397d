// Terms over a concrete state as JavaScript expressions. A sub-term that is used once is written where it is used, so that
// `&&`, `||` and `?:` leave out what does not matter; one that is used often gets a name.
// Leaves out: equality of whole tables. Tables that are parameters may be chosen among and stored to before they are read.

import type { Bv, Term } from '../../model/term.ts'
import { visit } from '../../model/traverse.ts'
import {
  add,
  below,
  bitwise,
  complement,
  concatenate,
  constantLimbs,
  equalLimbs,
  extract,
  type Limbs,
  multiply,
  shift,
  subtract,
} from '../limbs.ts'
import { limbsOfWidth, type Layout, type TablePlace } from './layout.ts'

/** Longer expressions get a name, so that none nests too deep for the engine's parser. */
const LONGEST = 240
const ATOM = /^(\w+|\(-\d+\)|S\[\d+\])$/

/** Names for one function. */
export class Names {
  private next = 0
  fresh(): string {
    return `t${this.next++}`
  }
}

/** A block of code: what it knows, and the lines that compute it. The state must not change between its lines. */
export class Scope {
  readonly lines: string[] = []
  readonly names: Names
  private readonly known = new Map<number, Limbs>()
  private readonly entries = new Map<string, string>()
  private readonly outer: Scope | undefined

  constructor(names: Names = new Names(), outer?: Scope) {
    this.names = names
    this.outer = outer
  }
  inner(): Scope {
    return new Scope(this.names, this)
  }
  find(term: Term): Limbs | undefined {
    return this.known.get(term.id) ?? this.outer?.find(term)
  }
  set(term: Term, limbs: Limbs): void {
    this.known.set(term.id, limbs)
  }
  push(...lines: readonly string[]): void {
    this.lines.push(...lines)
  }
  readonly name = (expression: string): string => (ATOM.test(expression) ? expression : this.copy(expression))
  /** A name for the value as it is here, whatever changes later. */
  copy(expression: string): string {
    const fresh = this.names.fresh()
    this.push(`const ${fresh} = ${expression}`)
    return fresh
  }
  /** The entry of a key space for this index. */
  entry(space: number, index: Limbs): string {
    const text = `E${space}.at(${keyText(index)})`
    return this.entryNamed(text) ?? this.newEntry(text)
  }
  private entryNamed(text: string): string | undefined {
    return this.entries.get(text) ?? this.outer?.entryNamed(text)
  }
  private newEntry(text: string): string {
    const name = this.copy(text)
    this.entries.set(text, name)
    return name
  }
}

const inParentheses = (e: string): string => (ATOM.test(e) ? e : `(${e})`)

export class TermWriter {
  private readonly layout: Layout

  constructor(layout: Layout) {
    this.layout = layout
  }

  /** Expressions for the terms; what they share is computed by lines of `scope`. */
  write(scope: Scope, ...roots: readonly Term[]): Limbs[] {
    const uses = new Map<number, number>()
    const use = (t: Term): void => void uses.set(t.id, (uses.get(t.id) ?? 0) + 1)
    const inner = (t: Term): readonly Term[] => (scope.find(t) === undefined ? argumentsOf(t) : [])
    roots.forEach(use)
    visit(roots, (t) => inner(t).forEach(use), inner)
    visit(
      roots,
      (t) => {
        if (isLeaf(t) || scope.find(t) !== undefined) return
        const limbs = this.operator(scope, t)
        const isNamed = uses.get(t.id)! > 1 || limbs.some((x) => x.length > LONGEST)
        scope.set(t, isNamed ? limbs.map(scope.name) : limbs)
      },
      inner,
    )
    return roots.map((t) => this.limbsOf(scope, t))
  }
  /** The same as names of constants, which later changes of the state leave alone. */
  copy(scope: Scope, term: Term): Limbs {
    const [limbs] = this.write(scope, term)
    return limbs!.map((x) => (/^S\[|[^\w()-]/.test(x) ? scope.copy(x) : x))
  }
  names(scope: Scope, term: Term): Limbs {
    this.write(scope, term)
    return this.atoms(scope, term)
  }

  private limbsOf(scope: Scope, t: Term): Limbs {
    const known = scope.find(t)
    if (known !== undefined) return known
    if (t.op === 'const')
      return t.sort.kind === 'bool' ? [String(t.attribute === 1n)] : constantLimbs((t as Bv).width, t.attribute as bigint)
    const place = this.layout.placeOf(t)
    if (place === undefined) throw new TypeError(`${String(t.attribute)} is no variable of ${this.layout.system.name}`)
    if (place.kind === 'table') return noTables(t)
    if (place.width === 0) return [`S[${place.slot}] !== 0`]
    return Array.from({ length: limbsOfWidth(place.width) }, (_, k) => `S[${place.slot + k}]`)
  }
  private atoms(scope: Scope, t: Term): Limbs {
    const limbs = this.limbsOf(scope, t)
    if (limbs.every((x) => ATOM.test(x))) return limbs
    const named = limbs.map(scope.name)
    scope.set(t, named)
    return named
  }

  private operator(scope: Scope, t: Term): Limbs {
    const width = t.sort.kind === 'bv' ? t.sort.width : 0
    const widthOf = (i: number): number => (t.args[i] as Bv).width
    /** For operators that use every limb once. */
    const once = (i: number): Limbs => this.limbsOf(scope, t.args[i]!).map(inParentheses)
    const often = (i: number): Limbs => this.atoms(scope, t.args[i]!)
    const isSmall = limbsOfWidth(width) === 1
    const arg = isSmall ? once : often
    switch (t.op) {
      case 'not':
        return [`!${once(0)[0]}`]
      case 'and':
        return [t.args.map((_, i) => once(i)[0]).join(' && ')]
      case 'or':
        return [t.args.map((_, i) => once(i)[0]).join(' || ')]
      case 'eq':
        if (t.args[0]!.sort.kind === 'array') return noTables(t)
        return [equalLimbs(once(0), once(1))]
      case 'ult':
      case 'ule': {
        const side = limbsOfWidth(widthOf(0)) === 1 ? once : often
        return [below(side(0), side(1), widthOf(0), t.op === 'ule')]
      }
      case 'ite': {
        const [condition] = arg(0)
        const [yes, no] = [once(1), once(2)]
        return yes.map((x, k) => `${condition} ? ${x} : ${no[k]}`)
      }
      case 'bvand':
        return bitwise('&', once(0), once(1))
      case 'bvor':
        return bitwise('|', once(0), once(1))
      case 'bvxor':
        return bitwise('^', once(0), once(1))
      case 'bvnot':
        return complement(once(0), width)
      case 'add':
        return add(arg(0), arg(1), width, isSmall ? (x) => x : scope.name)
      case 'sub':
        return subtract(arg(0), arg(1), width, isSmall ? (x) => x : scope.name)
      case 'mul':
        return multiply(arg(0), arg(1), width, scope.name)
      case 'shl':
      case 'lshr':
        return shift(t.op, arg(0), often(1), width, scope.name)
      case 'concat':
        return concatenate(arg(0), arg(1), widthOf(1), width)
      case 'extract':
        return extract(arg(0), t.attribute as number, width)
      case 'select':
        return this.element(scope, t.args[0]!, often(1), widthOf(1))
      case 'store':
      case 'constArray':
      case 'const':
      case 'var':
        return noTables(t)
    }
  }

  /** @param index names. */
  private element(scope: Scope, array: Term, index: Limbs, width: number): Limbs {
    if (array.op === 'ite') {
      const [condition] = this.atoms(scope, array.args[0]!)
      const [yes, no] = [array.args[1]!, array.args[2]!].map((a) => this.element(scope, a, index, width))
      return yes!.map((x, k) => `${condition} ? ${inParentheses(x)} : ${inParentheses(no![k]!)}`)
    }
    if (array.op === 'store') {
      const hit = scope.name(equalLimbs(index, this.atoms(scope, array.args[1]!)))
      const others = this.element(scope, array.args[0]!, index, width)
      return this.limbsOf(scope, array.args[2]!).map((x, k) => `${hit} ? ${inParentheses(x)} : ${inParentheses(others[k]!)}`)
    }
    if (array.op === 'constArray') return this.limbsOf(scope, array.args[0]!)
    const place = this.layout.placeOf(array)
    if (place?.kind !== 'table') throw new TypeError(`${String(array.attribute)} is no table of ${this.layout.system.name}`)
    return this.read(scope, place, index, width)
  }
  private read(scope: Scope, place: TablePlace, index: Limbs, width: number): Limbs {
    const { slot, dense, space, number } = place
    const count = limbsOfWidth(place.width)
    const times = (of: string) => (count === 1 ? of : `${count} * ${of}`)
    const plus = (k: number) => (k === 0 ? '' : ` + ${k}`)
    const limb = (k: number): string => {
      const near = denseIndex(index)
      const beside =
        near === undefined
          ? `S[${slot} + ${times(index[0]!)}${plus(k)}]`
          : near < dense
            ? `S[${slot + count * near + k}]`
            : undefined
      if (space === undefined) return beside!
      if (near !== undefined && near < dense) return beside!
      const apart = `C${number}.values[${times(scope.entry(space, index))}${plus(k)}]`
      if (dense === 0 || beside === undefined) return apart
      return `${scope.name(isDense(index, width, dense))} ? ${beside} : ${apart}`
    }
    const limbs = Array.from({ length: count }, (_, k) => limb(k))
    return place.width === 0 ? [`${inParentheses(limbs[0]!)} !== 0`] : limbs
  }
}

/** Arguments for `at` and `mention` of a key space. */
export const keyText = (index: Limbs): string => (index.length === 1 ? `${index[0]}, 0` : index.join(', '))

/** Whether the element lies beside the scalars. */
export function isDense(index: Limbs, width: number, dense: number): string {
  const low = width < 32 ? index[0]! : `(${index[0]} >>> 0)`
  return [...index.slice(1).map((x) => `${x} === 0`), `${low} < ${dense}`].join(' && ')
}
const denseIndex = (index: Limbs): number | undefined =>
  /^\d+$/.test(index[0]!) && index.slice(1).every((x) => x === '0') ? Number(index[0]) : undefined

const isLeaf = (t: Term): boolean => t.op === 'const' || t.op === 'var'
function argumentsOf(t: Term): readonly Term[] {
  return t.op === 'select' ? [t.args[1]!, ...partsOf(t.args[0]!)] : t.args
}
/** What must be known to read an element of an array. */
function partsOf(array: Term): readonly Term[] {
  const [a, b, c] = array.args
  if (array.op === 'ite') return [a!, ...partsOf(b!), ...partsOf(c!)]
  if (array.op === 'store') return [b!, c!, ...partsOf(a!)]
  return array.op === 'constArray' ? [a!] : []
}

function noTables(term: Term): never {
  throw new TypeError(
    `simulations read tables at an index only (operator ${term.op}${term.op === 'var' ? ` ${String(term.attribute)}` : ''})`,
  )
}

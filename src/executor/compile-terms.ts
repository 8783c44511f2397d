// Terms as JavaScript: every sub-term that a statement uses is computed once, in a constant of its own; sub-terms that depend on
// constants of the run alone are computed once per run.
// Leaves out: arrays as values (only elements of array cells can be read): the handler's language has no use for them.

import { type Cell, cellOf } from '../model/cell.ts'
import type { Bv, Term } from '../model/term.ts'
import { variables, visit } from '../model/traverse.ts'
import {
  add,
  below,
  bitwise,
  complement,
  concatenate,
  constantLimbs,
  equalLimbs,
  extract,
  limbCount,
  type Limbs,
  multiply,
  shift,
  subtract,
} from './limbs.ts'

/** Where generated code finds what it works on. Booleans are one JavaScript boolean, bit-vectors limbs. */
export interface Names {
  scalar(cell: Cell): Limbs
  /** The typed array of an array cell, and its number of elements. */
  array(cell: Cell): { readonly elements: string; readonly length: string }
}

/** The lines of one block of code; names are unique within the program. */
export interface Lines {
  push(line: string): void
  fresh(): string
}

export class TermWriter {
  private readonly names: Names
  private readonly rigidLines: Lines
  private readonly rigid = new Map<number, Limbs>()
  private readonly isRigid = new Map<number, boolean>()

  constructor(names: Names, rigidLines: Lines) {
    this.names = names
    this.rigidLines = rigidLines
  }

  /** Appends what computes the terms (of one statement) to `lines` and returns their limbs. */
  write(lines: Lines, ...roots: readonly Term[]): readonly Limbs[] {
    const known = new Map<number, Limbs>()
    visit(
      roots,
      (term) => known.set(term.id, this.rigidLimbs(term) ?? this.node(lines, term, (t) => known.get(t.id)!)),
      (term) => (this.rigidTerm(term) ? [] : term.op === 'select' ? term.args.slice(1) : term.args),
    )
    return roots.map((root) => known.get(root.id)!)
  }

  /** An index as an expression that is checked against the number of elements. */
  index(lines: Lines, cell: Cell, limbs: Limbs, width: number): string {
    const { length } = this.names.array(cell)
    const low = width < 32 ? limbs[0]! : `(${limbs[0]} >>> 0)`
    const tests = [...limbs.slice(1).map((x) => `${x} !== 0`), `${low} >= ${length}`]
    lines.push(`if (${tests.join(' || ')}) outOfBounds(${JSON.stringify(cell.name)})`)
    return limbs[0]!
  }

  /** Computed once per run: it depends on constants, and cannot fail. */
  private rigidTerm(term: Term): boolean {
    if (term.isConst || term.op === 'var') return false
    const known = this.isRigid.get(term.id)
    if (known !== undefined) return known
    let rigid = true
    visit([term], (t) => {
      if (t.op === 'select' || t.sort.kind === 'array') rigid = false
    })
    if (rigid) rigid = variables([term]).every((v) => cellOf(v)?.kind === 'constant')
    this.isRigid.set(term.id, rigid)
    return rigid
  }

  private rigidLimbs(term: Term): Limbs | undefined {
    if (!this.rigidTerm(term)) return undefined
    visit([term], (t) => {
      if (!this.rigid.has(t.id))
        this.rigid.set(
          t.id,
          this.node(this.rigidLines, t, (a) => this.rigid.get(a.id)!),
        )
    })
    return this.rigid.get(term.id)!
  }

  private node(lines: Lines, term: Term, limbsOf: (t: Term) => Limbs): Limbs {
    if (term.op === 'var') {
      const cell = cellOf(term)
      if (cell === undefined) throw new TypeError(`${String(term.attribute)} is not a cell`)
      return this.names.scalar(cell)
    }
    if (term.op === 'const')
      return term.sort.kind === 'bool'
        ? [term.attribute === 1n ? 'true' : 'false']
        : constantLimbs((term as Bv).width, term.attribute as bigint)
    const name = (expression: string): string => {
      if (/^(\w+|\(-\d+\))$/.test(expression)) return expression
      const fresh = lines.fresh()
      lines.push(`const ${fresh} = ${expression}`)
      return fresh
    }
    return this.operator(lines, term, limbsOf, name).map(name)
  }

  private operator(lines: Lines, term: Term, limbsOf: (t: Term) => Limbs, name: (e: string) => string): Limbs {
    const width = term.sort.kind === 'bv' ? term.sort.width : 0
    const arg = (i: number): Limbs => limbsOf(term.args[i]!)
    const widthOf = (i: number): number => (term.args[i] as Bv).width
    switch (term.op) {
      case 'not':
        return [`!${arg(0)[0]}`]
      case 'and':
        return [term.args.map((a) => limbsOf(a)[0]).join(' && ')]
      case 'or':
        return [term.args.map((a) => limbsOf(a)[0]).join(' || ')]
      case 'eq':
        if (term.args[0]!.sort.kind === 'array') return noArrays(term)
        return [equalLimbs(arg(0), arg(1))]
      case 'ult':
      case 'ule':
        return [below(arg(0), arg(1), widthOf(0), term.op === 'ule')]
      case 'ite':
        return term.sort.kind === 'array' ? noArrays(term) : arg(1).map((yes, k) => `${arg(0)[0]} ? ${yes} : ${arg(2)[k]}`)
      case 'bvand':
        return bitwise('&', arg(0), arg(1))
      case 'bvor':
        return bitwise('|', arg(0), arg(1))
      case 'bvxor':
        return bitwise('^', arg(0), arg(1))
      case 'bvnot':
        return complement(arg(0), width)
      case 'add':
        return add(arg(0), arg(1), width, name)
      case 'sub':
        return subtract(arg(0), arg(1), width, name)
      case 'mul':
        return multiply(arg(0), arg(1), width, name)
      case 'shl':
      case 'lshr':
        return shift(term.op, arg(0), arg(1), width, name)
      case 'concat':
        return concatenate(arg(0), arg(1), widthOf(1), width)
      case 'extract':
        return extract(arg(0), term.attribute as number, width)
      case 'select': {
        const cell = cellOf(term.args[0]!)
        if (cell === undefined) return noArrays(term)
        const at = this.index(lines, cell, arg(1), widthOf(1))
        const { elements } = this.names.array(cell)
        return term.sort.kind === 'bool' ? [`${elements}[${at}] !== 0`] : elementLimbs(elements, at, width)
      }
      case 'store':
      case 'constArray':
        return noArrays(term)
      case 'const':
      case 'var':
        throw new TypeError(`${term.op} is no operator`)
    }
  }
}

/** The limbs of element `at`, stored side by side. */
export function elementLimbs(elements: string, at: string, width: number): Limbs {
  const count = limbCount(width)
  return Array.from(
    { length: count },
    (_, k) => `${elements}[${count === 1 ? at : `${count} * ${at}${k === 0 ? '' : ` + ${k}`}`}]`,
  )
}

function noArrays(term: Term): never {
  throw new TypeError(`compiled code has no arrays as values (operator ${term.op}): read and store elements instead`)
}

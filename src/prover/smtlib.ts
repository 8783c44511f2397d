// SMT-LIB 2 text of an obligation: one text serves every solver, is the cache key, and is the evidence.
// Arrays that are only read are Ackermannised: each distinct select becomes a constant, with one congruence constraint per
// pair, so that the logic is QF_BV. (Stores have been expanded by the simplifier.) An array under an equality, or stored to,
// stays an array and the logic is QF_ABV. The logic name is exact, never ALL. The text depends on the terms alone, not on
// what else the process has built.

import { match } from 'ts-pattern'
import type { Sort } from '../model/sort.ts'
import { and, type Arr, type Bool, type Bv, equal, type Term, varOf } from '../model/term.ts'
import { visit } from '../model/traverse.ts'
import { build } from '../model/simplify.ts'
import { narrowed } from './narrow.ts'
import { argumentsOf } from './order.ts'
import type { Model } from './solver/value.ts'

export interface Script {
  readonly text: string
  readonly logic: 'QF_BV' | 'QF_ABV'
  /** Selects that were replaced by constants: how a model's constants become an array again. */
  readonly selects: readonly Select[]
  /** A model of the text, with all bits. Of narrow numbers, to be checked by evaluation. */
  readonly widened: (model: Model) => Model
}
export interface Select {
  readonly array: Term
  readonly index: Term
  /** The constant that stands for the element, as printed. */
  readonly name: string
}
export interface NamedAssertion {
  readonly name?: string
  readonly term: Bool
}

export interface Printing {
  readonly ackermannise?: boolean
  /** Numbers have no more bits than it takes (narrow.ts). */
  readonly narrow?: boolean
}

/** The conjunction of `assertions`, ready for check-sat (which the runner appends). */
export function printScript(
  assertions: readonly NamedAssertion[],
  { ackermannise: withoutReads = true, narrow = false }: Printing = {},
): Script {
  const given = assertions.map((a) => a.term)
  const { roots: whole, selects } = withoutReads ? ackermannise(given) : { roots: given, selects: [] }
  const { roots, widened } = narrow ? narrowed(whole) : { roots: whole, widened: (model: Model) => model }
  const logic = hasArray(roots) ? 'QF_ABV' : 'QF_BV'
  const printer = new Printer(roots)
  const body = roots.map((term, i) => {
    const name = assertions[i]?.name
    return name === undefined ? `(assert ${printer.ref(term)})` : `(assert (! ${printer.ref(term)} :named ${quote(name)}))`
  })
  const variables: Term[] = []
  visit(roots, (t) => void (t.op === 'var' && variables.push(t)), argumentsOf)
  const declared = variables.map((v) => `(declare-fun ${quote(v.attribute as string)} () ${printSort(v.sort)})`)
  return { text: [`(set-logic ${logic})`, ...declared, ...printer.lines, ...body, ''].join('\n'), logic, selects, widened }
}

function hasArray(roots: readonly Term[]): boolean {
  let found = false
  visit(roots, (t) => {
    if (t.sort.kind === 'array') found = true
  })
  return found
}

/** Replaces every select of an array variable by a constant, and adds the congruence constraints. */
function ackermannise(terms: readonly Bool[]): { roots: Bool[]; selects: Select[] } {
  const kept = new Set<Term>()
  visit(terms, (t) => {
    if (t.op !== 'select') for (const a of t.args) if (a.sort.kind === 'array') visit([a], (s) => kept.add(s))
  })
  const selects: Select[] = []
  const byArray = new Map<Term, Select[]>()
  const replaced = new Map<Term, Term>()
  // Arguments come before the terms that use them, so an index is rewritten before its select is replaced.
  const rewrite = (t: Term): Term => replaced.get(t) ?? t
  const replace = (t: Term): void => {
    const args = t.args.map(rewrite)
    const same = args.every((a, i) => a === t.args[i])
    if (t.op === 'select' && t.args[0]!.op === 'var' && !kept.has(t.args[0]!)) {
      const array = t.args[0]!
      const index = args[1]!
      const known = byArray.get(array) ?? []
      byArray.set(array, known)
      const twin = known.find((s) => s.index === index)
      if (twin !== undefined) {
        replaced.set(t, varOf(twin.name, t.sort))
        return
      }
      const select = { array, index, name: `${array.attribute as string}@${known.length}` }
      known.push(select)
      selects.push(select)
      replaced.set(t, varOf(select.name, t.sort))
    } else if (!same) replaced.set(t, build(t.op, args, t.attribute, t.sort.kind === 'bv' ? t.sort.width : 0, t.sort))
  }
  visit(terms, replace, argumentsOf)
  const congruence: Bool[] = []
  for (const known of byArray.values())
    for (const [j, b] of known.entries())
      for (const a of known.slice(0, j)) {
        const same = equal(a.index, b.index)
        const element = (a.array as Arr).sort.element
        if (same.value !== false) congruence.push(same.implies(equal(varOf(a.name, element), varOf(b.name, element))))
      }
  return { roots: [...terms.map((t) => rewrite(t) as Bool), ...congruence], selects }
}

/** Prints shared sub-terms once, as nullary definitions. */
class Printer {
  readonly lines: string[] = []
  private readonly text = new Map<number, string>()

  constructor(roots: readonly Term[]) {
    const uses = new Map<number, number>()
    visit(roots, (t) => {
      for (const a of t.args) uses.set(a.id, (uses.get(a.id) ?? 0) + 1)
    })
    const define = (t: Term): void => {
      const text = this.print(t)
      if (t.args.length > 0 && ((uses.get(t.id) ?? 0) > 1 || text.length > 400)) {
        const name = `$${this.lines.length}`
        this.lines.push(`(define-fun ${name} () ${printSort(t.sort)} ${text})`)
        this.text.set(t.id, name)
      } else this.text.set(t.id, text)
    }
    visit(roots, define, argumentsOf)
  }

  ref(t: Term): string {
    return this.text.get(t.id)!
  }

  private print(t: Term): string {
    const args = argumentsOf(t).map((a) => this.ref(a))
    return match(t.op)
      .with('const', () => printConst(t))
      .with('var', () => quote(t.attribute as string))
      .with('eq', () => `(= ${args.join(' ')})`)
      .with('ult', () => `(bvult ${args.join(' ')})`)
      .with('ule', () => `(bvule ${args.join(' ')})`)
      .with('add', () => `(bvadd ${args.join(' ')})`)
      .with('sub', () => `(bvsub ${args.join(' ')})`)
      .with('mul', () => `(bvmul ${args.join(' ')})`)
      .with('shl', () => `(bvshl ${args.join(' ')})`)
      .with('lshr', () => `(bvlshr ${args.join(' ')})`)
      .with('extract', () => {
        const low = t.attribute as number
        return `((_ extract ${low + (t as Bv).width - 1} ${low}) ${args[0]})`
      })
      .with('constArray', () => `((as const ${printSort(t.sort)}) ${args[0]})`)
      .with(
        'not',
        'and',
        'or',
        'ite',
        'bvand',
        'bvor',
        'bvxor',
        'bvnot',
        'concat',
        'select',
        'store',
        (op) => `(${op} ${args.join(' ')})`,
      )
      .exhaustive()
  }
}

function printConst(t: Term): string {
  if (t.sort.kind === 'bool') return t.attribute === 1n ? 'true' : 'false'
  return `(_ bv${t.attribute as bigint} ${(t as Bv).width})`
}

export function printSort(sort: Sort): string {
  if (sort.kind === 'bool') return 'Bool'
  if (sort.kind === 'bv') return `(_ BitVec ${sort.width})`
  return `(Array (_ BitVec ${sort.index}) ${printSort(sort.element)})`
}

const SIMPLE = /^[A-Za-z~!@$%^&*_+=<>.?/-][0-9A-Za-z~!@$%^&*_+=<>.?/-]*$/
/** A symbol, quoted with bars where SMT-LIB needs it. */
export function quote(name: string): string {
  return SIMPLE.test(name) ? name : `|${name.replaceAll('|', '/').replaceAll('\\', '/')}|`
}

/** Free of array variables: what the Ackermannised text of a term means, for tests. */
export function withoutArrays(term: Bool): Bool {
  const { roots } = ackermannise([term])
  return and(...roots)
}

// A system as one JavaScript program: per action its guard and its step, per statement its truth for given identifiers. The
// meaning is that of src/model/successor.ts; tests hold the two against each other.

import { match } from 'ts-pattern'
import type { Action, Case, Effect, Quantified } from '../../model/system.ts'
import { and, type Bool, type Bv, type Term } from '../../model/term.ts'
import { sizeOf } from '../../model/traverse.ts'
import { add, asNumber, limbCount, type Limbs } from '../limbs.ts'
import { isDense, keyText, Scope, TermWriter } from './terms.ts'
import { disjunctsOf, inOrder, largest, mentions } from './ways.ts'
import { DENSE, type DomainPlace, type Layout, limbsOfWidth, type TablePlace } from './layout.ts'

/** An effect on a block of more elements than this is a mistake of the model. */
const MOST_IN_BLOCK = 1 << 16

export interface Loop {
  readonly open: readonly string[]
  /** Of the identifier. */
  readonly limbs: Limbs
}

export class ProgramWriter {
  readonly terms: TermWriter
  private readonly layout: Layout
  private readonly functions: string[] = []
  private scratches = 0

  constructor(layout: Layout) {
    this.layout = layout
    this.terms = new TermWriter(layout)
    for (const table of layout.tables) this.functions.push(this.put(table))
  }

  /** The body of a function of `host` (machine.ts) that returns the expression `result`. */
  source(result: string): string {
    const { layout } = this
    return [
      "'use strict'",
      'const { S, M, N, F, below, identifier } = host',
      ...layout.spaces.map((_, i) => `const E${i} = host.spaces[${i}]`),
      ...layout.tables.filter((t) => t.space !== undefined).map((t) => `const C${t.number} = host.columns[${t.number}]`),
      ...Array.from({ length: this.scratches }, (_, i) => `const B${i} = []`),
      ...this.functions,
      `return ${result}`,
    ].join('\n')
  }
  add(text: string): void {
    this.functions.push(text)
  }

  /** `function name() -> boolean`: whether all instances hold; the identifiers of one that does not are left in F. */
  statement(name: string, { over, term }: Quantified, only: 'all' | 'touched'): void {
    let ways = disjunctsOf(term)
    const order = inOrder(over, ways)
    const opened = new Set<Term>()
    const limbs = new Map<Term, Limbs>()
    const lines: string[] = []
    let scope = new Scope()
    // A way for the statement to be true is looked at as soon as its identifiers are chosen, and so is what it is made of.
    const look = (onward: string): void => {
      const isChosen = (t: Term) => over.every(({ bound }) => opened.has(bound) || !mentions(t, bound))
      const decided = ways.filter(isChosen)
      ways = ways.filter((w) => !decided.includes(w))
      for (const way of decided.sort((a, b) => sizeOf([a]) - sizeOf([b]))) {
        const [truth] = this.terms.write(scope, way)
        lines.push(...scope.lines.splice(0), `if (${truth![0]}) ${onward}`)
      }
      if (opened.size === 0 || opened.size === over.length) return
      for (const part of largest(ways, isChosen)) this.terms.names(scope, part)
      lines.push(...scope.lines.splice(0))
    }
    look('return true')
    for (const { domain, bound } of order) {
      scope = scope.inner()
      const head = this.loop(scope, this.layout.domainOf(domain), bound, only)
      lines.push(...head.open)
      opened.add(bound)
      limbs.set(bound, head.limbs)
      look('continue')
    }
    const found = over.flatMap(({ bound }) => limbs.get(bound)!).map((x, k) => `F[${k}] = ${x}`)
    lines.push(...found, 'return false', ...order.map(() => '}'))
    this.add([`function ${name}() {`, ...lines, 'return true', '}'].join('\n'))
  }

  /** Opens a loop over the identifiers of a domain: the counted ones, or those that somebody has mentioned. */
  loop(scope: Scope, place: DomainPlace, bound: Bv, only: 'all' | 'touched' = 'all'): Loop {
    const { space, number, domain } = place
    const i = scope.names.fresh()
    if (domain.count !== undefined || space === undefined) {
      const end = domain.count === undefined ? String(2 ** domain.width) : `N[${number}]`
      const limbs = wide(i, domain.width)
      scope.set(bound, limbs)
      return { open: [`for (let ${i} = 0; ${i} < ${end}; ${i}++) {`], limbs }
    }
    const limbs = Array.from({ length: limbCount(domain.width) }, () => scope.names.fresh())
    scope.set(bound, limbs)
    const keys = limbs.map((x, k) => `const ${x} = E${space}.keys[${k}]`)
    const open =
      only === 'touched'
        ? [`for (const ${i} of E${space}.touched) {`, ...keys.map((k) => `${k}[${i}]`)]
        : [`for (let ${i} = 1; ${i} < E${space}.count; ${i}++) {`, ...keys.map((k) => `${k}[${i}]`)]
    return { open, limbs }
  }

  /** `function name() -> boolean`. */
  truth(name: string, terms: readonly Bool[], more: readonly string[] = []): void {
    const scope = new Scope()
    const [truth] = this.terms.write(scope, and(...terms))
    this.add([`function ${name}() {`, ...scope.lines, `return ${[`(${truth![0]})`, ...more].join(' && ')}`, '}'].join('\n'))
  }
  /** A variable of terms as a JavaScript number. */
  number(variable: Bv): string {
    return asNumber(this.terms.names(new Scope(), variable), variable.width)
  }
  /** `function name() -> number`. */
  amount(name: string, term: Bv<string>): void {
    const scope = new Scope()
    const limbs = this.terms.names(scope, term)
    this.add([`function ${name}() {`, ...scope.lines, `return ${asNumber(limbs, term.width)}`, '}'].join('\n'))
  }

  /** `function name() -> number of the case`; the guard holds. */
  step(name: string, { cases }: Action): void {
    const scope = new Scope()
    for (const [n, c] of cases.entries()) {
      if (n < cases.length - 1) {
        const [taken] = this.terms.write(scope, c.when)
        scope.push(`if (${taken![0]}) {`)
      }
      const block = scope.inner()
      this.effects(block, c)
      scope.push(...block.lines, `return ${n}`)
      if (n < cases.length - 1) scope.push('}')
    }
    this.add([`function ${name}() {`, ...scope.lines, '}'].join('\n'))
  }

  // ---- effects: all values first, then all changes in order ----

  private effects(scope: Scope, { effects }: Case): void {
    const changes = effects.flatMap((e) => this.effect(scope, e))
    scope.push(...changes)
  }
  /** Computes what the effect writes; returns the lines that write it. */
  private effect(scope: Scope, e: Effect): readonly string[] {
    if (e.when.value === false) return []
    const applies = e.when.value === true ? undefined : this.terms.copy(scope, e.when)[0]!
    const where = (lines: readonly string[]) => (applies === undefined ? lines : [`if (${applies}) {`, ...lines, '}'])
    return match(e)
      .with({ kind: 'assign' }, ({ variable, value }) => {
        const place = this.layout.place(variable)
        const limbs = asNumbers(this.terms.copy(scope, value), place.width)
        const slots = limbs.map((_, k) => `S[${place.slot + k}]`)
        return where(this.change(slots, limbs, this.layout.number(variable)))
      })
      .with({ kind: 'store' }, ({ variable, index, value }) => {
        const place = this.layout.tableOf(variable)
        const at = this.terms.copy(scope, index)
        const limbs = asNumbers(this.terms.copy(scope, value), place.width)
        return where([`put${place.number}(${[...at, ...limbs].join(', ')})`])
      })
      .with({ kind: 'block' }, (block) => {
        const place = this.layout.tableOf(block.variable)
        const { width } = block.first
        const [first, count] = [this.terms.names(scope, block.first), this.terms.names(scope, block.count)]
        const n = scope.copy(asNumber(count, block.count.width))
        const i = scope.names.fresh()
        const bound = wide(i, width)
        const lines = this.each(scope, block.bound, bound, place, block.value, (inner) => add(first, bound, width, inner.name))
        const all = [
          `if (${n} > ${MOST_IN_BLOCK}) throw new RangeError(${JSON.stringify(`an effect on too many elements of ${place.name}`)})`,
          `for (let ${i} = 0; ${i} < ${n}; ${i}++) {`,
          ...lines.lines,
          '}',
        ]
        scope.push(`${lines.scratch}.length = 0`, ...where(all))
        return lines.changes
      })
      .with({ kind: 'sweep' }, (sweep) => {
        const place = this.layout.tableOf(sweep.variable)
        const { open, limbs } = this.loop(scope.inner(), place.domain!, sweep.bound)
        const lines = this.each(scope, sweep.bound, limbs, place, sweep.value, () => limbs)
        scope.push(`${lines.scratch}.length = 0`, ...where([...open, ...lines.lines, '}']))
        return lines.changes
      })
      .exhaustive()
  }

  /** The body of a loop that puts index and value into a list of its own, and the loop that empties it into the table. */
  private each(
    scope: Scope,
    bound: Bv,
    limbs: Limbs,
    place: TablePlace,
    value: Effect['value'],
    indexOf: (inner: Scope) => Limbs,
  ): { readonly scratch: string; readonly lines: readonly string[]; readonly changes: readonly string[] } {
    const inner = scope.inner()
    inner.set(bound, limbs)
    const index = indexOf(inner)
    const [written] = this.terms.write(inner, value)
    const all = [...index, ...asNumbers(written!, place.width)]
    const scratch = `B${this.scratches++}`
    inner.push(`${scratch}.push(${all.join(', ')})`)
    const items = all.map((_, k) => `${scratch}[j${k === 0 ? '' : ` + ${k}`}]`)
    const changes = [`for (let j = 0; j < ${scratch}.length; j += ${all.length}) put${place.number}(${items.join(', ')})`]
    return { scratch, lines: inner.lines, changes }
  }

  /** Assigns, and notes that the variable changed where it did. */
  private change(slots: readonly string[], limbs: Limbs, variable: number, more = ''): readonly string[] {
    const differs = slots.map((s, k) => `${s} !== ${limbs[k]}`).join(' || ')
    const writes = slots.map((s, k) => `${s} = ${limbs[k]}`).join('; ')
    const noted = variable < 0 ? '' : `; M[${variable >> 5}] |= ${1 << (variable & 31)}`
    return [`if (${differs}) { ${writes}${noted}${more} }`]
  }

  /** `function putN(index, value)` of a table. */
  private put(place: TablePlace): string {
    const { number, slot, dense, space, index, width } = place
    const count = limbsOfWidth(width)
    const at = Array.from({ length: limbCount(index) }, (_, k) => `i${k}`)
    const limbs = Array.from({ length: count }, (_, k) => `v${k}`)
    const variable = this.layout.variables.findIndex((v) => v.kind === 'table' && this.layout.tableOf(v).number === number)
    const write = (elements: string, more = '') =>
      this.change(
        limbs.map((_, k) => `${elements}[o + ${k}]`),
        limbs,
        variable,
        more,
      )
    const near = [`const o = ${slot} + ${count} * i0`, ...write('S')]
    // What is stored where it is already mentions nothing: pages of zeros would make every later look at the table longer.
    const same = limbs.map((x, k) => `C${number}.values[${count} * e + ${k}] === ${x}`).join(' && ')
    const far = [
      `let e = E${space}.at(${keyText(at)})`,
      `if (${same}) return`,
      `if (e === 0) e = E${space}.mention(${keyText(at)})`,
      `const o = ${count} * e, values = C${number}.values`,
      ...write('values', `; E${space}.touched.push(e)`),
    ]
    const body =
      space === undefined ? near : dense === 0 ? far : [`if (${isDense(at, index, DENSE)}) {`, ...near, '} else {', ...far, '}']
    return [`function put${number}(${[...at, ...limbs].join(', ')}) {`, ...body, '}'].join('\n')
  }
}

/** A counter that is never negative, as a bit-vector. */
export const wide = (i: string, width: number): Limbs => [i, ...Array.from({ length: limbCount(width) - 1 }, () => '0')]
export const asNumbers = (limbs: Limbs, width: number): Limbs => (width === 0 ? limbs.map((x) => `(${x} ? 1 : 0)`) : limbs)

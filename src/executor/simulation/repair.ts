// Code that tries to make a condition true by choosing values for some of its variables: what is an equation for one of them
// is solved, bounds are met, of alternatives one is picked. It may fail; whoever runs it evaluates the condition after it.
// With this, a random adversary finds parameters that satisfy a guard, and random constants satisfy the facts about them.

import type { Quantified } from '../../model/system.ts'
import { type Bool, bool, Bv, bvVar, type Term } from '../../model/term.ts'
import { variables, visit } from '../../model/traverse.ts'
import { limbCount, type Limbs } from '../limbs.ts'
import { asNumbers, type ProgramWriter } from './code.ts'
import type { DomainPlace, Layout } from './layout.ts'
import { Names, Scope } from './terms.ts'

/** Sub-terms that one repair looks at, at most: beyond, conditions are left to chance. */
const MOST_PARTS = 600
/** Lines of one repair, about: every look at a condition computes it anew. */
const MOST_LINES = 20_000
/** Identifiers that are tried for an index. */
const TRIES = 6

/** An equation, solved. */
interface Solved {
  readonly equation: Bool
  readonly variable: Term
  readonly value: Term
}

export class RepairWriter {
  private readonly program: ProgramWriter
  private readonly layout: Layout
  private readonly isFree: (variable: Term) => boolean
  private readonly freeIn = new Map<number, boolean>()
  private names = new Names()
  private bound: readonly (readonly [Term, Limbs])[] = []
  private parts = 0
  private lines = 0

  /** @param isFree the variables of terms that the code may choose. */
  constructor(program: ProgramWriter, layout: Layout, isFree: (variable: Term) => boolean) {
    this.program = program
    this.layout = layout
    this.isFree = isFree
  }

  /** `function name()` that looks for parameters: conditions first, then what is `read` where the first of them holds. */
  parameters(name: string, conditions: readonly Bool[], read: readonly Bool[]): void {
    this.begin([])
    const [first] = conditions
    const lines = conditions.flatMap((c) => this.make(c, true) ?? [])
    if (first !== undefined && read.length > 0) {
      const { lines: computed, truth } = this.truth(first)
      const reads = read.flatMap((c) => this.make(c, true) ?? [])
      const whole = [...lines, '{', ...computed, `if (!(${truth})) return`, '}', ...reads]
      this.program.add([`function ${name}() {`, ...whole, '}'].join('\n'))
      return
    }
    this.program.add([`function ${name}() {`, ...lines, '}'].join('\n'))
  }
  private begin(given: readonly (readonly [Term, Limbs])[]): void {
    this.names = new Names()
    this.parts = 0
    this.lines = 0
    this.bound = given
  }
  /** Lines that compute a condition as things are then, and the expression that it is. */
  private truth(condition: Bool): { readonly lines: readonly string[]; readonly truth: string } {
    const scope = this.scope()
    const [truth] = this.program.terms.write(scope, condition)
    this.lines += scope.lines.length
    return { lines: scope.lines, truth: truth![0]! }
  }

  /**
   * `function name()` for conditions of one state, and statements whose instances are repaired one by one.
   * @param given terms that stand for expressions in the conditions.
   */
  write(
    name: string,
    conditions: readonly Bool[],
    statements: readonly Quantified[] = [],
    given: readonly (readonly [Term, Limbs])[] = [],
  ): void {
    this.begin(given)
    const lines = conditions.flatMap((c) => this.make(c, true) ?? [])
    for (const { over, term } of statements) {
      this.parts = 0
      this.lines = 0
      const scope = new Scope(this.names)
      const loops = over.map(({ domain, bound }) => ({
        bound,
        ...this.program.loop(scope, this.layout.domainOf(domain), bound),
      }))
      this.bound = loops.map(({ bound, limbs }) => [bound, limbs])
      lines.push(...loops.flatMap(({ open }) => open), ...(this.make(term, true) ?? []), ...loops.map(() => '}'))
      this.bound = []
    }
    this.program.add([`function ${name}() {`, ...lines, '}'].join('\n'))
  }

  private scope(): Scope {
    const scope = new Scope(this.names)
    for (const [term, limbs] of this.bound) scope.set(term, limbs)
    return scope
  }
  private hasFree(term: Term): boolean {
    let known = this.freeIn.get(term.id)
    if (known === undefined) {
      known = variables([term]).some(this.isFree)
      this.freeIn.set(term.id, known)
    }
    return known
  }

  /** Lines that make the condition `want`, where it is not; undefined when nothing can be done. */
  private make(t: Bool, want: boolean): readonly string[] | undefined {
    if (t.isConst || !this.hasFree(t) || ++this.parts > MOST_PARTS || this.lines > MOST_LINES) return undefined
    const args = t.args as readonly Bool[]
    switch (t.op) {
      case 'not':
        return this.make(args[0]!, !want)
      case 'and':
      case 'or':
        return (t.op === 'and') === want ? this.allOf(args, want) : this.oneOf(t, want, args)
      case 'ite': {
        const branches = [this.make(args[1]!, want), this.make(args[2]!, want)]
        return branches.every((b) => b === undefined) ? undefined : this.branch(args[0]!, branches[0] ?? [], branches[1] ?? [])
      }
      case 'var':
      case 'select':
        return this.unless(t, want, [this.assign(t, bool(want)), this.byIndex(t, want)])
      case 'eq':
        return this.equation(t, want)
      case 'ult':
      case 'ule':
        return this.bounded(t, want)
      default:
        return undefined
    }
  }

  private allOf(args: readonly Bool[], want: boolean): readonly string[] | undefined {
    const solved = args.flatMap((a) => (want ? (this.solved(a) ?? []) : []))
    const chosen = new Set(solved.map((s) => s.variable.id))
    // Those that say nothing about each other are computed together, from what they share.
    const together = solved.filter((s) => !variables([s.value]).some((v) => chosen.has(v.id)))
    const rest = args.filter((a) => !together.some((s) => s.equation.id === a.id))
    const stores = together.length > 0 ? this.storeAll(together) : undefined
    return all([...rest.map((a) => this.make(a, want)), stores])
  }
  /** A free variable that the condition says all about. */
  private solved(t: Bool): Solved | undefined {
    if (t.op !== 'eq') return undefined
    const [a, b] = t.args as readonly [Term, Term]
    const isOpen = (x: Term) => x.sort.kind !== 'array' && x.op === 'var' && this.isFree(x)
    const [variable, value] = isOpen(a) ? [a, b] : [b, a]
    if (!isOpen(variable) || isOpen(value) || variables([value]).some((v) => v.id === variable.id)) return undefined
    return { equation: t, variable, value }
  }

  private oneOf(t: Bool, want: boolean, args: readonly Bool[]): readonly string[] | undefined {
    return this.unless(
      t,
      want,
      args.map((a) => this.make(a, want)),
    )
  }
  /** One of the ways, where the condition is not `want` already. */
  private unless(t: Bool, want: boolean, ways: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
    const open = ways.filter((w) => w !== undefined && w.length > 0) as readonly (readonly string[])[]
    if (open.length === 0) return undefined
    const { lines, truth } = this.truth(t)
    const ifNot = `if (${want ? '!' : ''}(${truth})) {`
    const [only] = open
    const body =
      open.length === 1
        ? only!
        : [`switch (below(${open.length})) {`, ...open.flatMap((way, n) => [`case ${n}: {`, ...way, 'break', '}']), '}']
    return ['{', ...lines, ifNot, ...body, '}', '}']
  }
  private branch(condition: Bool, yes: readonly string[], no: readonly string[]): readonly string[] {
    const { lines, truth } = this.truth(condition)
    return ['{', ...lines, `if (${truth}) {`, ...yes, '} else {', ...no, '}', '}']
  }

  private equation(t: Bool, want: boolean): readonly string[] | undefined {
    const [a, b] = t.args as readonly [Term, Term]
    if (a.sort.kind === 'array') return undefined
    if (!(a instanceof Bv && b instanceof Bv)) {
      const either = (x: Term, y: Term) => {
        const ways = [this.make(x as Bool, want), this.make(x as Bool, !want)]
        return ways.every((w) => w === undefined) ? undefined : this.branch(y as Bool, ways[0] ?? [], ways[1] ?? [])
      }
      return this.unless(t, want, [either(a, b), either(b, a)])
    }
    const value = (x: Bv): Bv => (want ? x : x.plus(1))
    // What is read of the state is a variable that equals it: other ways would choose where it is read, and spoil the rest.
    const solved = want ? this.solved(t) : undefined
    if (solved !== undefined) return this.storeAll([solved])
    return this.unless(t, want, [this.assign(a, value(b)), this.assign(b, value(a)), this.byIndex(t, want)])
  }

  private bounded(t: Bool, want: boolean): readonly string[] | undefined {
    const [x, y] = t.args as readonly [Bv, Bv]
    const [low, high] = want ? [x, y] : [y, x]
    const isStrict = (t.op === 'ult') === want
    const ways = isStrict
      ? [this.assign(low, low.bitand(high.minus(1))), this.assign(high, high.bitor(low.plus(1))), this.assign(high, low.plus(1))]
      : [this.assign(low, low.bitand(high)), this.assign(high, high.bitor(low))]
    return this.unless(t, want, [...ways, this.byIndex(t, want)])
  }

  // ---- choosing ----

  /** Lines after which `target` has the value, as far as it can be chosen. */
  private assign(target: Term, value: Term): readonly string[] | undefined {
    if (!this.hasFree(target)) return undefined
    if (target.op === 'var') return this.isFree(target) ? this.store(target, value) : undefined
    if (target.op === 'select') return this.element(target, value)
    if (target.op === 'ite') {
      const ways = [this.assign(target.args[1]!, value), this.assign(target.args[2]!, value)]
      return ways.every((w) => w === undefined) ? undefined : this.branch(target.args[0] as Bool, ways[0] ?? [], ways[1] ?? [])
    }
    return target instanceof Bv && value instanceof Bv ? this.inverse(target, value) : undefined
  }

  private inverse(target: Bv, value: Bv): readonly string[] | undefined {
    const [a, b] = target.args as readonly [Bv, Bv]
    const solve = (forA: (b: Bv) => Bv, forB: (a: Bv) => Bv) =>
      this.hasFree(a) && !this.hasFree(b) ? this.assign(a, forA(b)) : this.hasFree(a) ? undefined : this.assign(b, forB(a))
    switch (target.op) {
      case 'extract': {
        const low = target.attribute as number
        const high = low + target.width
        const above = high < a.width ? a.bits(a.width - 1, high).concat(value) : value
        return this.assign(a, low > 0 ? above.concat(a.bits(low - 1, 0)) : above)
      }
      case 'concat':
        return all([this.assign(a, value.bits(value.width - 1, b.width)), this.assign(b, value.bits(b.width - 1, 0))])
      case 'add':
        return solve(
          (other) => value.minus(other),
          (other) => value.minus(other),
        )
      case 'sub':
        return solve(
          (other) => value.plus(other),
          (other) => other.minus(value),
        )
      case 'bvxor':
        return solve(
          (other) => value.bitxor(other),
          (other) => value.bitxor(other),
        )
      case 'bvnot':
        return this.assign(a, value.bitnot())
      case 'bvand': {
        const within = (free: Bv, mask: Bv) => free.bitand(mask.bitnot()).bitor(value.bitand(mask))
        return solve(
          (mask) => within(a, mask),
          (mask) => within(b, mask),
        )
      }
      case 'bvor':
        return solve(
          () => value,
          () => value,
        )
      case 'shl':
        return this.hasFree(b) ? undefined : this.assign(a, value.lshr(b))
      case 'lshr':
        return this.hasFree(b) ? undefined : this.assign(a, value.shl(b))
      default:
        return undefined
    }
  }

  private store(variable: Term, value: Term): readonly string[] | undefined {
    return this.storeAll([{ variable, value }])
  }
  private storeAll(all: readonly Pick<Solved, 'variable' | 'value'>[]): readonly string[] | undefined {
    const scope = this.scope()
    this.program.terms.write(scope, ...all.map((s) => s.value))
    const lines = all.flatMap(({ variable, value }) => {
      const place = this.layout.placeOf(variable)
      if (place?.kind !== 'scalar') return []
      const limbs = asNumbers(this.program.terms.copy(scope, value), place.width)
      return limbs.map((x, k) => `S[${place.slot + k}] = ${x}`)
    })
    this.lines += scope.lines.length
    return ['{', ...scope.lines, ...lines, '}']
  }
  private element(target: Term, value: Term): readonly string[] | undefined {
    const [array, index] = target.args as readonly [Term, Bv]
    const place = array.op === 'var' && this.isFree(array) ? this.layout.placeOf(array) : undefined
    if (place?.kind !== 'table') return undefined
    const scope = this.scope()
    const limbs = [...this.program.terms.copy(scope, index), ...asNumbers(this.program.terms.copy(scope, value), place.width)]
    return ['{', ...scope.lines, `put${place.number}(${limbs.join(', ')})`, '}']
  }

  /** Tries other identifiers where the condition reads a table at an index that can be chosen. */
  private byIndex(t: Bool, want: boolean): readonly string[] | undefined {
    const found = this.openIndex(t)
    if (found === undefined) return undefined
    const { index, domain } = found
    const chosen = this.names.fresh()
    const limbs = Array.from({ length: limbCount(index.width) }, (_, k) => `${chosen}[${k}]`)
    const identifier = bvVar(`@${index.width}`, index.width)
    const before = this.bound
    this.bound = [...before, [identifier, limbs]]
    const assign = this.assign(index, identifier)
    this.bound = before
    if (assign === undefined) return undefined
    const { lines, truth } = this.truth(t)
    const i = this.names.fresh()
    return [
      `for (let ${i} = 0; ${i} < ${TRIES}; ${i}++) {`,
      `const ${chosen} = identifier(${domain.number})`,
      ...assign,
      ...lines,
      `if (${want ? '' : '!'}(${truth})) break`,
      '}',
    ]
  }
  /** An index that can be chosen, of a table that cannot. */
  private openIndex(t: Term): { readonly index: Bv; readonly domain: DomainPlace } | undefined {
    let found: { index: Bv; domain: DomainPlace } | undefined
    visit([t], ({ op, args }) => {
      if (found !== undefined || op !== 'select' || !this.hasFree(args[1]!) || this.hasFree(args[0]!)) return
      const place = this.layout.placeOf(args[0]!)
      if (place?.kind === 'table' && place.domain !== undefined) found = { index: args[1] as Bv, domain: place.domain }
    })
    return found
  }
}

function all(parts: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return parts.every((p) => p === undefined) ? undefined : parts.flatMap((p) => p ?? [])
}

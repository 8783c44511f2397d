// States after actions. A view gives what a term of the present state becomes in a later one, as a term over the first state
// and the parameters of the actions between. Tables are read element by element, so that an effect on many elements costs one
// comparison per element that is asked for, and no arrays are built.

import { type Action, type Effect, effectsOf, type Quantified, type Table, type Variable, variableOf } from './system.ts'
import { build } from './simplify.ts'
import type { Sort } from './sort.ts'
import { type Bool, type Bv, ite, type Term, varOf } from './term.ts'
import { Substitution, substitute } from './traverse.ts'

/** The first state of a run: every term stands for itself. */
export const present: State = { apply: (term) => term, read: (table, index) => table.at(index), scalar: (v) => v }

export interface State {
  /** The term, with every variable's value taken in this state. */
  apply<T extends Term>(term: T): T
  read(table: Table, index: Bv<string>): Term
  scalar(now: Term): Term
}

/** Values of parameters, by their terms. */
export type Literals = ReadonlyMap<Term, Term>

/** The state after `action`, whose parameters are those of step `step` (named apart from other steps'; undefined: as declared). */
export function after(before: State, action: Action, step?: number, chosen?: Literals): State {
  return new View(before, parametersOfStep(action, step, chosen), effectsOf(action))
}

/** Terms of an action as they are in a step: parameters renamed, or with values that are chosen, everything else left alone. */
export function parametersOfStep(action: Action, step?: number, chosen: Literals = new Map()): Substitution {
  const own = ({ term }: Action['parameters'][number]): Term =>
    step === undefined ? term : varOf(`${term.attribute as string}@${step}`, term.sort)
  const renamed = new Map<Term, Term>(action.parameters.map((p) => [p.term, chosen.get(p.term) ?? own(p)]))
  return new Substitution((v) => renamed.get(v))
}

class View implements State {
  private readonly before: State
  private readonly rename: Substitution
  private readonly effects = new Map<Variable, Effect[]>()
  private readonly applied = new Map<number, Term>()
  private readonly elements = new Map<Table, Map<number, Term>>()
  private readonly scalars = new Map<Term, Term>()

  constructor(before: State, rename: Substitution, effects: readonly Effect[]) {
    this.before = before
    this.rename = rename
    for (const e of effects) {
      const known = this.effects.get(e.variable)
      if (known === undefined) this.effects.set(e.variable, [e])
      else known.push(e)
    }
  }

  /** A term of an effect, in the vocabulary of the first state. */
  private earlier<T extends Term>(term: T): T {
    return this.before.apply(this.rename.apply(term))
  }

  scalar(now: Term): Term {
    const known = this.scalars.get(now)
    if (known !== undefined) return known
    let value = this.before.scalar(now)
    for (const e of this.effects.get(variableOf(now)!) ?? []) value = ite(this.earlier(e.when), this.earlier(e.value), value)
    this.scalars.set(now, value)
    return value
  }

  /** @param index in the vocabulary of the first state. */
  read(table: Table, index: Bv<string>): Term {
    const known = this.elements.get(table) ?? new Map<number, Term>()
    this.elements.set(table, known)
    const found = known.get(index.id)
    if (found !== undefined) return found
    let value = this.before.read(table, index)
    for (const e of this.effects.get(table) ?? []) {
      const hit = this.hit(e, index)
      if (hit.value === false) continue
      value = ite(hit, this.elementOf(e, index), value)
    }
    known.set(index.id, value)
    return value
  }

  private hit(e: Effect, index: Bv<string>): Bool {
    const applies = this.earlier(e.when)
    if (e.kind === 'store') return applies.and(this.earlier(e.index).eq(index))
    if (e.kind === 'block') return applies.and(inBlock(index, this.earlier(e.first), this.earlier(e.count), e.within))
    return applies
  }
  private elementOf(e: Effect, index: Bv<string>): Term {
    const value = this.earlier(e.value)
    if (e.kind === 'block') return substitute(value, new Map<Term, Term>([[e.bound, index.minus(this.earlier(e.first))]]))
    if (e.kind === 'sweep') return substitute(value, new Map<Term, Term>([[e.bound, index]]))
    return value
  }

  apply<T extends Term>(root: T): T {
    const stack: Term[] = [root]
    while (stack.length > 0) {
      const t = stack[stack.length - 1]!
      if (this.applied.has(t.id)) {
        stack.pop()
        continue
      }
      const table = t.op === 'select' ? variableOf(t.args[0]!) : undefined
      const needed = table === undefined ? t.args : t.args.slice(1)
      const missing = needed.filter((a) => !this.applied.has(a.id))
      if (missing.length > 0) {
        stack.push(...missing)
        continue
      }
      stack.pop()
      const args = needed.map((a) => this.applied.get(a.id)!)
      this.applied.set(t.id, this.step(t, args, table))
    }
    return this.applied.get(root.id) as T
  }

  private step(t: Term, args: readonly Term[], table: Variable | undefined): Term {
    if (table?.kind === 'table') return this.read(table, args[0] as Bv)
    if (t.op === 'var') {
      const variable = variableOf(t)
      if (variable === undefined) return t
      if (variable.kind === 'table') throw new Error(`the table ${variable.name} is used as a value, not read at an index`)
      return this.scalar(t)
    }
    return args.every((a, i) => Object.is(a, t.args[i])) ? t : build(t.op, args, t.attribute, widthOf(t.sort), t.sort)
  }
}

/** One comparison of high bits instead of a subtraction, where the block keeps within an aligned group. */
function inBlock(index: Bv<string>, first: Bv<string>, count: Bv<string>, within: number | undefined): Bool {
  if (within === undefined) return index.minus(first).ult(count)
  const { width } = index
  const high = (x: Bv<string>): Bv => x.bits(width - 1, within)
  // A block may fill the group, so its length takes one bit more.
  const low = (x: Bv<string>): Bv => x.bits(within - 1, 0)
  return high(index)
    .eq(high(first))
    .and(
      low(index)
        .minus(low(first))
        .zext(within + 1)
        .ult(count.bits(within, 0)),
    )
}

const widthOf = (sort: Sort): number => (sort.kind === 'bv' ? sort.width : 0)

/** The statement for these identifiers. @throws Error unless there is one for each bound one. */
export function instance({ name, over, term }: Quantified, ids: readonly Bv<string>[]): Bool {
  if (ids.length !== over.length) throw new Error(`${name} speaks of ${over.length} identifiers, not ${ids.length}`)
  return substitute(term, new Map<Term, Term>(over.map(({ bound }, i) => [bound, ids[i]!])))
}

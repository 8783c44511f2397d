// Transition systems: named state, rigid constants, and actions with parameters, a guard and cases that say what changes. The
// one description serves induction (View, in successor.ts, reads a term in the state after an action), bounded search and
// concrete runs.
// State is scalars and tables. A table is a function from a domain (threads, cores, words of memory) and is only ever read at
// an index, so that an effect may change any number of elements at once: one, a block, or all of them.
// Leaves out: processes, fairness, time. One action happens at a time, from any state that satisfies its guard.

import { here, type Position } from './position.ts'
import { type BoolSort, boolSort, type BvSort, bvSort, type Sort } from './sort.ts'
import { type Arr, type Bool, bool, type Bv, bvVar, type Term, varOf } from './term.ts'

/** What indexes tables: a set of identifiers of one kind, of which proofs take arbitrary ones. */
export interface Domain<B extends string = string> {
  readonly kind: 'domain'
  readonly name: B
  readonly width: number
  /** How many elements there are (identifiers from 0 on), where concrete runs must go through them all. */
  readonly count?: () => Bv<string>
}
export type Id<B extends string> = Bv<B>

export const domain = <const B extends string>(name: B, width: number, count?: () => Bv<string>): Domain<B> =>
  count === undefined ? { kind: 'domain', name, width } : { kind: 'domain', name, width, count }

/** State changes with actions; a constant is rigid: arbitrary, but the same in all states of a run. */
export type Change = 'state' | 'constant'

export class Scalar<T extends Bool | Bv = Bool | Bv> {
  readonly kind = 'scalar'
  readonly change: Change
  readonly name: string
  readonly now: T
  constructor(change: Change, name: string, sort: BoolSort | BvSort) {
    this.change = change
    this.name = name
    this.now = varOf(name, sort) as T
  }
  get sort(): BoolSort | BvSort {
    return this.now.sort as BoolSort | BvSort
  }
  set(value: NoInfer<T>): Effect {
    return { kind: 'assign', variable: this, value: checked(this, value), when: TRUE }
  }
}

export class Table<T extends Bool | Bv = Bool | Bv, B extends string = string> {
  readonly kind = 'table'
  readonly change: Change
  readonly name: string
  readonly domain: Domain<B>
  readonly sort: BoolSort | BvSort
  readonly array: Arr
  constructor(change: Change, name: string, over: Domain<B>, sort: BoolSort | BvSort) {
    this.change = change
    this.name = name
    this.domain = over
    this.sort = sort
    this.array = varOf(name, { kind: 'array', index: over.width, element: sort }) as Arr
  }
  at(index: Bv<string>): T {
    return (this.sort.kind === 'bool' ? this.array.has(index) : this.array.at(index)) as T
  }
  set(index: Bv<string>, value: NoInfer<T>): Effect {
    return { kind: 'store', variable: this, index, value: checked(this, value), when: TRUE }
  }
  /**
   * Elements first, first+1, .. (`count` of them, none if zero), each from its number in the block.
   * @param within the author's promise that the block crosses no multiple of 2^within
   */
  block(first: Bv<string>, count: Bv<string>, value: (offset: Bv) => NoInfer<T>, within?: number): Effect {
    const bound = boundOf(this.domain)
    const effect = { kind: 'block', variable: this, first, count, bound, value: checked(this, value(bound)), when: TRUE } as const
    return within === undefined ? effect : { ...effect, within }
  }
  /** Every element. Where the domain has no count, elements that nobody has written yet must stay as they are. */
  sweep(value: (index: Bv<B>) => NoInfer<T>): Effect {
    const bound = boundOf(this.domain)
    return { kind: 'sweep', variable: this, bound, value: checked(this, value(bound.as<B>())), when: TRUE }
  }
}
export type Variable = Scalar | Table

const TRUE = bool(true)
const boundOf = (over: Domain): Bv => bvVar(`#${over.name}`, over.width)
function checked<T extends Term>(variable: { name: string; sort: Sort }, value: T): T {
  const [a, b] = [variable.sort, value.sort]
  if (a.kind !== b.kind || (a.kind === 'bv' && b.kind === 'bv' && a.width !== b.width))
    throw new TypeError(`${variable.name} cannot take a value of another sort`)
  return value
}

/** What an action changes. All effects of an action read the state before it; later ones win. */
export type Effect = { readonly when: Bool } & (
  | { readonly kind: 'assign'; readonly variable: Scalar; readonly value: Term }
  | { readonly kind: 'store'; readonly variable: Table; readonly index: Bv<string>; readonly value: Term }
  | {
      readonly kind: 'block'
      readonly variable: Table
      readonly first: Bv<string>
      readonly count: Bv<string>
      readonly within?: number
      /** Stands in `value` for the number within the block. */
      readonly bound: Bv
      readonly value: Term
    }
  /** `bound` stands in `value` for the index. */
  | { readonly kind: 'sweep'; readonly variable: Table; readonly bound: Bv; readonly value: Term }
)

/** The effects, where `condition` holds. */
export const when = (condition: Bool, ...effects: readonly (Effect | readonly Effect[])[]): Effect[] =>
  (effects.flat() as Effect[]).map((e) => ({ ...e, when: condition.and(e.when) }))

// ---- declarations ----

const registry = new Map<Term, Variable>()
function declared<V extends Variable>(variable: V): V {
  const key = variable.kind === 'scalar' ? variable.now : variable.array
  if (registry.has(key)) throw new Error(`${variable.name} is declared twice`)
  registry.set(key, variable)
  return variable
}
/** The variable whose term this is, if any: a scalar's `now`, a table's `array`. */
export const variableOf = (term: Term): Variable | undefined => registry.get(term)

const declarations = (change: Change) => ({
  flag: (name: string): Scalar<Bool> => declared(new Scalar(change, name, boolSort)),
  bits: (name: string, width: number): Scalar<Bv> => declared(new Scalar(change, name, bvSort(width))),
  per: <const B extends string>(over: Domain<B>) => ({
    flag: (name: string): Table<Bool, B> => declared(new Table(change, name, over, boolSort)),
    bits: (name: string, width: number): Table<Bv, B> => declared(new Table(change, name, over, bvSort(width))),
  }),
})
export const state = declarations('state')
export const rigid = declarations('constant')

// ---- statements about all elements ----

/** A statement for every choice of the bound identifiers; they are variables of the term. */
export interface Quantified {
  readonly name: string
  readonly over: readonly { readonly domain: Domain; readonly bound: Bv }[]
  readonly term: Bool
  /** What only some goals need: proofs are tried without it first. */
  readonly topic?: string
}

type Ids<D extends readonly Domain[]> = { readonly [K in keyof D]: D[K] extends Domain<infer B> ? Bv<B> : never }

/** @param over domains; `term` gets one arbitrary identifier of each. */
export function forAll<const D extends readonly Domain[]>(name: string, over: D, term: (...ids: Ids<D>) => Bool): Quantified {
  const bounds = over.map((d, n) => ({ domain: d, bound: bvVar(`?${d.name}${n === 0 ? '' : n}`, d.width) }))
  return { name, over: bounds, term: term(...(bounds.map((b) => b.bound) as unknown as Ids<D>)) }
}

/**
 * What an action reads, as parameters that equal it: terms of the action stay small, and proofs that do not depend on the
 * content of memory never see where it came from.
 */
export const reading = (name: string, equalities: readonly Bool[]): Quantified => ({
  name,
  over: [],
  term: bool(true).and(...equalities),
  topic: 'content',
})

// ---- actions ----

export type Actor = 'hypervisor' | 'guest' | 'device' | 'hardware' | 'firmware' | 'SMM'

/** A value that the actor chooses: an identifier, a number, or a whole table of them. */
export interface Parameter {
  readonly name: string
  readonly term: Term
  readonly domain?: Domain
}

/** One way an action can go. */
export interface Case {
  readonly name: string
  /** Excludes the cases before it. */
  readonly when: Bool
  readonly effects: readonly Effect[]
}

export interface Action {
  readonly name: string
  readonly actor: Actor
  /** Manual section of the rule. */
  readonly cite: string
  readonly parameters: readonly Parameter[]
  readonly guard: Bool
  /** Further conditions, on all elements of a domain. */
  readonly everywhere: readonly Quantified[]
  /** Exactly one is taken. */
  readonly cases: readonly Case[]
  readonly at: Position
  /** The action of a part of the system that it is, with further effects or a stronger guard: to be shown, where that is used. */
  readonly extends?: Action
}

type ParameterShape = Readonly<Record<string, Domain | Sort>>
type ParameterTerms<S extends ParameterShape> = {
  readonly [K in keyof S]: S[K] extends Domain<infer B> ? Bv<B> : S[K] extends BoolSort ? Bool : S[K] extends BvSort ? Bv : Arr
}
export interface Behaviour {
  readonly guard?: Bool
  readonly everywhere?: readonly Quantified[]
  /** In order: the first whose condition holds is taken. A case without a condition is taken when no earlier one is. */
  readonly cases: Readonly<Record<string, readonly (Effect | readonly Effect[])[] | Conditional>>
}
export interface Conditional {
  readonly if: Bool
  readonly then: readonly (Effect | readonly Effect[])[]
}
/** A case of an action that is taken only where `condition` holds. */
export const given = (condition: Bool, ...effects: readonly (Effect | readonly Effect[])[]): Conditional => ({
  if: condition,
  then: effects,
})

/** @throws Error when the last case has a condition, so that none might be taken. */
export function action<const S extends ParameterShape>(
  name: string,
  about: { readonly actor: Actor; readonly cite: string; readonly parameters: S },
  behaviour: (parameters: ParameterTerms<S>) => Behaviour,
): Action {
  const at = here()
  const parameters = Object.entries(about.parameters).map(([key, of]): Parameter => {
    const sort: Sort = of.kind === 'domain' ? bvSort(of.width) : of
    const term = varOf(`${name}!${key}`, sort)
    return of.kind === 'domain' ? { name: key, term, domain: of } : { name: key, term }
  })
  const terms = Object.fromEntries(parameters.map((p) => [p.name, p.term])) as ParameterTerms<S>
  const { guard = TRUE, everywhere = [], cases } = behaviour(terms)
  const list = Object.entries(cases)
  const last = list.at(-1)
  if (last === undefined || 'if' in last[1]) throw new Error(`action ${name}: its last case must have no condition`)
  let before = TRUE
  const exclusive = list.map(([label, c]): Case => {
    const condition = 'if' in c ? c.if : TRUE
    const effects = ('if' in c ? c.then : c).flat() as Effect[]
    const taken = before.and(condition)
    before = before.and(condition.not())
    return { name: label, when: taken, effects }
  })
  return { name, actor: about.actor, cite: about.cite, parameters, guard, everywhere, cases: exclusive, at }
}

/** The action, with what an observer keeps of it: further parameters, and effects beside those of each case. */
export const withObserver = (
  known: Action,
  effects: (c: Case) => readonly Effect[],
  parameters: readonly Parameter[] = [],
): Action => ({
  ...known,
  parameters: [...known.parameters, ...parameters],
  cases: known.cases.map((c) => ({ ...c, effects: [...c.effects, ...effects(c)] })),
  extends: known,
})

/** All effects of an action, each under the condition of its case. */
export const effectsOf = ({ cases }: Pick<Action, 'cases'>): readonly Effect[] => cases.flatMap((c) => when(c.when, ...c.effects))

export interface System {
  readonly name: string
  readonly domains: readonly Domain[]
  readonly variables: readonly Variable[]
  /** Facts about the constants, in every run. */
  readonly facts: readonly Quantified[]
  readonly initial: readonly Quantified[]
  readonly actions: readonly Action[]
}

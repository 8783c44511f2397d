// Where a concrete state is kept: scalars, elements of tables over counted domains and the parameters of an action are numbers
// in one Int32Array (a Boolean as 0 or 1, a bit-vector as limbs), other tables are columns of a key space (keys.ts).
// Every table is a total function: indices at or above DENSE go to the key space even where the domain is counted.

import type { Action, Domain, Quantified, System, Table, Variable } from '../../model/system.ts'
import type { BoolSort, BvSort, Sort } from '../../model/sort.ts'
import type { Term } from '../../model/term.ts'
import { limbCount } from '../limbs.ts'

/** Elements of a table that lie beside the scalars. A counted domain has at most so many elements in a run. */
export const DENSE = 64

export interface ScalarPlace {
  readonly kind: 'scalar'
  readonly name: string
  /** 0 for a Boolean. */
  readonly width: number
  readonly slot: number
}
export interface TablePlace {
  readonly kind: 'table'
  readonly name: string
  readonly number: number
  /** Width of the index. */
  readonly index: number
  /** Width of an element, 0 for Booleans. */
  readonly width: number
  /** Where the first `dense` elements begin. */
  readonly slot: number
  readonly dense: number
  /** Number of the key space of the others; undefined when there are none. */
  readonly space: number | undefined
  readonly domain: DomainPlace | undefined
}
export type Place = ScalarPlace | TablePlace

export interface DomainPlace {
  readonly kind: 'domain'
  readonly number: number
  readonly domain: Domain
  readonly space: number | undefined
}

export const widthOfSort = (sort: BoolSort | BvSort): number => (sort.kind === 'bv' ? sort.width : 0)
export const limbsOfWidth = (width: number): number => (width === 0 ? 1 : limbCount(width))

export class Layout {
  readonly system: System
  /** In the order of `system.variables`; their positions number them. */
  readonly variables: readonly Variable[]
  readonly tables: TablePlace[] = []
  readonly domains: DomainPlace[] = []
  /** Width of the index, per key space. */
  readonly spaces: number[] = []
  /** Numbers the state takes, parameters included. */
  size = 0
  /** Where parameters begin: those of all actions share their slots, since one happens at a time. */
  readonly parameters: number
  private readonly places = new Map<number, Place>()
  private readonly numbers = new Map<Variable, number>()
  private readonly alike: readonly (readonly Domain[])[]

  /**
   * @param statements what is evaluated beside the system's own conditions.
   * @param alike domains with the same identifiers.
   */
  constructor(system: System, statements: readonly Quantified[] = [], alike: readonly (readonly Domain[])[] = []) {
    this.system = system
    this.alike = alike
    this.variables = system.variables
    for (const [n, variable] of system.variables.entries()) {
      this.numbers.set(variable, n)
      if (variable.kind === 'table') this.domainOf(variable.domain)
    }
    const { facts, initial, actions } = system
    const all = [...statements, ...facts, ...initial, ...actions.flatMap((a) => a.everywhere)]
    for (const d of [...system.domains, ...all.flatMap((q) => q.over.map((o) => o.domain))]) this.domainOf(d)
    for (const variable of system.variables) {
      if (variable.kind === 'scalar') this.scalar(variable.now, variable.name)
      else this.table(variable.array, variable.name, this.domainOf(variable.domain))
    }
    this.parameters = this.size
    let most = this.size
    for (const action of system.actions) {
      this.size = this.parameters
      for (const { name, term, domain } of action.parameters) {
        if (domain !== undefined) this.domainOf(domain)
        if (term.sort.kind === 'array') this.table(term, name, undefined)
        else this.scalar(term, name)
      }
      most = Math.max(most, this.size)
    }
    this.size = most
  }

  /** Where a variable of terms is kept: a scalar or table of the system, or a parameter. */
  placeOf(term: Term): Place | undefined {
    return this.places.get(term.id)
  }
  place(variable: Variable): Place {
    const place = this.placeOf(variable.kind === 'scalar' ? variable.now : variable.array)
    if (place === undefined) throw new TypeError(`${variable.name} is not among the variables of ${this.system.name}`)
    return place
  }
  tableOf(variable: Table): TablePlace {
    return this.place(variable) as TablePlace
  }
  number(variable: Variable): number {
    const n = this.numbers.get(variable)
    if (n === undefined) throw new TypeError(`${variable.name} is not among the variables of ${this.system.name}`)
    return n
  }
  domainOf(domain: Domain): DomainPlace {
    const known = this.domains.find((d) => d.domain === domain)
    if (known !== undefined) return known
    const isWhole = 2 ** domain.width <= DENSE
    const others = this.alike.find((all) => all.includes(domain)) ?? []
    const shared = this.domains.find((d) => others.includes(d.domain))?.space
    const place: DomainPlace = {
      kind: 'domain',
      number: this.domains.length,
      domain,
      space: isWhole ? undefined : (shared ?? this.spaces.push(domain.width) - 1),
    }
    this.domains.push(place)
    return place
  }
  parameterPlaces(action: Action): readonly Place[] {
    return action.parameters.map(({ term }) => this.places.get(term.id)!)
  }

  private scalar(term: Term, name: string): void {
    const width = widthOfSort(term.sort as BoolSort | BvSort)
    this.places.set(term.id, { kind: 'scalar', name, width, slot: this.size })
    this.size += limbsOfWidth(width)
  }
  private table(term: Term, name: string, domain: DomainPlace | undefined): void {
    const { index, element } = term.sort as Extract<Sort, { kind: 'array' }>
    const width = widthOfSort(element)
    const isCounted = domain?.domain.count !== undefined
    const dense = domain === undefined ? 0 : 2 ** index <= DENSE ? 2 ** index : isCounted ? DENSE : 0
    const space = domain === undefined ? this.spaces.push(index) - 1 : domain.space
    const place: TablePlace = {
      kind: 'table',
      name,
      number: this.tables.length,
      index,
      width,
      slot: this.size,
      dense,
      space,
      domain,
    }
    this.tables.push(place)
    this.places.set(term.id, place)
    this.size += dense * limbsOfWidth(width)
  }
}

/** Every statement and term that a system is made of, with the statements given. */
export function termsOf(system: System, statements: readonly Quantified[]): Term[] {
  const out: Term[] = [...statements, ...system.facts, ...system.initial].map((q) => q.term)
  for (const { guard, everywhere, cases } of system.actions) {
    out.push(guard, ...everywhere.map((q) => q.term))
    for (const { when, effects } of cases) {
      out.push(when)
      for (const e of effects) {
        out.push(e.when, e.value)
        if (e.kind === 'store') out.push(e.index)
        if (e.kind === 'block') out.push(e.first, e.count)
      }
    }
  }
  return out
}

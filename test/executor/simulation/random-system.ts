// Random systems of one action and one statement, with a state and arguments: variables of random trees become scalars and
// tables of the state (over counted and uncounted domains), parameters and bound identifiers.

import type { Arguments } from '../../../src/executor/simulation/reference.ts'
import { ArrayValue, type Value } from '../../../src/model/evaluate.ts'
import { here } from '../../../src/model/position.ts'
import { type ArraySort, boolSort, type BoolSort, type BvSort, bvSort, type Sort, sortKey } from '../../../src/model/sort.ts'
import {
  type Action,
  type Case,
  type Domain,
  domain,
  type Effect,
  type Parameter,
  type Quantified,
  rigid,
  type Scalar,
  state,
  type System,
  type Table,
  type Variable,
} from '../../../src/model/system.ts'
import { type Bool, bool, type Bv, bvVar, type Term } from '../../../src/model/term.ts'
import { substitute, variables, visit } from '../../../src/model/traverse.ts'
import type { Choices } from '../../support/choices.ts'
import { termOf } from '../../support/tree.ts'
import { TreeMaker } from '../../support/trees.ts'

export interface Sample {
  readonly system: System
  readonly statement: Quantified
  readonly values: ReadonlyMap<Variable, Value>
  readonly args: Arguments
}

const size = rigid.bits('size of counted domains', 4)
/** Declarations outlive a case: the same name means the same variable everywhere. */
const kept = new Map<string, unknown>()
function once<T>(name: string, make: () => T): T {
  if (!kept.has(name)) kept.set(name, make())
  return kept.get(name) as T
}
const domainFor = (width: number, counted: boolean): Domain =>
  once(`domain ${width} ${counted}`, () =>
    counted && width >= 3
      ? domain(`counted${width}`, width, () => size.now.zext(Math.max(4, width)))
      : domain(`free${width}`, width),
  )
const scalarFor = (name: string, sort: BoolSort | BvSort): Scalar =>
  once(`scalar ${name} ${sortKey(sort)}`, () =>
    sort.kind === 'bool' ? state.flag(`${name}:B`) : state.bits(`${name}:${sort.width}`, sort.width),
  ) as Scalar
const tableFor = (name: string, { index, element }: ArraySort, counted: boolean): Table =>
  once(`table ${name} ${index} ${sortKey(element)} ${counted}`, () => {
    const per = state.per(domainFor(index, counted))
    const full = `${name}:${index}:${sortKey(element)}:${counted}`
    return element.kind === 'bool' ? per.flag(full) : per.bits(full, element.width)
  }) as unknown as Table

const DEPTH = 3

export class SystemMaker {
  private readonly c: Choices
  private readonly trees: TreeMaker
  private readonly declared = new Set<Variable>([size as unknown as Variable])
  private readonly parameters = new Map<Term, Parameter>()

  constructor(c: Choices) {
    this.c = c
    this.trees = new TreeMaker(c)
  }

  make(): Sample {
    const guard = this.term(boolSort) as Bool
    const cases = this.cases()
    const everywhere = this.c.chance(30) ? [this.statement()] : []
    const statement = this.statement()
    const action: Action = {
      name: 'act',
      actor: 'device',
      cite: 'made up',
      parameters: [...this.parameters.values()],
      guard: this.c.chance(30) ? guard : bool(true),
      everywhere,
      cases,
      at: here(),
    }
    const variables = [...this.declared]
    const domains = [...new Set([...variables, ...[]].flatMap((v) => (v.kind === 'table' ? [v.domain] : [])))]
    const system: System = { name: 'random', domains, variables, facts: [], initial: [], actions: [action] }
    const values = new Map(variables.map((v) => [v, this.valueOf(v)] as const))
    const args = new Map(action.parameters.map((p) => [p.term, this.argument(p)] as const))
    return { system, statement, values, args }
  }

  private cases(): Case[] {
    const effects = () => Array.from({ length: this.c.below(4) }, () => this.effect())
    if (this.c.chance(50)) return [{ name: 'always', when: bool(true), effects: effects() }]
    const taken = this.term(boolSort) as Bool
    return [
      { name: 'first', when: taken, effects: effects() },
      { name: 'second', when: taken.not(), effects: effects() },
    ]
  }

  private effect(): Effect {
    const { c } = this
    const when = c.chance(40) ? (this.term(boolSort) as Bool) : bool(true)
    const sort: BoolSort | BvSort = c.chance(30) ? boolSort : bvSort(c.pick([1, 8, 32, 64, 70]))
    if (c.chance(40)) {
      const variable = this.declare(scalarFor(c.pick(['x', 'z']), sort))
      return { kind: 'assign', variable, value: this.term(sort), when }
    }
    const index = c.pick([8, 3, 1, 12, 64, 109])
    const variable = this.declare(tableFor(c.pick(['x', 'z']), { kind: 'array', index, element: sort }, c.chance(50)))
    const bound = bvVar(`#${variable.domain.name}`, index)
    switch (c.below(3)) {
      case 0:
        return { kind: 'store', variable, index: this.term(bvSort(index)) as Bv, value: this.term(sort), when }
      case 1: {
        const [first, count] = [this.term(bvSort(index)) as Bv, (this.term(bvSort(Math.max(3, index))) as Bv).bits(2, 0)]
        return {
          kind: 'block',
          variable,
          first,
          count: index > 3 ? count.zext(index) : count.bits(index - 1, 0),
          bound,
          value: this.term(sort, bound),
          when,
        }
      }
      default:
        return { kind: 'sweep', variable, bound, value: this.term(sort, bound), when }
    }
  }

  private statement(): Quantified {
    const over = Array.from({ length: this.c.below(3) }, (_, n) => {
      const of = domainFor(this.c.pick([8, 3, 64, 109]), this.c.chance(50))
      return { domain: of, bound: bvVar(`?${of.name}${n}`, of.width) }
    })
    return { name: 'a statement', over, term: this.term(boolSort, ...over.map((o) => o.bound)) as Bool }
  }

  /** A random term over state, parameters, and these bound identifiers. */
  private term(sort: Sort, ...bound: readonly Bv[]): Term {
    for (;;) {
      const term = termOf(this.trees.ofSort(sort, DEPTH))
      let isUsable = true
      visit([term], (t) => {
        if (t.op === 'eq' && t.args[0]!.sort.kind === 'array') isUsable = false
      })
      if (!isUsable) continue
      return substitute(term, new Map(variables([term]).map((v) => [v, this.meaning(v, bound)])))
    }
  }
  private meaning(v: Term, bound: readonly Bv[]): Term {
    const name = String(v.attribute).split(':')[0]!
    const { sort } = v
    const own = bound.find((b) => sort.kind === 'bv' && b.width === sort.width)
    if (own !== undefined && name !== 'x') return own
    if (name === 'y') {
      const of =
        sort.kind === 'bv' && sort.width <= 109 && this.c.chance(30) ? domainFor(sort.width, this.c.chance(50)) : undefined
      const known = this.parameters.get(v)
      if (known === undefined)
        this.parameters.set(v, { name: String(v.attribute), term: v, ...(of === undefined ? {} : { domain: of }) })
      return v
    }
    if (sort.kind === 'array') return this.declare(tableFor(name, sort, this.c.chance(50))).array
    return this.declare(scalarFor(name, sort)).now
  }
  private declare<V extends Scalar | Table>(variable: V): V {
    this.declared.add(variable as Variable)
    return variable
  }

  private valueOf(v: Variable): Value {
    if (v.name === size.name) return BigInt(this.c.below(5))
    return this.value(v.kind === 'scalar' ? v.sort : v.array.sort)
  }
  /** Mostly elements that there are. */
  private argument({ term, domain: of }: Parameter): Value {
    const { sort } = term
    return of?.count !== undefined && sort.kind === 'bv' && this.c.chance(80) ? BigInt(this.c.below(3)) : this.value(sort)
  }
  private value(sort: Sort): Value {
    const one = (of: BoolSort | BvSort) => (of.kind === 'bool' ? this.c.chance(50) : this.c.bitVector(of.width))
    if (sort.kind !== 'array') return one(sort)
    const entries = Array.from({ length: this.c.below(6) }, () => [this.c.bitVector(sort.index), one(sort.element)] as const)
    return new ArrayValue(one(sort.element), new Map(entries))
  }
}

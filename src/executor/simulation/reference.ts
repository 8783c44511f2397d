// The exact meaning of a step, by evaluation of terms: what generated code is held against, and what confirms a violation.
// Leaves out: speed.

import { match } from 'ts-pattern'
import { ArrayValue, defaultValue, Evaluator, type Value } from '../../model/evaluate.ts'
import {
  type Action,
  type Domain,
  type Effect,
  type Quantified,
  type System,
  type Table,
  type Variable,
  variableOf,
} from '../../model/system.ts'
import type { Term } from '../../model/term.ts'
import { DENSE } from './layout.ts'

/** Values of the parameters, by their terms. */
export type Arguments = ReadonlyMap<Term, Value>
type Element = bigint | boolean

export class ReferenceState {
  readonly system: System
  readonly values: Map<Variable, Value>
  /** Indices of uncounted domains that somebody has mentioned. */
  private readonly mentioned = new Map<Domain, Set<bigint>>()

  private readonly alike: readonly (readonly Domain[])[]

  /** @param alike domains with the same identifiers. */
  constructor(system: System, values: ReadonlyMap<Variable, Value>, alike: readonly (readonly Domain[])[] = []) {
    this.system = system
    this.alike = alike
    this.values = new Map(values)
    for (const [variable, value] of values)
      if (variable.kind === 'table' && value instanceof ArrayValue)
        for (const index of value.entries.keys()) this.mention(variable.domain, index)
  }

  value(variable: Variable): Value {
    return this.values.get(variable) ?? defaultValue(variable.kind === 'scalar' ? variable.sort : variable.array.sort)
  }
  mention(domain: Domain, index: bigint): void {
    const known = this.mentioned.get(this.named(domain))
    if (known === undefined) this.mentioned.set(this.named(domain), new Set([index]))
    else known.add(index)
  }
  /** The one that stands for all that are alike. */
  private named(domain: Domain): Domain {
    return this.alike.find((all) => all.includes(domain))?.[0] ?? domain
  }
  /** The identifiers there are: all of a counted domain, of another those that somebody has mentioned. */
  identifiers(domain: Domain): readonly bigint[] {
    const isWhole = domain.count === undefined && 2 ** domain.width <= DENSE
    if (domain.count === undefined && !isWhole) return [...(this.mentioned.get(this.named(domain)) ?? [])]
    const count = isWhole ? 2 ** domain.width : Number(this.evaluator().bv(domain.count!()))
    return Array.from({ length: count }, (_, i) => BigInt(i))
  }

  holds({ over, term }: Quantified, identifiers: readonly bigint[], args: Arguments = new Map()): boolean {
    return this.evaluator(args, new Map(over.map((o, i) => [o.bound, identifiers[i]!]))).bool(term)
  }
  /** The identifiers of an instance that does not hold. */
  counterexample(statement: Quantified, args: Arguments = new Map()): readonly bigint[] | undefined {
    const choose = (chosen: readonly bigint[]): readonly bigint[] | undefined => {
      const next = statement.over[chosen.length]
      if (next === undefined) return this.holds(statement, chosen, args) ? undefined : chosen
      for (const id of this.identifiers(next.domain)) {
        const found = choose([...chosen, id])
        if (found !== undefined) return found
      }
      return undefined
    }
    return choose([])
  }

  /** The parameters name elements that there are, and satisfy the guard. */
  enabled(action: Action, args: Arguments): boolean {
    const exist = action.parameters.every(
      ({ term, domain }) => domain?.count === undefined || (args.get(term) as bigint) < this.evaluator().bv(domain.count()),
    )
    return (
      exist &&
      this.evaluator(args).bool(action.guard) &&
      action.everywhere.every((q) => this.counterexample(q, args) === undefined)
    )
  }

  /** Takes the step; the number of its case. */
  step(action: Action, args: Arguments): number {
    for (const { term, domain } of action.parameters)
      if (domain !== undefined && domain.count === undefined) this.mention(domain, args.get(term) as bigint)
    const now = this.evaluator(args)
    const taken = action.cases.findIndex((c) => now.bool(c.when))
    const changes = action.cases[taken]!.effects.filter((e) => now.bool(e.when)).map((e) => this.change(e, now, args))
    for (const change of changes) change()
    return taken
  }

  private change(e: Effect, now: Evaluator, args: Arguments): () => void {
    const inside = (bound: Term, i: bigint, value: Term) => this.evaluator(args, new Map([[bound, i]])).value(value) as Element
    return match(e)
      .with({ kind: 'assign' }, ({ variable, value }) => {
        const v = now.value(value)
        return () => void this.values.set(variable, v)
      })
      .with({ kind: 'store' }, ({ variable, index, value }) =>
        this.store(variable, [[now.bv(index), now.value(value) as Element]]),
      )
      .with({ kind: 'block' }, ({ variable, first, count, bound, value }) => {
        const numbers = Array.from({ length: Number(now.bv(count)) }, (_, i) => BigInt(i))
        const at = (i: bigint) => BigInt.asUintN(first.width, now.bv(first) + i)
        return this.store(
          variable,
          numbers.map((i) => [at(i), inside(bound, i, value)]),
        )
      })
      .with({ kind: 'sweep' }, ({ variable, bound, value }) =>
        this.store(
          variable,
          this.identifiers(variable.domain).map((i) => [i, inside(bound, i, value)]),
        ),
      )
      .exhaustive()
  }
  private store(variable: Table, elements: readonly (readonly [bigint, Element])[]): () => void {
    return () => {
      let value = this.value(variable) as ArrayValue
      for (const [index, element] of elements) {
        if (variable.domain.count === undefined && value.get(index) !== element) this.mention(variable.domain, index)
        value = value.set(index, element)
      }
      this.values.set(variable, value)
    }
  }

  private evaluator(args: Arguments = new Map(), bound: ReadonlyMap<Term, Value> = new Map()): Evaluator {
    return new Evaluator((term) => {
      const variable = variableOf(term)
      const value = variable === undefined ? (bound.get(term) ?? args.get(term)) : this.value(variable)
      if (value === undefined) throw new TypeError(`${String(term.attribute)} has no value`)
      return value
    })
  }
}

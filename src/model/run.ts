// Concrete runs of a transition system: the reference semantics of actions, by exact evaluation, one state after another.
// A state holds a value for every variable; tables are sparse over a default. All effects of an action read the state before
// it. "All elements" of a domain with a count are 0 .. count-1; of one without, those that some table of it has an entry for.
// Leaves out: choosing actions (src/prover/search.ts, simulation), speed.

import { type ArrayValue, defaultValue, Evaluator, type Value } from './evaluate.ts'
import type { Action, Case, Domain, Effect, Quantified, System, Table, Variable } from './system.ts'
import type { Bool, Term } from './term.ts'
import { visit } from './traverse.ts'

/** Values of bound identifiers and parameters, by the variable that stands for them. */
export type Bindings = ReadonlyMap<Term, Value>
const NONE: Bindings = new Map()

/** More elements than this are not enumerated. */
const MOST_ELEMENTS = 1 << 16
const MOST_TUPLES = 1 << 13

export class RunState {
  readonly system: System
  private readonly values: ReadonlyMap<Term, Value>
  private readonly plain: Evaluator

  /** @param values by a scalar's `now` or a table's `array`; what is left out has the default value of its sort. */
  constructor(system: System, values: ReadonlyMap<Term, Value>) {
    this.system = system
    this.values = values
    this.plain = new Evaluator((v) => this.valueOf(v))
  }

  private valueOf(v: Term): Value {
    return this.values.get(v) ?? defaultValue(v.sort)
  }
  of(variable: Variable): Value {
    return this.valueOf(termOf(variable))
  }
  element(table: Table, index: bigint): bigint | boolean {
    return (this.of(table) as ArrayValue).get(index)
  }

  /** A term's value in this state. */
  value(term: Term, bindings: Bindings = NONE): Value {
    return this.reading(bindings).value(term)
  }
  holds(term: Bool, bindings: Bindings = NONE): boolean {
    return this.value(term, bindings) as boolean
  }
  /** One evaluator shares its work over all terms with these bindings. */
  reading(bindings: Bindings): Evaluator {
    return bindings.size === 0 ? this.plain : new Evaluator((v) => bindings.get(v) ?? this.valueOf(v))
  }

  /** @throws RangeError when there are too many to go through. */
  elements(domain: Domain): bigint[] {
    if (domain.count === undefined) {
      const ids = new Set<bigint>()
      for (const v of this.system.variables)
        if (v.kind === 'table' && Object.is(v.domain, domain))
          for (const id of (this.of(v) as ArrayValue).entries.keys()) ids.add(id)
      return [...ids].sort((a, b) => (a < b ? -1 : 1))
    }
    return numbers(this.value(domain.count()) as bigint, `elements of ${domain.name}`)
  }

  /** Identifiers for which the statement is false, the first found. */
  breach({ over, term }: Quantified, bindings: Bindings = NONE): readonly bigint[] | undefined {
    const choices = over.map(({ domain }) => this.elements(domain))
    const size = choices.reduce((product, ids) => product * ids.length, 1)
    if (size > MOST_TUPLES) throw new RangeError(`${size} elements are too many to go through`)
    const tuples = choices.reduce<bigint[][]>((heads, ids) => heads.flatMap((head) => ids.map((id) => [...head, id])), [[]])
    return tuples.find(
      (ids) => !this.holds(term, new Map([...bindings, ...over.map(({ bound }, i) => [bound, ids[i]!] as const)])),
    )
  }

  /** Why the action cannot happen with these parameters; undefined when it can. */
  refusal(action: Action, parameters: Bindings): Refusal | undefined {
    for (const { domain, term, name } of action.parameters) {
      if (domain?.count === undefined) continue
      if ((parameters.get(term) as bigint) >= (this.value(domain.count()) as bigint)) return { kind: 'parameter', name }
    }
    if (!this.holds(action.guard, parameters)) return { kind: 'guard' }
    for (const statement of action.everywhere) {
      const ids = this.breach(statement, parameters)
      if (ids !== undefined) return { kind: 'everywhere', statement, ids }
    }
    return undefined
  }

  /** The state after the action, whose guard holds. */
  after(action: Action, parameters: Bindings): Taken {
    const reading = this.reading(parameters)
    const taken = action.cases.find((c) => reading.bool(c.when))!
    const changed = new Map(this.values)
    for (const effect of taken.effects) if (reading.bool(effect.when)) this.perform(effect, parameters, reading, changed)
    return { case: taken, state: new RunState(this.system, changed) }
  }

  private perform(effect: Effect, parameters: Bindings, reading: Evaluator, changed: Map<Term, Value>): void {
    const key = termOf(effect.variable)
    if (effect.kind === 'assign') {
      changed.set(key, reading.value(effect.value))
      return
    }
    let array = (changed.get(key) ?? defaultValue(key.sort)) as ArrayValue
    if (effect.kind === 'store') array = array.set(reading.bv(effect.index), reading.value(effect.value) as bigint | boolean)
    else
      for (const [index, number] of this.targets(effect, reading)) {
        const value = this.value(effect.value, new Map([...parameters, [effect.bound, number]]))
        array = array.set(index, value as bigint | boolean)
      }
    changed.set(key, array)
  }

  /** Which elements an effect on many changes, each with what its value calls `bound`. */
  private targets(effect: Extract<Effect, { kind: 'block' | 'sweep' }>, reading: Evaluator): (readonly [bigint, bigint])[] {
    if (effect.kind === 'sweep') {
      const own = this.elements(effect.variable.domain)
      if (effect.variable.domain.count !== undefined) return own.map((id) => [id, id])
      const read = sourcesOf(effect).flatMap((array) => [...(this.valueOf(array) as ArrayValue).entries.keys()])
      return [...new Set([...own, ...read])].map((id) => [id, id])
    }
    const first = reading.bv(effect.first)
    const { width } = effect.variable.domain
    return numbers(reading.bv(effect.count), 'elements of a block').map((n) => [BigInt.asUintN(width, first + n), n])
  }
}

const sources = new WeakMap<Effect, readonly Term[]>()
/** Tables that the effect on all elements reads at the element itself, be they of another domain (a copy of memory, say). */
function sourcesOf(effect: Extract<Effect, { kind: 'sweep' }>): readonly Term[] {
  const known = sources.get(effect)
  if (known !== undefined) return known
  const found = new Set<Term>()
  visit([effect.value], (t) => {
    if (t.op === 'select' && t.args[0]!.op === 'var' && Object.is(t.args[1], effect.bound)) found.add(t.args[0]!)
  })
  sources.set(effect, [...found])
  return [...found]
}

export interface Taken {
  readonly case: Case
  readonly state: RunState
}

export type Refusal =
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'guard' }
  | { readonly kind: 'everywhere'; readonly statement: Quantified; readonly ids: readonly bigint[] }

export interface Change {
  readonly variable: Variable
  /** The element, of a table. */
  readonly index?: bigint
  readonly from: bigint | boolean
  readonly to: bigint | boolean
}

/** What differs between two states, in the order of the system's variables. */
export function changes(before: RunState, after: RunState): Change[] {
  return before.system.variables.flatMap((variable): Change[] => {
    const [from, to] = [before.of(variable), after.of(variable)]
    if (Object.is(from, to)) return []
    if (variable.kind === 'scalar') return [{ variable, from: from as bigint | boolean, to: to as bigint | boolean }]
    const [old, now] = [from as ArrayValue, to as ArrayValue]
    return [...now.entries.keys()]
      .filter((index) => old.get(index) !== now.get(index))
      .sort((a, b) => (a < b ? -1 : 1))
      .map((index) => ({ variable, index, from: old.get(index), to: now.get(index) }))
  })
}

export const termOf = (variable: Variable): Term => (variable.kind === 'scalar' ? variable.now : variable.array)

function numbers(count: bigint, what: string): bigint[] {
  if (count > MOST_ELEMENTS) throw new RangeError(`${count} ${what} are too many to go through`)
  return Array.from({ length: Number(count) }, (_, n) => BigInt(n))
}

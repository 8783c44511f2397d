// What a solver's model says about an obligation's variables: scalars by name, arrays put together again from the constants
// that stood for their elements. A variable that the model leaves out may have any value, and gets the default one.

import { type Cell, cellOf } from '../model/cell.ts'
import { ArrayValue, defaultValue, type Environment, Evaluator, type Value } from '../model/evaluate.ts'
import type { Sort } from '../model/sort.ts'
import type { Arr, Term } from '../model/term.ts'
import { variables } from '../model/traverse.ts'
import type { Obligation } from './obligation.ts'
import type { NamedValue, PlainValue } from './record.ts'
import type { Select } from './smtlib.ts'
import type { Model, ModelValue } from './solver/value.ts'

export class CounterModel {
  private readonly model: Model
  private readonly arrays = new Map<Term, ArrayValue>()
  private readonly base: { readonly from: CounterModel; readonly kept: ReadonlySet<Term> } | undefined
  /** Bound to the model; evaluations share their work. */
  readonly evaluator: Evaluator

  /** @param base where variables that the model's question left out have their values from, if `kept` says so. */
  constructor(
    model: Model,
    selects: readonly Select[],
    base?: { readonly from: CounterModel; readonly kept: ReadonlySet<Term> },
  ) {
    this.model = model
    this.base = base
    const scalars = new Evaluator((v) => this.named(v.attribute as string, v.sort))
    for (const { array, index, name } of selects) {
      const known = this.arrays.get(array) ?? (defaultValue(array.sort) as ArrayValue)
      const element = this.named(name, (array as Arr).sort.element) as bigint | boolean
      this.arrays.set(array, known.set(scalars.value(index) as bigint, element))
    }
    this.evaluator = new Evaluator(this.environment)
  }

  readonly environment: Environment = (v) =>
    this.base?.kept.has(v) ? this.base.from.environment(v) : (this.arrays.get(v) ?? this.named(v.attribute as string, v.sort))

  /** Whether the variable has a value of its own, and not just the default one. */
  knows(v: Term): boolean {
    return this.base?.kept.has(v) || this.arrays.has(v) || this.model.has(v.attribute as string)
  }

  private named(name: string, sort: Sort): Value {
    const value = this.model.get(name)
    return value === undefined ? defaultValue(sort) : valueIn(value)
  }

  /** The parts of the goal that are false. */
  failing({ parts }: Obligation): string[] {
    return parts.filter((p) => !this.evaluator.bool(p.term)).map((p) => p.name)
  }

  /** The first hypothesis that the model breaks, or the goal if it holds: a genuine counterexample has neither. */
  failure(obligation: Obligation): string | undefined {
    const broken = obligation.hypotheses.find((h) => !this.evaluator.bool(h.term))
    if (broken !== undefined) return `the model breaks the hypothesis "${broken.name}"`
    return this.evaluator.bool(obligation.goal) ? 'the goal holds in the model' : undefined
  }

  /** The values at the procedure's entry that the obligation speaks of. */
  entryState(obligation: Obligation): Map<Cell, Value> {
    const state = new Map<Cell, Value>()
    for (const v of variablesOf(obligation)) {
      const cell = cellOf(v)
      if (cell === undefined || (Object.is(v, cell.now) && cell.kind !== 'constant' && cell.kind !== 'watch')) continue
      // A table with a definition is worked out as the run goes.
      if (cell.definition === undefined) state.set(cell, this.environment(v))
    }
    return state
  }

  /** Words of the frozen memory that the model fixes. */
  wordsOf(memory: Term): ReadonlyMap<bigint, bigint> {
    const value = this.environment(memory)
    return value instanceof ArrayValue ? (value.entries as ReadonlyMap<bigint, bigint>) : new Map()
  }

  /** The distinct 64-bit numbers of the model: material for memories around it. */
  words(obligation: Obligation): bigint[] {
    const out = new Set<bigint>()
    for (const v of variablesOf(obligation)) {
      const value = this.environment(v)
      if (v.sort.kind === 'bv' && v.sort.width === 64) out.add(value as bigint)
      if (v.sort.kind === 'array' && value instanceof ArrayValue)
        for (const element of value.entries.values()) if (typeof element === 'bigint') out.add(element)
    }
    out.delete(0n)
    return [...out]
  }

  /** Every variable of the obligation with its value, by the name a person knows it under. */
  values(obligation: Obligation): NamedValue[] {
    return variablesOf(obligation).map((v) => ({ name: shownName(v), value: plain(this.environment(v)) }))
  }
}

export const variablesOf = (obligation: Obligation): Term[] =>
  variables([...obligation.hypotheses.map((h) => h.term), obligation.goal])

/** `old:budget` is a value at entry; `walk.i!7` is a local or state after the seventh unknown step. */
function shownName(v: Term): string {
  const name = v.attribute as string
  return name.startsWith('old:') ? `${name.slice(4)} (at entry)` : name
}

export function plain(value: Value): PlainValue {
  if (typeof value === 'boolean') return value
  if (typeof value === 'bigint') return hex(value)
  if (!(value instanceof ArrayValue)) return { otherwise: hex(0n), entries: {} }
  const scalar = (v: bigint | boolean) => (typeof v === 'boolean' ? v : hex(v))
  const entries = [...value.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([index, v]) => [hex(index), scalar(v)])
  return { otherwise: scalar(value.otherwise), entries: Object.fromEntries(entries) }
}
export const hex = (n: bigint): string => `0x${n.toString(16)}`

function valueIn(value: ModelValue): Value {
  if (value.kind !== 'table') return value.value
  const entries = value.entries.map(({ args, value: element }) => [args[0]!, valueIn(element) as bigint | boolean] as const)
  return new ArrayValue(valueIn(value.otherwise) as bigint | boolean, new Map(entries))
}

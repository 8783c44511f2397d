// Initial states of a system under a profile, with what they fix written in: a switch that is on, a register that is 0 at
// power-on. Runs from them are then mostly constants, and most of what cannot happen falls to the simplifier.

import { ArrayValue, type Evaluator, type Value } from '../model/evaluate.ts'
import type { Profile } from '../model/invariant.ts'
import { RunState, termOf } from '../model/run.ts'
import { after, present, type State } from '../model/successor.ts'
import { type Action, type Effect, type Quantified, type System, type Table, type Variable, variableOf } from '../model/system.ts'
import { bool, bv, type Bv, type Term, varOf } from '../model/term.ts'
import { substitute } from '../model/traverse.ts'
import { variablesOf } from './induction.ts'

/** What a variable is initially; of a table, in terms of the index. */
interface Definition {
  readonly variable: Variable
  readonly value: Term
  readonly bound?: Term
}

export class Start {
  readonly system: System
  readonly state: State
  /** All that is said of initial states, of which `state` has a part written in. */
  readonly statements: readonly Quantified[]
  private readonly definitions: ReadonlyMap<Variable, Definition>

  /** @param initial what holds there. */
  constructor(system: System, profile: Profile, initial: readonly Quantified[] = system.initial) {
    this.system = system
    const assumed = profile.map(({ name, term }): Quantified => ({ name, over: [], term }))
    this.statements = [...assumed, ...system.facts, ...initial]
    const found = this.statements.flatMap(definitionsIn)
    // Constants first, and by numbers only: what state is defined by may speak of them.
    const constants = firstOf(found.filter((d) => d.variable.change === 'constant' && hasOnly(d, () => false)))
    const states = firstOf(
      found.filter((d) => d.variable.change === 'state' && hasOnly(d, (v) => variableOf(v)?.change === 'constant')),
    )
    this.definitions = new Map([...constants, ...states])
    this.state = after(after(present, writing(constants)), writing(states))
  }

  /** What the statements say outright; the rest is a model's choice. */
  fixes(variable: Variable): boolean {
    return this.definitions.has(variable)
  }

  /** The concrete initial state of a model. @param mentioned identifiers besides those that have an entry, by domain name. */
  concrete(model: Evaluator, mentioned: ReadonlyMap<string, Iterable<bigint>>): RunState {
    const values = new Map<Term, Value>()
    for (const v of this.system.variables) {
      const term = termOf(v)
      if (v.kind === 'scalar') values.set(term, model.value(this.state.scalar(term)))
      else values.set(term, model.value(term))
    }
    const sized = new RunState(this.system, values)
    for (const { variable, bound } of this.definitions.values()) {
      if (variable.kind !== 'table') continue
      const ids = new Set(variable.domain.count === undefined ? [] : sized.elements(variable.domain))
      for (const id of mentioned.get(variable.domain.name) ?? []) ids.add(id)
      values.set(variable.array, this.elementsOf(variable, bound!, ids, model, values.get(variable.array) as ArrayValue))
    }
    this.mention(mentioned, values)
    return new RunState(this.system, values)
  }

  /** Elements of domains without a count exist where a table has an entry for them: an effect on all elements meets those. */
  private mention(mentioned: ReadonlyMap<string, Iterable<bigint>>, values: Map<Term, Value>): void {
    for (const [name, ids] of mentioned) {
      const table = this.system.variables.find(
        (v): v is Table => v.kind === 'table' && v.domain.name === name && v.domain.count === undefined,
      )
      if (table === undefined) continue
      let array = values.get(table.array) as ArrayValue
      for (const id of ids) array = array.set(id, array.get(id))
      values.set(table.array, array)
    }
  }

  private elementsOf(table: Table, bound: Term, ids: Iterable<bigint>, model: Evaluator, base: ArrayValue): ArrayValue {
    const index = varOf('#index', bound.sort) as Bv
    const element = this.state.read(table, index)
    if (!variablesOf(element).has(index)) return new ArrayValue(model.value(element) as bigint | boolean)
    let out = new ArrayValue(base.otherwise)
    for (const id of ids) {
      const literal = substitute(element, new Map<Term, Term>([[index, bv(table.domain.width, id)]]))
      out = out.set(id, model.value(literal) as bigint | boolean)
    }
    return out
  }
}

/** `v`, `not v`, `v = term`, the same of every element of a table, alone or as parts of a conjunction. */
function definitionsIn({ over, term }: Quantified): Definition[] {
  if (term.op === 'and') return term.args.flatMap((part) => definitionsIn({ name: '', over, term: part as typeof term }))
  const define = (left: Term, value: Term): Definition[] => {
    const variable = variableOf(left.op === 'select' ? left.args[0]! : left)
    if (variable?.kind === 'scalar') return [{ variable, value }]
    if (variable === undefined || left.op !== 'select' || over.length !== 1) return []
    const { bound, domain } = over[0]!
    const ofEach = Object.is(left.args[1], bound) && Object.is(domain, variable.domain)
    return ofEach ? [{ variable, value, bound }] : []
  }
  if (term.op === 'not') return define(term.args[0]!, bool(false))
  if (term.op !== 'eq') return define(term, bool(true))
  const [a, b] = term.args as [Term, Term]
  return [...define(a, b), ...define(b, a)]
}

/** Whether the value speaks of the index and `allowed` variables only. */
function hasOnly({ value, bound }: Definition, allowed: (v: Term) => boolean): boolean {
  return [...variablesOf(value)].every((v) => Object.is(v, bound) || allowed(v))
}

function firstOf(definitions: readonly Definition[]): Map<Variable, Definition> {
  return new Map([...definitions].reverse().map((d) => [d.variable, d]))
}

/** An action that writes the definitions, so that a view can read them. */
function writing(definitions: ReadonlyMap<Variable, Definition>): Action {
  const always = bool(true)
  const effects = [...definitions.values()].map(({ variable, value, bound }): Effect => {
    if (variable.kind === 'scalar') return { kind: 'assign', variable, value, when: always }
    return { kind: 'sweep', variable, bound: bound as Bv, value, when: always }
  })
  const cases = [{ name: 'start', when: always, effects }]
  return {
    name: 'start',
    actor: 'hardware',
    cite: '',
    parameters: [],
    guard: always,
    everywhere: [],
    cases,
    at: { file: '', line: 0 },
  }
}

// A procedure as one step of a transition system, by its contract: what it may change is arbitrary, within what it ensures. For
// procedures with loops, while nothing that they read or write changes under them (that nothing does is for the system to show).
// The step allows whatever the contract allows; what the contract does not say, it leaves open.
// Watches of the contract are bound: an arbitrary element of a domain each, so the step's conditions are statements about all.

import { type Cell, cellOf } from './cell.ts'
import type { Procedure } from './procedure.ts'
import { type Domain, type Effect, type Parameter, type Quantified, variableOf } from './system.ts'
import { type Arr, type Bv, bvVar, type Term, varOf } from './term.ts'
import { Substitution, variables } from './traverse.ts'

export interface ContractStep {
  /** What the procedure leaves in the cells that it may change. */
  readonly parameters: readonly Parameter[]
  readonly everywhere: readonly Quantified[]
  readonly effects: readonly Effect[]
}

/** @param watches over which domain each ranges. @throws Error when a cell is no variable of a system, or a watch has no domain. */
export function contractStep(procedure: Procedure, watches: ReadonlyMap<Cell, Domain>): ContractStep {
  const left = new Map<Cell, Term>(procedure.modifies.map((cell) => [cell, varOf(`${cell.name} left`, cell.sort)]))
  const bound = new Map([...watches].map(([cell, domain]) => [cell.now as Term, bvVar(`?${cell.name}`, domain.width)]))
  const after = new Map<Term, Term>([...left].map(([cell, value]) => [cell.now, value]))
  const inStep = new Substitution((v) => {
    const cell = cellOf(v)
    return cell !== undefined && Object.is(v, cell.old) ? cell.now : (after.get(v) ?? bound.get(v))
  })
  const everywhere = procedure.ensures.map(({ name, term }): Quantified => {
    const holds = inStep.apply(term)
    const occurring = new Set<Term>(variables([holds]))
    const over = [...watches].flatMap(([cell, domain]) => {
      const element = bound.get(cell.now)!
      return occurring.has(element) ? [{ domain, bound: element }] : []
    })
    return { name, over, term: holds }
  })
  return {
    parameters: [...left].map(([cell, term]) => ({ name: cell.name, term })),
    everywhere,
    effects: [...left].map(([cell, value]) => effectOf(cell, value)),
  }
}

function effectOf(cell: Cell, value: Term): Effect {
  const variable = variableOf(cell.now)
  if (variable === undefined) throw new Error(`${cell.name} is no variable of the system`)
  if (variable.kind === 'scalar') return variable.set(value as Bv)
  return variable.sweep((index) => (variable.sort.kind === 'bool' ? (value as Arr).has(index) : (value as Arr).at(index)) as Bv)
}

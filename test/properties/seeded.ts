// Seeded faults of the handler: edits by what they touch, and whether some condition of the named claim has a counter-model.

import type { Procedure, Statement } from '../../src/model/procedure.ts'
import { boolVar, bv, type Bv, bvVar, type Term } from '../../src/model/term.ts'
import { handlerOf } from '../../src/properties/handler.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { openFallen } from './fallen.ts'
import { assigns, type Edit, sets } from './mutate.ts'

export const parts = new Map(handlerOf(ALL_ON).map((p) => [p.procedure.name, p]))
export const local = (name: string): Bv => bvVar(name, 64)
export const flag = (name: string) => boolVar(name)
export const reassign =
  (name: string, value: Term): Edit =>
  (s) =>
    assigns(s, name) ? [{ ...s, value }] : undefined
export const tallies = (counter: string) => (s: Statement) => s.kind === 'tally' && s.tally.counter.name === `count.${counter}`
export const storesTo = (cell: string) => (s: Statement) => s.kind === 'store' && s.cell.name === `census.${cell}`
export const countsReserved = (s: Statement): boolean => s.kind === 'if' && s.yes.some(tallies('reserved'))
export const truncates = (s: Statement): boolean => sets(s, 'census.status', 1n)
export const from =
  (start: number): Edit =>
  (s) =>
    s.kind === 'for' ? [{ ...s, from: bv(s.from.width, start) }] : undefined

export interface Mutant {
  readonly name: string
  readonly of: string
  readonly edit: Edit
  /** The conditions among which one must fall: kind, claim, topic. */
  readonly where: RegExp
}

const fallenOf = await openFallen()
export const closeSolver = fallenOf.close

/** The condition that has a counter-model, if one of those asked about has. */
export const fallen = (name: string, mutant: Procedure, where: RegExp): Promise<string | undefined> =>
  fallenOf.of(mutant, parts.get(name)!.axioms, where)

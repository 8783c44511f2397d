// Seeded faults of the handler: edits by what they touch, and whether some condition of the named claim has a counter-model.

import type { Procedure, Statement } from '../../src/model/procedure.ts'
import { boolVar, bv, type Bv, bvVar, type Term } from '../../src/model/term.ts'
import { conditionsOfPart, handlerOf } from '../../src/properties/handler.ts'
import { prepare, scriptOf } from '../../src/prover/decide.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
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

const opened = await openSolver('wasm', { jobs: 2 })
if (!('solve' in opened)) throw new Error('no embedded solver')
const solver = opened
export const closeSolver = () => solver.close()

/** The condition that has a counter-model, if one of those asked about has. */
export async function fallen(name: string, mutant: Procedure, where: RegExp): Promise<string | undefined> {
  const { axioms } = parts.get(name)!
  const open = conditionsOfPart({ procedure: mutant, axioms })
    .filter((o) => o.discharged === undefined && where.test(o.id))
    .map((o) => prepare(o, []))
    .filter((p) => !p.simplified)
    .sort((a, b) => a.weight - b.weight)
  let next = 0
  let found: string | undefined
  const work = async (): Promise<void> => {
    while (found === undefined && next < open.length) {
      const { obligation } = open[next++]!
      const answer = await solver.solve({
        id: obligation.id,
        smt2: scriptOf(obligation).text,
        timeoutMs: 30_000,
        want: 'verdict',
      })
      if (answer.kind === 'sat') found ??= obligation.id
    }
  }
  await Promise.all([work(), work()])
  return found
}

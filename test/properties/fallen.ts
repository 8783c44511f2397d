// Which obligation a seeded fault breaks, if one of those asked about has a counter-model; the embedded solver decides.

import type { Procedure } from '../../src/model/procedure.ts'
import { conditionsOfPart, type Part } from '../../src/properties/handler.ts'
import { prepare, scriptOf } from '../../src/prover/decide.ts'
import type { Obligation } from '../../src/prover/obligation.ts'
import { openSolver } from '../../src/prover/solver/open.ts'

const JOBS = 2
const TIMEOUT_MS = 60_000

export interface Fallen {
  /** Its id. What simplification proves stands. */
  readonly among: (obligations: readonly Obligation[]) => Promise<string | undefined>
  /** ... of a procedure's conditions whose id and conjunct match. */
  readonly of: (mutant: Procedure, axioms: Part['axioms'], where: RegExp) => Promise<string | undefined>
  readonly close: () => void
}

export async function openFallen(): Promise<Fallen> {
  const solver = await openSolver('wasm', { jobs: JOBS })
  if (!('solve' in solver)) throw new Error('no embedded solver')
  const among: Fallen['among'] = async (obligations) => {
    const open = obligations
      .filter((o) => o.discharged === undefined)
      .map((o) => prepare(o, []))
      .filter((p) => !p.simplified)
      .sort((a, b) => a.weight - b.weight)
    let next = 0
    let found: string | undefined
    const work = async (): Promise<void> => {
      while (found === undefined && next < open.length) {
        const { obligation } = open[next++]!
        const request = { id: obligation.id, smt2: scriptOf(obligation).text, timeoutMs: TIMEOUT_MS, want: 'verdict' } as const
        if ((await solver.solve(request)).kind === 'sat') found ??= obligation.id
      }
    }
    await Promise.all(Array.from({ length: JOBS }, work))
    return found
  }
  return {
    among,
    of: (procedure, axioms, where) =>
      among(conditionsOfPart({ procedure, axioms }).filter((o) => where.test(`${o.id} ${o.conjunct}`))),
    close: () => solver.close(),
  }
}

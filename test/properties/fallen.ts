// Which condition of a procedure a seeded fault breaks.

import type { Procedure } from '../../src/model/procedure.ts'
import { conditionsOfPart, type Part } from '../../src/properties/handler.ts'
import { prepare, scriptOf } from '../../src/prover/decide.ts'
import { openSolver } from '../../src/prover/solver/open.ts'

/** The condition that has a counter-model, if one of those asked about has; the embedded solver decides. */
export async function openFallen(): Promise<{
  fallen: (mutant: Procedure, axioms: Part['axioms'], where: RegExp) => Promise<string | undefined>
  close: () => void
}> {
  const solver = await openSolver('wasm', { jobs: 1 })
  if (!('solve' in solver)) throw new Error('no embedded solver')
  return {
    fallen: async (procedure, axioms, where) => {
      const open = conditionsOfPart({ procedure, axioms })
        .filter((o) => o.discharged === undefined && where.test(`${o.id} ${o.conjunct}`))
        .map((o) => prepare(o, []))
        .filter((p) => !p.simplified)
        .sort((a, b) => a.weight - b.weight)
      for (const { obligation } of open) {
        const request = { id: obligation.id, smt2: scriptOf(obligation).text, timeoutMs: 30_000, want: 'verdict' } as const
        if ((await solver.solve(request)).kind === 'sat') return obligation.id
      }
      return undefined
    },
    close: () => solver.close(),
  }
}

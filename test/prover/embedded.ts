// The embedded solver as an oracle, for tests that need real answers.

import type { Oracle } from '../../src/prover/oracle.ts'
import { isMissing, openSolver } from '../../src/prover/solver/open.ts'

/** `close` it when the tests are done. */
export async function embedded(): Promise<{
  readonly oracle: Oracle
  readonly asked: string[]
  readonly close: () => Promise<void>
}> {
  const solver = await openSolver('wasm', { jobs: 2, seed: 1 })
  if (isMissing(solver)) throw new Error(solver.message)
  const asked: string[] = []
  const { name, version } = solver
  const ask: Oracle['ask'] = async (request) => {
    asked.push(request.id)
    return { answer: await solver.solve(request), cached: false }
  }
  return { oracle: { name, version, ask }, asked, close: () => solver.close() }
}

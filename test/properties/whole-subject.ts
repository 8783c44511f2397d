// The whole system with all that its claims say, as random runs take it.

import type { SimulatedSystem } from '../../src/executor/simulation/compiled.ts'
import { Simulation } from '../../src/executor/simulation/simulation.ts'
import { subjectOfAll } from '../../src/loader/simulate-claims.ts'
import { theorems } from '../../src/properties/theorem.ts'
import { wholeSampler } from '../../src/properties/whole-runs.ts'

const about = theorems('P1', 'P2', 'P3', 'P4', 'U1').map((c) => c.about!)
/** What P1 to P4 and U1 say, with all that they rest on. */
export const subject: SimulatedSystem = subjectOfAll(about)

/** The statement that falls in a run of a changed system. @throws Error when none does in so many steps */
export function fallsTo(change: Partial<SimulatedSystem>, steps: number, seed = 1, sampler = wholeSampler): string {
  const simulation = new Simulation({ ...subject, ...change }, seed, sampler)
  const outcome = simulation.advance(steps)
  if (outcome?.kind !== 'violated') throw new Error(`${outcome?.kind ?? 'no violation'} in ${simulation.steps} steps`)
  return outcome.trace.violated
}

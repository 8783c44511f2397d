// The whole system with all that its claims say, as random runs take it.

import type { SimulatedSystem } from '../../src/executor/simulation/compiled.ts'
import { Simulation } from '../../src/executor/simulation/simulation.ts'
import { subjectOfAll } from '../../src/loader/simulate-claims.ts'
import { theorems } from '../../src/properties/theorem.ts'
import { wholeSampler } from '../../src/properties/whole-runs.ts'

const about = theorems('P1', 'P2', 'P3', 'P4', 'U1').map((c) => c.about!)
/** What P1 to P4 and U1 say, with all that they rest on. */
export const subject: SimulatedSystem = subjectOfAll(about)

/** Whatever changes in the system changes what a seed draws: one run is luck. */
const SEEDS = [1, 2, 3, 4, 5]

/** The statement that falls in some run of a changed system. @throws Error when none does in so many steps of each */
export function fallsTo(change: Partial<SimulatedSystem>, steps: number, sampler = wholeSampler): string {
  for (const seed of SEEDS) {
    const outcome = new Simulation({ ...subject, ...change }, seed, sampler).advance(steps)
    if (outcome?.kind === 'violated') return outcome.trace.violated
    if (outcome !== undefined) throw new Error(`seed ${seed}: ${outcome.kind}`)
  }
  throw new Error(`no violation in ${SEEDS.length} runs of ${steps} steps`)
}

// Random runs: 10,000 steps of the platform with every conjunct of its invariant, and of a small lock system for comparison with
// other simulators.

import type { SimulatedSystem } from '../src/executor/simulation/compiled.ts'
import { Simulation } from '../src/executor/simulation/simulation.ts'
import type { Sampler } from '../src/model/sampler.ts'
import { invariant } from '../src/properties/platform.ts'
import { platform } from '../src/x86/platform.ts'
import { sampler } from '../src/x86/platform-sampler.ts'
import { assumptionsOf, hardened } from '../src/x86/profile.ts'
import { sound } from '../test/executor/simulation/lock.ts'

export const STEPS = 10_000
/** Before the engine has compiled what runs often. */
const WARM_UP = 5 * STEPS

function steps(subject: SimulatedSystem, start?: Sampler): () => void {
  const simulation = new Simulation(subject, 1, start)
  const advance = (n: number): void => {
    const outcome = simulation.advance(n)
    if (outcome !== undefined) throw new Error(`the run of ${subject.system.name} ended: ${outcome.kind}`)
  }
  advance(WARM_UP)
  return () => advance(STEPS)
}

const profile = assumptionsOf(hardened).map((a) => a.term)
export const platformSteps = () => steps({ system: platform, invariant, profile }, sampler)
export const lockSteps = () => steps(sound)

// Random runs of the systems that claims are about, in the process of their spec: so many runs per claim, each with a seed of
// its own, with news of how far they are.

import type { SimulatedSystem } from '../executor/simulation/compiled.ts'
import type { Outcome, RunName, SimulationEvent } from '../executor/simulation/record.ts'
import { Simulation } from '../executor/simulation/simulation.ts'
import type { Case } from '../model/system.ts'
import type { Claim, SystemTheorem } from '../prover/claim.ts'
import type { RandomRuns } from '../prover/coverage.ts'
import type { SimulateJob } from './protocol.ts'

/** Steps between two looks at the clock. */
const CHUNK = 1000
const NEWS_MS = 200

type Emit = (event: SimulationEvent) => void

/** Claims that are not about a system are passed over. */
export async function simulateAll(claims: readonly Claim[], job: SimulateJob, emit: Emit): Promise<void> {
  for (const { id, about } of claims)
    if (about !== undefined)
      for (let run = 0; run < job.runs; run++) await simulate(about, { claim: id, run, seed: job.seed + run }, job.steps, emit)
}

async function simulate({ sampler, ...about }: SystemTheorem, name: RunName, steps: number, emit: Emit): Promise<void> {
  const simulation = new Simulation(subjectOf(about), name.seed, sampler)
  const started = performance.now()
  let news = started
  let outcome: Outcome | undefined
  while (outcome === undefined && simulation.steps < steps) {
    outcome = simulation.advance(Math.min(CHUNK, steps - simulation.steps))
    const now = performance.now()
    if (now - news < NEWS_MS) continue
    news = now
    emit({ kind: 'progress', ...name, steps: simulation.steps, ms: now - started, coverage: simulation.coverage() })
    // The pulse that tells a busy process from a stuck one is a timer.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const record = {
    ...name,
    steps: simulation.steps,
    ms: performance.now() - started,
    outcome: outcome ?? ({ kind: 'survived' } as const),
    coverage: simulation.coverage(),
  }
  emit({ kind: 'run', record })
}

/** Steps of random runs after which nothing new is expected of them. */
const MEETING = { most: 300_000, dull: 60_000 }

/** Cases of actions that random runs meet. */
export const casesMet: RandomRuns = async ({ system, sampler, guide }, profile, seed) => {
  const optional = guide === undefined ? {} : { guide }
  const subject = { system, invariant: [], profile: profile.map((a) => a.term), ...optional }
  const simulation = new Simulation(subject, seed, sampler)
  const met = new Map<Case, number>()
  let news = 0
  while (simulation.steps < MEETING.most && simulation.steps - news < MEETING.dull) {
    if (simulation.advance(CHUNK) !== undefined) break
    for (const [n, action] of system.actions.entries())
      for (const taken of action.cases) {
        const length = simulation.firstTaken(n, taken.name)
        if (length === undefined || met.has(taken)) continue
        met.set(taken, length)
        news = simulation.steps
      }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return met
}

/** What the claim takes from other claims is looked at, too. */
export function subjectOf(about: Omit<SystemTheorem, 'sampler'>): SimulatedSystem {
  const { system, conjuncts, implies, given = [], profile, guide, runs } = about
  const optional = guide === undefined ? {} : { guide }
  const terms = profile.map((a) => a.term)
  if (runs !== undefined) return { system: runs.system, invariant: runs.conjuncts, profile: terms, ...optional }
  return { system, invariant: [...given, ...conjuncts, ...implies], profile: terms, ...optional }
}

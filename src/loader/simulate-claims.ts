// Random runs of the systems that claims are about, in the process of their spec: so many runs, each with a seed of its own, with
// news of how far they are. Claims about one system under one profile share their runs: all that they say is looked at in each.

import type { SimulatedSystem } from '../executor/simulation/compiled.ts'
import type { Outcome, RunName, SimulationEvent } from '../executor/simulation/record.ts'
import { Simulation } from '../executor/simulation/simulation.ts'
import type { Case } from '../model/system.ts'
import type { Claim, SystemTheorem } from '../prover/claim.ts'
import type { RandomRuns } from '../prover/coverage.ts'
import type { SimulateJob } from './protocol.ts'

/** Steps between two looks at the clock. */
const CHUNK = 200
const NEWS_MS = 200

type Emit = (event: SimulationEvent) => void

interface Member {
  readonly id: string
  readonly expect: Claim['expect']
  readonly about: SystemTheorem
}

/** Claims that are not about a system are passed over. */
export async function simulateAll(claims: readonly Claim[], job: SimulateJob, emit: Emit): Promise<void> {
  for (const group of together(claims))
    for (let run = 0; run < job.runs; run++)
      await simulate(group, { claims: group.map((g) => g.id), run, seed: job.seed + run }, job.steps, emit)
}

/** Claims whose runs are the same. One that is expected to fall ends its runs, so it has its own. */
function together(claims: readonly Claim[]): Member[][] {
  const groups: Member[][] = []
  for (const { id, about, expect } of claims) {
    if (about === undefined) continue
    const member = { id, expect, about }
    const like = groups.find(([g]) => [g!.expect, expect].every((e) => e === 'proved') && isLike(g!.about, about))
    if (like === undefined) groups.push([member])
    else like.push(member)
  }
  return groups
}
const isLike = (a: SystemTheorem, b: SystemTheorem): boolean =>
  (a.runs ?? a).system === (b.runs ?? b).system &&
  a.sampler === b.sampler &&
  a.guide === b.guide &&
  a.profile.map((p) => p.term.id).join() === b.profile.map((p) => p.term.id).join()

/** All that several claims say. */
export function subjectOfAll(all: readonly Omit<SystemTheorem, 'sampler'>[]): SimulatedSystem {
  const subjects = all.map(subjectOf)
  const invariant = new Map(subjects.flatMap((s) => s.invariant).map((q) => [q.name, q]))
  return { ...subjects[0]!, invariant: [...invariant.values()] }
}

async function simulate(group: readonly Member[], name: RunName, steps: number, emit: Emit): Promise<void> {
  const simulation = new Simulation(subjectOfAll(group.map((g) => g.about)), name.seed, group[0]!.about.sampler)
  const says = ({ about }: Member, statement: string): boolean => subjectOf(about).invariant.some((q) => q.name === statement)
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
    violates: outcome?.kind === 'violated' ? group.filter((g) => says(g, outcome.trace.violated)).map((g) => g.id) : [],
    coverage: simulation.coverage(),
    notable: simulation.notable(),
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

// What happens at all: for every action and every case of it, a run from an initial state of some profile that ends with it.
// Random runs come first, if there is somebody to make them; what they do not meet is searched for. Every run that is found
// counts for all that happens along it.
// Leaves out: that what is not found does not exist.

import type { Assumption, Profile } from '../model/invariant.ts'
import type { Action, Case, System } from '../model/system.ts'
import type { SystemTheorem } from './claim.ts'
import { Questions } from './explore.ts'
import type { Searches } from './investigate.ts'
import type { Run } from './path.ts'
import type { CaseCoverage, CoverageRecord } from './record.ts'

/** Questions for one case under one profile. */
const MOST = 60
const TOGETHER = 4

/** Random runs of a system under a profile: the length of a run that ends with the case, of those that were met. */
export type RandomRuns = (
  about: Pick<SystemTheorem, 'system' | 'sampler' | 'guide'>,
  profile: Profile,
  seed: number,
) => Promise<ReadonlyMap<Case, number>>

export class Coverage {
  private readonly searches: Searches
  private readonly runs: RandomRuns | undefined
  private readonly seed: number
  private readonly theorems: readonly SystemTheorem[]
  private readonly known = new Map<System, Promise<CoverageRecord>>()

  constructor(theorems: readonly SystemTheorem[], searches: Searches, seed: number, runs?: RandomRuns) {
    this.theorems = theorems
    this.searches = searches
    this.seed = seed
    this.runs = runs
  }

  get systems(): readonly System[] {
    return [...new Set(this.theorems.map((t) => t.system))]
  }
  of(system: System): Promise<CoverageRecord> {
    const known = this.known.get(system) ?? this.explore(system)
    this.known.set(system, known)
    return known
  }

  private async explore(system: System): Promise<CoverageRecord> {
    const about = this.theorems.filter((t) => t.system === system)
    const profiles = distinct([...about.map((t) => t.profile), ...about.flatMap((t) => t.profiles)])
    const never = Object.assign({}, ...about.map((t) => t.never)) as Readonly<Record<string, string>>
    const reached = new Map<Case, CaseCoverage['reached']>()
    const learn = ({ steps }: Run, profile: Profile): void => {
      for (const [n, step] of steps.entries()) {
        const known = reached.get(step.case)
        if (known !== undefined && known.steps <= n + 1) continue
        reached.set(step.case, {
          steps: n + 1,
          by: steps.slice(0, n).map((s) => s.action.name),
          under: unlike(profile, profiles[0]!),
        })
      }
    }
    const open = () =>
      system.actions
        .flatMap((action) => action.cases.map((taken) => ({ action, taken })))
        .filter(({ action, taken }) => reasonFor(action, taken, never) === undefined && !reached.has(taken))
    for (const profile of profiles) {
      if (open().length === 0) break
      for (const [taken, steps] of (await this.runs?.(about[0]!, profile, this.seed)) ?? [])
        if (!reached.has(taken)) reached.set(taken, { steps, by: [], seed: this.seed, under: unlike(profile, profiles[0]!) })
    }
    // Where random runs are guided, a search would take long for what they do not meet: it is for actions that none of them took.
    const isGuided = about.some((t) => t.guide !== undefined) && reached.size > 0
    const wasTaken = (action: Action): boolean => action.cases.some((c) => reached.has(c))
    for (const profile of profiles) {
      const search = this.searches.of({ system, profile })
      const wanted = open().filter(({ action }) => !(isGuided && wasTaken(action)))
      const seek = async ({ action, taken }: (typeof wanted)[number]): Promise<void> => {
        if (reached.has(taken)) return
        const found = await search.ending(action, taken, new Questions(MOST))
        if (found.kind === 'run') learn(found.run, profile)
      }
      for (let n = 0; n < wanted.length; n += TOGETHER) await Promise.all(wanted.slice(n, n + TOGETHER).map(seek))
    }
    const actions = system.actions.map((action) => ({
      action: action.name,
      actor: action.actor,
      at: action.at,
      cases: action.cases.map((taken): CaseCoverage => {
        const [found, reason] = [reached.get(taken), reasonFor(action, taken, never)]
        return {
          case: taken.name,
          ...(found === undefined ? {} : { reached: found }),
          ...(reason === undefined ? {} : { never: reason }),
        }
      }),
    }))
    return { system: system.name, profiles: profiles.length, actions }
  }
}

/** Actions that nobody saw happen and nobody said would not. */
export const impossibleActions = ({ actions }: CoverageRecord): string[] =>
  actions.flatMap(({ action, cases }) => (cases.every((c) => c.reached === undefined && c.never === undefined) ? [action] : []))

const reasonFor = (action: Action, taken: Case, never: Readonly<Record<string, string>>): string | undefined =>
  never[`${action.name}/${taken.name}`] ?? never[action.name]

function distinct(profiles: readonly Profile[]): Profile[] {
  const byTerms = new Map(profiles.map((p) => [p.map((a) => a.term.id).join(), p]))
  return [...byTerms.values()]
}
/** What the profile assumes besides the usual one, and what it does not assume. */
function unlike(profile: Profile, usual: Profile): string[] {
  const others = (p: Profile, q: Profile) => p.filter((a) => !q.some((u) => Object.is(u.term, a.term)))
  if (profile.length === 0 && usual.length > 0) return ['without assumptions']
  const denied = (a: Assumption) => profile.some((p) => Object.is(p.term, a.term.not()))
  return [
    ...others(profile, usual).map((a) => a.name),
    ...others(usual, profile).flatMap((a) => (denied(a) ? [] : [`without ${a.name}`])),
  ]
}

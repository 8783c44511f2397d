// Bounded search for a run from an initial state that breaks a statement: the shortest paths first, and among them those whose
// steps work towards what the statement speaks of. A step that changes nothing that a later one or the statement reads is left
// out, and of two orders of steps that do not see each other one is tried.
// Leaves out: completeness. Finding nothing says nothing.

import type { InvariantConjunct, Profile } from '../model/invariant.ts'
import type { Action, Case, System, Variable } from '../model/system.ts'
import { bool } from '../model/term.ts'
import { type Asker, findRun, type Found, mayHappen, Questions } from './explore.ts'
import { areIndependent, coneOf, footprintOf, meets, stateOf, usefulness, writersOf } from './footprint.ts'
import type { Watched } from './induction.ts'
import { Path, type Run } from './path.ts'
import { regress } from './regress.ts'
import { Start } from './start.ts'

/** Steps before the action that breaks the statement. */
const DEEPEST = 4
/** Questions at a time, so that solvers are busy; the first answer in order counts. */
const TOGETHER = 4
/** The share of what is left that one depth may use. */
const SHARE = 0.5
/** After all paths of one step before the last, the search goes backwards for a while. */
const NEAR = 1
const FAR_SHARE = 0.7
const LONGEST_BEGINNING = 2
const MOST_SHORTENING = 30
/** Paths that are extended, of one length. */
const WIDEST = 120

export type Searched = Exclude<Found, { kind: 'none' | 'unknown' }> | { readonly kind: 'none'; readonly depth: number }

/** All that is found out about the runs of a system under a profile. */
export class Search {
  readonly root: Path
  private readonly system: System
  private readonly profile: Profile
  private readonly writers: ReadonlyMap<Variable, number>
  private readonly asker: Asker
  private readonly children = new Map<Path, Map<Action, Path>>()
  private begun: Promise<Path> | undefined
  private started: Promise<Found> | undefined
  private readonly possible = new Map<Path, Promise<boolean>>()

  constructor(system: System, profile: Profile, asker: Asker) {
    this.root = Path.from(new Start(system, profile))
    this.system = system
    this.profile = profile
    this.writers = writersOf(system.actions)
    this.asker = asker
  }

  /**
   * @param last the action that breaks the statement; undefined: any.
   * @param conjuncts what may be taken to hold before the break: breaks of these are sought apart.
   */
  async breaking(
    target: Watched,
    last: Action | undefined,
    conjuncts: readonly InvariantConjunct[],
    budget: Questions,
  ): Promise<Searched> {
    const found = await this.breakingSomehow(target, last, conjuncts, budget)
    return found.kind === 'run' ? { kind: 'run', run: await this.shortened(found.run, target) } : found
  }

  /** Without the steps that it does not need. */
  private async shortened(run: Run, target: Watched): Promise<Run> {
    const budget = new Questions(MOST_SHORTENING)
    let best = run
    for (let n = run.steps.length - 2; n >= 0 && budget.left > 0; n--) {
      const fewer = best.steps.filter((_, i) => i !== n).map((s) => s.action)
      const path = fewer.reduce((before, a) => this.child(before, a), this.root)
      const found = await findRun(path, target, this.asker, budget)
      if (found.kind === 'run') best = found.run
    }
    return best
  }

  private async breakingSomehow(
    target: Watched,
    last: Action | undefined,
    conjuncts: readonly InvariantConjunct[],
    budget: Questions,
  ): Promise<Searched> {
    const needed = stateOf([target.term])
    if (last !== undefined) for (const v of footprintOf(last).reads) needed.add(v)
    const cone = coneOf(needed, this.system.actions)
    let level: readonly Path[] = [this.root]
    for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
      const share = new Questions(Math.ceil(budget.left * SHARE))
      budget.left -= share.left
      const useful = this.ranked(level, needed).map((path) => (last === undefined ? path : this.child(path, last)))
      const found = await this.first(useful, target, share)
      budget.left += Math.max(0, share.left)
      if (found !== undefined) return found
      if (depth === NEAR) {
        const { system, profile, asker } = this
        const base = await this.beginning(budget)
        const far = new Questions(Math.ceil(budget.left * FAR_SHARE))
        budget.left -= far.left
        const led = await regress({ system, profile, conjuncts, target, last }, base, asker, far)
        budget.left += Math.max(0, far.left)
        if (led.kind === 'run' || led.kind === 'differs') return led
      }
      if (budget.left <= 0) return { kind: 'none', depth }
      if (depth < DEEPEST) level = await this.longer(level, cone, budget)
    }
    return { kind: 'none', depth: DEEPEST }
  }

  /** An initial state that breaks the statement. */
  async initially(target: Watched, budget: Questions): Promise<Searched> {
    return (await this.first([this.root], target, budget)) ?? { kind: 'none', depth: 0 }
  }

  /** A run that ends with the action going this way. */
  async ending(action: Action, taken: Case, budget: Questions): Promise<Found> {
    const base = await this.beginning(budget)
    const target: Watched = { members: [], term: bool(false) }
    for (const path of base.length === 0 ? [base] : [this.root, base]) {
      const found = await findRun(path.followedBy(action, { taken }), undefined, this.asker, budget)
      if (found.kind === 'run' || found.kind === 'differs') return found
    }
    // Not even from a state that nobody has to reach.
    const { system, profile } = this
    const anywhere = Path.from(new Start(system, profile, [])).followedBy(action, { taken })
    if (!(await mayHappen(anywhere, this.asker, budget))) return { kind: 'none' }
    return regress({ system, profile, conjuncts: [], target, last: action, taken }, base, this.asker, budget)
  }

  /** Whether there is an initial state. */
  start(): Promise<Found> {
    this.started ??= findRun(this.root, undefined, this.asker, new Questions(MOST_SHORTENING))
    return this.started
  }

  child(path: Path, action: Action): Path {
    const of = this.children.get(path) ?? new Map<Action, Path>()
    this.children.set(path, of)
    const known = of.get(action) ?? path.followedBy(action)
    of.set(action, known)
    return known
  }

  /** Some initial state may have a run along the path. */
  isPossible(path: Path, budget: Questions): Promise<boolean> {
    const known = this.possible.get(path) ?? mayHappen(path, this.asker, budget)
    this.possible.set(path, known)
    return known
  }

  /** What every run has to begin with. */
  private beginning(budget: Questions): Promise<Path> {
    this.begun ??= this.forced(budget)
    return this.begun
  }
  private async forced(budget: Questions): Promise<Path> {
    let path = this.root
    for (let n = 0; n < LONGEST_BEGINNING; n++) {
      const possible: Path[] = []
      for (const action of this.system.actions) {
        const next = this.child(path, action)
        if (possible.length < 2 && (await this.isPossible(next, budget))) possible.push(next)
      }
      if (possible.length !== 1) break
      path = possible[0]!
    }
    return path
  }

  private ranked(paths: readonly Path[], needed: ReadonlySet<Variable>): Path[] {
    const scored = paths.map((path) => ({ path, score: usefulness(actionsOf(path), needed, this.writers) }))
    const useful = scored.filter((s): s is { path: Path; score: number } => s.path.length === 0 || s.score !== undefined)
    return useful.sort((a, b) => b.score - a.score).map((s) => s.path)
  }

  private async first(paths: readonly Path[], target: Watched, budget: Questions): Promise<Searched | undefined> {
    for (let n = 0; n < paths.length && budget.left > 0; n += TOGETHER) {
      const answers = await Promise.all(paths.slice(n, n + TOGETHER).map((p) => findRun(p, target, this.asker, budget)))
      const found = answers.find((a): a is { kind: 'run'; run: Run } => a.kind === 'run')
      const differs = answers.find((a) => a.kind === 'differs')
      if (found !== undefined) return found
      if (differs?.kind === 'differs') return differs
    }
    return undefined
  }

  /** Paths that are one step longer and possible. */
  private async longer(paths: readonly Path[], cone: ReadonlySet<Variable>, budget: Questions): Promise<Path[]> {
    const working = this.system.actions.filter((a) => meets(footprintOf(a).writes, cone))
    const longer = paths.flatMap((path) =>
      working.filter((a) => isInOrder(path, a, this.system.actions)).map((a) => this.child(path, a)),
    )
    const wanted = new Map(longer.map((path) => [path, usefulness(actionsOf(path), cone, this.writers) ?? 0]))
    longer.sort((a, b) => wanted.get(b)! - wanted.get(a)!)
    const out: Path[] = []
    for (let n = 0; n < longer.length && out.length < WIDEST && budget.left > 0; n += TOGETHER) {
      const some = longer.slice(n, n + TOGETHER)
      const possible = await Promise.all(some.map((path) => this.isPossible(path, budget)))
      out.push(...some.filter((_, i) => possible[i]))
    }
    return out
  }
}

const actionsOf = (path: Path): Action[] => path.steps.map((s) => s.action!)

function isInOrder({ action: last }: Path, next: Action, actions: readonly Action[]): boolean {
  return last === undefined || actions.indexOf(last) <= actions.indexOf(next) || !areIndependent(last, next)
}

// Random runs of a system in search of a state that breaks what is claimed. A run is cut into stretches that begin anew, short
// ones and long ones, with constants of their own or where something rare happened. The same seed gives the same steps.

import type { Choice, Sampler } from '../../model/sampler.ts'
import { Adversary } from './adversary.ts'
import { type CompiledAction, CompiledSystem, type CompiledStatement, type SimulatedSystem } from './compiled.ts'
import { confirm } from './confirm.ts'
import { Finds } from './finds.ts'
import { termsOf } from './layout.ts'
import type { Snapshot } from './machine.ts'
import { Pools } from './pools.ts'
import { Random } from './random.ts'
import type { ActionCoverage, NotableCount, Outcome } from './record.ts'
import { Shrinker } from './shrink.ts'
import { Starter } from './start.ts'
import { perform, recorded, type Run, type Step } from './trace.ts'

/** Steps between two beginnings; one is picked at random. */
const STRETCHES = [10, 30, 30, 100, 100, 300, 1000, 3000]
/** All statements are evaluated after so many steps, whatever changed. */
const SAFETY = 500
/** How often a stretch begins where a rare case was taken. */
const RETURNS = 0.5
/** A stretch ends when fewer of its latest steps than this change anything. */
const DULL = 0.2
/** Beginnings from which nothing is possible before the search gives up. */
const DEAD_ENDS = 100

export class Simulation {
  steps = 0
  private readonly compiled: CompiledSystem
  private readonly adversary: Adversary
  private readonly starter: Starter
  private readonly finds: Finds
  private readonly random: Random
  private start: Snapshot | undefined
  private stretch: Step[] = []
  private left = 0
  private liveliness = 1
  private deadEnds = 0
  private readonly noted = new Map<string, number>()
  /** By action and case: the length of the first run that ended with it. */
  private readonly firsts: Map<string, number>[]

  /** @throws TypeError when the system cannot be compiled. */
  constructor(subject: SimulatedSystem, seed: number, sampler?: Sampler) {
    this.random = new Random(seed)
    this.compiled = new CompiledSystem(subject, this.random)
    const terms = [...termsOf(subject.system, subject.invariant), ...subject.profile]
    const pools = new Pools(this.compiled.machine, terms, this.random)
    this.adversary = new Adversary(this.compiled, pools, this.random)
    this.finds = new Finds(this.adversary.taken, this.random)
    this.starter = new Starter(this.compiled, pools, this.random, sampler)
    this.firsts = this.compiled.actions.map(() => new Map())
  }

  /** Takes up to `steps` more steps; what ends the search, if anything does. */
  advance(steps: number): Outcome | undefined {
    const { compiled, adversary } = this
    for (const end = this.steps + steps; this.steps < end; ) {
      if (this.left <= 0) {
        const outcome = this.begin()
        if (outcome !== undefined) return outcome
      }
      const chosen = adversary.choose()
      if (chosen === undefined) {
        this.left = 0
        if (this.stretch.length > 0) this.deadEnds = 0
        else if (++this.deadEnds > DEAD_ENDS) return { kind: 'dead end' }
        continue
      }
      const action = compiled.actions[chosen]!
      this.stretch.push(recorded(compiled, chosen, action))
      this.note(action)
      const taken = perform(compiled, action)
      const { changed } = compiled.machine
      const of = this.firsts[chosen]!
      const name = action.action.cases[taken]!.name
      if (!of.has(name)) of.set(name, this.stretch.length)
      adversary.note(chosen, taken, changed)
      this.steps++
      this.left--
      this.liveliness = 0.95 * this.liveliness + 0.05 * Math.min(changed, 1)
      if (this.liveliness < DULL || adversary.isSpent) this.left = 0
      const isThorough = this.left === 0 || this.stretch.length % SAFETY === 0
      const broken = this.firstBroken(isThorough ? holdsEverywhere : this.stillHolds)
      compiled.machine.settle()
      if (broken !== undefined) return this.violation(broken)
      if (this.finds.isWorthwhile(chosen, taken, this.stretch.length)) {
        const run = { start: this.start!, steps: [...this.stretch] }
        this.finds.keep(chosen, taken, { run, state: compiled.machine.snapshot() })
      }
    }
    return undefined
  }

  coverage(): ActionCoverage[] {
    return this.compiled.actions.map(({ action }, i) => ({
      action: action.name,
      cases: action.cases.map(({ name }, k) => ({ name, taken: this.adversary.taken[i]![k]! })),
    }))
  }

  /** How often the things happened that the guide counts. */
  notable(): NotableCount[] {
    return [...this.noted].map(([what, times]) => ({ what, times }))
  }
  private note({ action, places }: CompiledAction): void {
    const { subject, now, machine } = this.compiled
    const notable = subject.guide?.notable[action.name]
    if (notable === undefined) return
    const chosen: Choice = Object.fromEntries(action.parameters.map(({ name }, k) => [name, machine.get(places[k]!)]))
    for (const what of notable(now, chosen)) this.noted.set(what, (this.noted.get(what) ?? 0) + 1)
  }

  /** How long the first run was that ended with a case of an action, counted from its initial state. */
  firstTaken(action: number, taken: string): number | undefined {
    return this.firsts[action]!.get(taken)
  }

  private begin(): Outcome | undefined {
    this.left = this.random.pick(STRETCHES)
    this.liveliness = 1
    this.adversary.begin()
    const find = this.random.chance(RETURNS) ? this.finds.pick() : undefined
    if (find !== undefined) {
      this.start = find.run.start
      this.stretch = [...find.run.steps]
      this.compiled.machine.restore(find.state)
      this.compiled.count()
      return undefined
    }
    const result = this.starter.next()
    if (result.kind === 'no start') return result
    this.start = this.compiled.machine.snapshot()
    this.stretch = []
    const broken = this.firstBroken(holdsEverywhere)
    return broken === undefined ? undefined : this.violation(broken)
  }

  private firstBroken(holds: (statement: CompiledStatement) => boolean): number | undefined {
    const n = this.compiled.invariant.findIndex((s) => !holds(s))
    return n < 0 ? undefined : n
  }
  private readonly stillHolds = (s: CompiledStatement): boolean => this.compiled.stillHolds(s)

  private violation(conjunct: number): Outcome {
    const run: Run = { start: this.start!, steps: this.stretch }
    const small = new Shrinker(this.compiled, conjunct, (...of) => this.adversary.again(...of), this.random).shrink(run)
    const confirmed = confirm(this.compiled, small, conjunct)
    if (confirmed.kind === 'disagreement') return confirmed
    this.left = 0
    return { kind: 'violated', trace: confirmed.trace, found: this.steps, length: run.steps.length }
  }
}
const holdsEverywhere = (s: CompiledStatement): boolean => s.holds()

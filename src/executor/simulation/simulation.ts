// Random runs of a system in search of a state that breaks what is claimed. A run is cut into stretches that begin anew, short
// ones and long ones, with constants of their own. The same seed gives the same steps.

import type { Sampler } from '../../model/sampler.ts'
import { Adversary } from './adversary.ts'
import { CompiledSystem, type CompiledStatement, type SimulatedSystem } from './compiled.ts'
import { confirm } from './confirm.ts'
import { termsOf } from './layout.ts'
import type { Snapshot } from './machine.ts'
import { Pools } from './pools.ts'
import { Random } from './random.ts'
import type { ActionCoverage, Outcome } from './record.ts'
import { Shrinker } from './shrink.ts'
import { Starter } from './start.ts'
import { perform, recorded, type Run, type Step } from './trace.ts'

/** Steps between two beginnings; one is picked at random. */
const STRETCHES = [10, 30, 30, 100, 100, 300, 1000, 3000]
/** All statements are evaluated after so many steps, whatever changed. */
const SAFETY = 500
/** Beginnings from which nothing is possible before the search gives up. */
const DEAD_ENDS = 100

export class Simulation {
  steps = 0
  private readonly compiled: CompiledSystem
  private readonly adversary: Adversary
  private readonly starter: Starter
  private readonly random: Random
  private start: Snapshot | undefined
  private stretch: Step[] = []
  private left = 0
  private deadEnds = 0

  /** @throws TypeError when the system cannot be compiled. */
  constructor(subject: SimulatedSystem, seed: number, sampler?: Sampler) {
    this.random = new Random(seed)
    this.compiled = new CompiledSystem(subject, this.random)
    const terms = [...termsOf(subject.system, subject.invariant), ...subject.profile]
    const pools = new Pools(this.compiled.machine, terms, this.random)
    this.adversary = new Adversary(this.compiled, pools, this.random)
    this.starter = new Starter(this.compiled, pools, this.random, sampler)
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
      adversary.note(chosen, perform(compiled, action))
      this.steps++
      this.left--
      const isThorough = this.left === 0 || this.stretch.length % SAFETY === 0
      const broken = this.firstBroken(isThorough ? holdsEverywhere : this.stillHolds)
      compiled.machine.settle()
      if (broken !== undefined) return this.violation(broken)
    }
    return undefined
  }

  coverage(): ActionCoverage[] {
    return this.compiled.actions.map(({ action }, i) => ({
      action: action.name,
      cases: action.cases.map(({ name }, k) => ({ name, taken: this.adversary.taken[i]![k]! })),
    }))
  }

  private begin(): Outcome | undefined {
    const result = this.starter.next()
    if (result.kind === 'no start') return result
    this.start = this.compiled.machine.snapshot()
    this.stretch = []
    this.left = this.random.pick(STRETCHES)
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
    const small = new Shrinker(this.compiled, conjunct).shrink(run)
    const confirmed = confirm(this.compiled, small, conjunct)
    if (confirmed.kind === 'disagreement') return confirmed
    this.left = 0
    return { kind: 'violated', trace: confirmed.trace, found: this.steps, length: run.steps.length }
  }
}
const holdsEverywhere = (s: CompiledStatement): boolean => s.holds()

// A random adversary: which action it tries, with which parameters. It prefers actions that have been possible lately, that
// matter to what is claimed, and cases that have been rare; parameters come from the pools and are made to fit the guard.

import { effectsOf, type Variable, variableOf } from '../../model/system.ts'
import { sizeOf, variables } from '../../model/traverse.ts'
import type { CompiledAction, CompiledSystem } from './compiled.ts'
import { KEY_LIMBS } from './keys.ts'
import { limbsOfWidth, type Place } from './layout.ts'
import type { Pools } from './pools.ts'
import type { Random } from './random.ts'

/** Actions tried before the state counts as a dead end. */
const ATTEMPTS = 400
const PARAMETERS = 3
const REPAIRS = 2
/** Choices between two looks at what has been rare. */
const PERIOD = 64
const MOST_ENTRIES = 5
const OMITTED = 0.3
/** How often what the guide suggests is tried, and how often a stretch prefers what it prefers. */
const SUGGESTED = 0.8
const LED = 0.8
/** How often a step of such a stretch is one that leads on. */
const ONWARD = 0.85
/** What then becomes of the weights of all other actions. */
const ELSE = 0.02

export class Adversary {
  /** How often each case of each action was taken. */
  readonly taken: readonly number[][]
  private readonly compiled: CompiledSystem
  private readonly pools: Pools
  private readonly random: Random
  private readonly interest: readonly number[]
  /** How often an action was possible lately and in the long run, how many variables it changed, its share of the steps. */
  private readonly luck: number[]
  private readonly odds: number[]
  private readonly breadth: number[]
  private readonly share: number[]
  private readonly recent: number[]
  /** Weights of this stretch alone. */
  private readonly mood: number[]
  private readonly cost: readonly number[]
  private readonly preferred: readonly (readonly [number, number])[]
  private readonly sums: Float64Array
  private readonly numbers: ReadonlyMap<string, number>
  private isLed = false
  private isOver = false
  private until = 0

  constructor(compiled: CompiledSystem, pools: Pools, random: Random) {
    this.compiled = compiled
    this.pools = pools
    this.random = random
    this.taken = compiled.actions.map(({ action }) => action.cases.map(() => 0))
    this.interest = interestOf(compiled)
    this.luck = compiled.actions.map(() => 1)
    this.odds = compiled.actions.map(() => 1)
    this.breadth = compiled.actions.map(() => 1)
    this.share = compiled.actions.map(() => 0)
    this.recent = compiled.actions.map(() => 0)
    this.mood = compiled.actions.map(() => 1)
    this.cost = compiled.actions.map(({ action }) => sizeOf([action.guard, ...action.everywhere.map((q) => q.term)]))
    const weights = compiled.subject.guide?.preferred ?? {}
    this.preferred = compiled.actions.flatMap(({ action }, n) => {
      const weight = weights[action.name]
      return weight === undefined ? [] : [[n, weight] as const]
    })
    this.sums = new Float64Array(compiled.actions.length)
    this.numbers = new Map(compiled.actions.map(({ action }, n) => [action.name, n]))
  }

  /** Puts parameters of some action into the machine and returns its number; undefined when nothing seems possible. */
  choose(): number | undefined {
    for (const n of this.onward()) if (this.attempt(n)) return n
    for (let i = 0; i < ATTEMPTS; i++) {
      const n = this.pick()
      if (this.attempt(n)) return n
    }
    return undefined
  }
  private attempt(n: number): boolean {
    const action = this.compiled.actions[n]!
    const isPossible = action.possible() && this.parameters(n, action)
    if (isPossible) action.compute()
    this.luck[n] = 0.9 * this.luck[n]! + (isPossible ? 0.1 : 0)
    this.odds[n] = 0.995 * this.odds[n]! + (isPossible ? 0.005 : 0)
    return isPossible
  }
  private onward(): readonly number[] {
    const { now, subject } = this.compiled
    if (subject.guide === undefined || !this.isLed || !this.random.chance(ONWARD)) return []
    const names = subject.guide.onward(now, this.random)
    this.isOver = names === undefined
    return (names ?? []).flatMap((name) => this.numbers.get(name) ?? [])
  }
  /**
   * A stretch of steps begins. Each leaves out some actions and makes others rare: what undoes the work of others (a reset, an
   * INIT) would otherwise be part of every stretch (Groce et al., "Swarm testing", ISSTA 2012).
   */
  begin(): void {
    const { random } = this
    for (const n of this.mood.keys()) this.mood[n] = random.chance(OMITTED) ? 0 : 10 ** (-random.below(200) / 100)
    this.isLed = this.preferred.length > 0 && random.chance(LED)
    this.isOver = false
    if (this.isLed) {
      for (const n of this.mood.keys()) this.mood[n]! *= ELSE
      for (const [n, weight] of this.preferred) this.mood[n] = weight
    }
    for (const [n, odds] of this.odds.entries()) this.luck[n] = odds
    this.weigh()
  }
  /** Nothing more comes of this stretch, says the guide. */
  get isSpent(): boolean {
    return this.isOver
  }
  note(action: number, taken: number, changed: number): void {
    this.taken[action]![taken]!++
    this.recent[action]!++
    this.breadth[action] = 0.98 * this.breadth[action]! + 0.02 * changed
  }

  private pick(): number {
    if (this.until-- <= 0) this.weigh()
    const { sums } = this
    const at = ((this.random.next() >>> 0) / 2 ** 32) * sums[sums.length - 1]!
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! > at) high = middle
      else low = middle + 1
    }
    return low
  }
  private weigh(): void {
    this.until = PERIOD
    let sum = 0
    for (const [n, counts] of this.taken.entries()) {
      this.share[n] = 0.9 * this.share[n]! + (0.1 * this.recent[n]!) / PERIOD
      this.recent[n] = 0
      const rarest = Math.min(...counts)
      // Large conditions cost too much to be tried in vain often.
      const luck = this.luck[n]! + 0.05 / (1 + this.cost[n]! / 500)
      const worth = this.interest[n]! * luck * gentleness(this.breadth[n]!) * (1 + 4 / (1 + Math.sqrt(rarest)))
      sum += (this.mood[n]! * worth) / (1 + 2 * this.share[n]! * this.taken.length)
      this.sums[n] = sum
    }
  }

  private parameters(n: number, action: CompiledAction): boolean {
    const { random } = this
    const { places, enabled, aim, aimAt } = action
    if (places.length === 0) return enabled()
    for (let i = 0; i < PARAMETERS; i++) {
      for (let k = 0; k < places.length; k++) if (!action.computed.has(places[k]!)) this.fill(action, k, places[k]!)
      const isSuggested = this.suggest(action)
      // Now and then a case that has been rare is aimed at, now and then nothing is.
      const target = !isSuggested && aimAt.length > 1 && random.chance(0.4) ? this.rareCase(n) : undefined
      if (target === undefined && enabled()) return true
      const repair = target === undefined ? aim : aimAt[target]!
      for (let k = 0; k < REPAIRS; k++) {
        repair()
        if (enabled()) return true
      }
    }
    return false
  }
  /** Other parameters for an action, aimed at a case. */
  again(action: CompiledAction, taken: number): void {
    for (const [k, place] of action.places.entries()) this.fill(action, k, place)
    for (let k = 0; k < REPAIRS; k++) action.aimAt[taken]!()
  }
  private suggest({ action, places }: CompiledAction): boolean {
    const { machine, subject, now } = this.compiled
    const suggestion = subject.guide?.suggested[action.name]
    if (suggestion === undefined || !this.random.chance(SUGGESTED)) return false
    const chosen = suggestion(now, this.random)
    if (chosen === undefined) return false
    for (const [k, { name }] of action.parameters.entries()) {
      const [value, place] = [chosen[name], places[k]!]
      if (value === undefined) continue
      if (place.kind === 'table') machine.spaces[place.space!]!.clear()
      machine.set(place, value)
    }
    return true
  }
  private rareCase(n: number): number {
    const counts = this.taken[n]!
    const [a, b] = [this.random.below(counts.length), this.random.below(counts.length)]
    return counts[a]! <= counts[b]! ? a : b
  }

  private fill({ action }: CompiledAction, n: number, place: Place): void {
    const { machine, layout } = this.compiled
    const { random, pools } = this
    if (place.kind === 'table') {
      const space = machine.spaces[place.space!]!
      const column = machine.columns[place.number]!
      space.clear()
      if (random.chance(0.2)) pools.fill(column.values, 0, place.width)
      const index = new Int32Array(KEY_LIMBS)
      for (let i = random.below(MOST_ENTRIES); i > 0; i--) {
        pools.fill(index, 0, place.index)
        const entry = space.mention(index[0]!, index[1]!, index[2]!, index[3]!)
        pools.fill(column.values, column.limbs * entry, place.width)
      }
      return
    }
    const { domain } = action.parameters[n]!
    if (domain === undefined || (domain.count === undefined && random.chance(0.4))) pools.fill(machine.S, place.slot, place.width)
    else {
      const key = this.compiled.identifier(layout.domainOf(domain).number)
      for (let k = 0; k < limbsOfWidth(place.width); k++) machine.S[place.slot + k] = key[k]!
    }
  }
}

/** Steps that change nothing lead nowhere; those that change most of the state (a reset) undo what led to it. */
const gentleness = (breadth: number): number => (breadth < 1 ? 0.1 + 0.9 * breadth : 1 / (1 + (breadth / 8) ** 2))

/** Actions that change what the claims read count most, then those that change what decides about such actions. */
function interestOf({ subject, actions }: CompiledSystem): number[] {
  const near = new Set<Variable>()
  const add = (to: Set<Variable>, terms: Parameters<typeof variables>[0]) => {
    for (const t of variables(terms)) {
      const v = variableOf(t)
      if (v !== undefined) to.add(v)
    }
  }
  add(
    near,
    subject.invariant.map((q) => q.term),
  )
  const changes = actions.map(({ action }) => new Set<Variable>(effectsOf(action).map((e) => e.variable)))
  const touches = (n: number, of: ReadonlySet<Variable>) => [...changes[n]!].some((v) => of.has(v))
  const far = new Set<Variable>()
  for (const [n, { action }] of actions.entries()) {
    if (!touches(n, near)) continue
    add(far, [action.guard, ...action.everywhere.map((q) => q.term)])
    for (const e of effectsOf(action)) add(far, [e.when, e.value])
  }
  return actions.map((_, n) => (touches(n, near) ? 4 : touches(n, far) ? 2 : 1))
}

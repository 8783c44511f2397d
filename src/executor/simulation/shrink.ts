// A violation made small: steps dropped, parameters and the first state brought towards false and 0, as long as the same
// conjunct still falls. Works on generated code; what is left is confirmed by the exact evaluation (confirm.ts).

import type { Chance } from '../../model/sampler.ts'
import { ArrayValue, defaultValue, type Value } from '../../model/evaluate.ts'
import type { CompiledAction, CompiledSystem } from './compiled.ts'
import { limbsOfWidth, type Place } from './layout.ts'
import type { Snapshot } from './machine.ts'
import { choose, perform, recorded, type Run, type Step } from './trace.ts'

const MOST_ROUNDS = 6
/** Runs of at most so many steps are tried with a step less and other parameters, so often. */
const SHORT = 10
const TRIES = 150

/** Puts other parameters of an action, aimed at a case, into the machine. */
export type Again = (action: CompiledAction, taken: number) => void

export class Shrinker {
  private readonly compiled: CompiledSystem
  private readonly again: Again
  private readonly random: Chance
  private readonly holds: () => boolean

  /** @param conjunct number of the statement that fell. */
  constructor(compiled: CompiledSystem, conjunct: number, again: Again, random: Chance) {
    this.compiled = compiled
    this.again = again
    this.random = random
    this.holds = compiled.invariant[conjunct]!.holds
  }

  shrink(run: Run): Run {
    let best = this.replay(run) ?? run
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = best
      best = this.simplerStart(this.simplerParameters(this.otherwise(this.fewerSteps(best))))
      if (best === before) break
    }
    return best
  }

  /** The steps that happen, up to the violation; undefined when there is none. Steps that are not possible are left out. */
  replay({ start, steps }: Run, change?: (action: CompiledAction) => void): Run | undefined {
    const { compiled } = this
    compiled.machine.restore(start)
    compiled.count()
    const happened: Step[] = []
    if (!this.holds()) return { start, steps: happened }
    for (const step of steps) {
      const action = compiled.actions[step.action]!
      choose(compiled, step)
      change?.(action)
      if (!action.enabled()) continue
      action.compute()
      happened.push(change === undefined ? step : recorded(compiled, step.action, action))
      perform(compiled, action)
      if (!this.holds()) return { start, steps: happened }
    }
    return undefined
  }

  private fewerSteps(run: Run): Run {
    let best = run
    for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let end = best.steps.length; end > 0; end -= size) {
        const [from, to] = [Math.max(0, end - size), Math.min(end, best.steps.length)]
        if (from >= to) continue
        const found = this.replay({ start: best.start, steps: [...best.steps.slice(0, from), ...best.steps.slice(to)] })
        if (found !== undefined) best = found
      }
    return best
  }

  /** The same actions but one, some with other parameters: a step may only be there to make up for a value of another. */
  private otherwise(run: Run): Run {
    let best = run
    for (let omitted = best.steps.length - 1; omitted >= 0; omitted--) {
      if (best.steps.length > SHORT) return best
      const steps = best.steps.filter((_, i) => i !== omitted)
      for (let i = 0; i < TRIES; i++) {
        const found = this.replay({ start: best.start, steps }, (action) => {
          if (this.random.chance(0.5)) this.again(action, this.random.below(action.aimAt.length))
        })
        if (found === undefined) continue
        best = found
        omitted = best.steps.length
        break
      }
    }
    return best
  }

  private simplerParameters(run: Run): Run {
    let best = run
    for (let i = 0; i < best.steps.length; i++) {
      const own = best.steps[i]!.action
      const { action, places, computed } = this.compiled.actions[own]!
      let table = 0
      for (const [n] of action.parameters.entries()) {
        const place = places[n]!
        const number = place.kind === 'table' ? table++ : undefined
        // A simpler run may have lost the step.
        if (best.steps[i]?.action !== own) break
        if (computed.has(place)) continue
        const attempt = (change: (step: Step) => Step): boolean => {
          const before = best.steps[i]
          if (before === undefined) return false
          const found = this.replay({ start: best.start, steps: best.steps.map((s, k) => (k === i ? change(s) : s)) })
          if (found === undefined || found.steps.length > best.steps.length) return false
          best = found
          return true
        }
        if (number === undefined) this.simplerNumber(place, () => best.steps[i], attempt)
        else this.simplerTable(best.steps[i]!.tables[number]!, number, place, attempt)
      }
    }
    return best
  }
  /** 0, or else as few bits as possible. */
  private simplerNumber(place: Place, step: () => Step | undefined, attempt: (change: (s: Step) => Step) => boolean): void {
    const at = place.slot - this.compiled.layout.parameters
    const limbs = limbsOfWidth(place.width)
    const numbers = () => step()?.numbers.slice(at, at + limbs) ?? new Int32Array(limbs)
    const put = (value: Int32Array) => (s: Step) => {
      const changed = s.numbers.slice()
      changed.set(value, at)
      return { ...s, numbers: changed }
    }
    if (numbers().every((x) => x === 0) || attempt(put(new Int32Array(limbs)))) return
    for (let bit = 32 * limbs - 1; bit >= 0; bit--) {
      const now = numbers()
      if ((now[bit >> 5]! & (1 << (bit & 31))) === 0) continue
      now[bit >> 5]! &= ~(1 << (bit & 31))
      attempt(put(now))
    }
  }
  private simplerTable(value: Value, n: number, place: Place, attempt: (change: (s: Step) => Step) => boolean): void {
    for (const simpler of simplerTables(value as ArrayValue, place.width))
      if (attempt((s) => ({ ...s, tables: s.tables.map((t, k) => (k === n ? simpler : t)) }))) return
  }

  private simplerStart(run: Run): Run {
    const { layout } = this.compiled
    let best = run
    for (const variable of layout.variables) {
      const place = layout.place(variable)
      for (const value of this.simplerValues(best.start, place)) {
        const start = this.changed(best.start, place, value)
        const found = start === undefined ? undefined : this.replay({ start, steps: best.steps })
        if (found === undefined) continue
        best = found
        break
      }
    }
    return best
  }
  private simplerValues(start: Snapshot, place: Place): Value[] {
    const { machine } = this.compiled
    machine.restore(start)
    const now = machine.get(place)
    if (now instanceof ArrayValue) return simplerTables(now, place.width)
    if (typeof now === 'boolean') return now ? [false] : []
    return [...new Set([0n, 1n, (now as bigint) & 0xfffn, (now as bigint) & ~0xfffn])].filter((v) => v < (now as bigint))
  }
  /** The first state with another value, if it may be one. */
  private changed(start: Snapshot, place: Place, value: Value): Snapshot | undefined {
    const { compiled } = this
    compiled.machine.restore(start)
    compiled.machine.set(place, value)
    if (compiled.count() !== undefined) return undefined
    return compiled.startFailure() === undefined ? compiled.machine.snapshot() : undefined
  }
}

/** Parts of a table that are left out in turn, at most. */
const MOST_PARTS = 64

/** Nothing at all, and without all entries, each half, each quarter, and so on: of a small table, without each entry. */
function simplerTables(value: ArrayValue, width: number): ArrayValue[] {
  const zero = defaultValue(width === 0 ? { kind: 'bool' } : { kind: 'bv', width }) as bigint | boolean
  if (value.entries.size === 0 && value.otherwise === zero) return []
  const all = [...value.entries]
  const without: ArrayValue[] = []
  for (let parts = 1; parts < 2 * Math.min(all.length, MOST_PARTS); parts *= 2) {
    const size = Math.ceil(all.length / parts)
    for (let from = 0; from < all.length; from += size)
      without.push(new ArrayValue(value.otherwise, new Map([...all.slice(0, from), ...all.slice(from + size)])))
  }
  return [new ArrayValue(zero), ...(value.otherwise === zero ? [] : [new ArrayValue(zero, value.entries)]), ...without]
}

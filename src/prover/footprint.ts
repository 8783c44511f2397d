// Which state an action reads and writes: what a search can leave out, and in which order it looks.

import { type Action, effectsOf, type Variable, variableOf } from '../model/system.ts'
import type { Term } from '../model/term.ts'
import { variablesOf } from './induction.ts'

export interface Footprint {
  readonly reads: ReadonlySet<Variable>
  readonly writes: ReadonlySet<Variable>
}

/** State variables of the terms. */
export function stateOf(terms: readonly Term[]): Set<Variable> {
  const found = terms.flatMap((t) => [...variablesOf(t)].flatMap((v) => variableOf(v) ?? []))
  return new Set(found.filter((v) => v.change === 'state'))
}

const footprints = new WeakMap<Action, Footprint>()
export function footprintOf(action: Action): Footprint {
  const known = footprints.get(action)
  if (known !== undefined) return known
  const effects = effectsOf(action)
  const terms = effects.flatMap((e): Term[] => {
    if (e.kind === 'store') return [e.when, e.value, e.index]
    return e.kind === 'block' ? [e.when, e.value, e.first, e.count] : [e.when, e.value]
  })
  const conditions = [action.guard, ...action.everywhere.map((q) => q.term), ...action.cases.map((c) => c.when)]
  const made = { reads: stateOf([...conditions, ...terms]), writes: new Set(effects.map((e) => e.variable)) }
  footprints.set(action, made)
  return made
}

export const meets = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean => [...a].some((x) => b.has(x))
const union = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): Set<T> => new Set([...a, ...b])

/** Neither sees what the other does, so that their order does not matter. */
export function areIndependent(a: Action, b: Action): boolean {
  const [f, g] = [footprintOf(a), footprintOf(b)]
  return !meets(f.writes, union(g.reads, g.writes)) && !meets(g.writes, f.reads)
}

/** All that may have an influence on `needed` by any number of actions. */
export function coneOf(needed: ReadonlySet<Variable>, actions: readonly Action[]): Set<Variable> {
  const cone = new Set(needed)
  for (let size = -1; size !== cone.size; ) {
    size = cone.size
    for (const a of actions) {
      const { reads, writes } = footprintOf(a)
      if (meets(writes, cone)) for (const v of reads) cone.add(v)
    }
  }
  return cone
}

/**
 * How closely the steps work towards what is needed at the end: each step's rarest contribution to what comes after it, summed
 * up. Undefined when a step contributes nothing.
 */
export function usefulness(
  steps: readonly Action[],
  needed: ReadonlySet<Variable>,
  writers: ReadonlyMap<Variable, number>,
): number | undefined {
  let wanted: ReadonlySet<Variable> = needed
  let total = 0
  for (const step of [...steps].reverse()) {
    const { reads, writes } = footprintOf(step)
    const rarest = Math.max(0, ...[...writes].filter((v) => wanted.has(v)).map((v) => 1 / (writers.get(v) ?? 1)))
    if (rarest === 0) return undefined
    total += rarest
    wanted = union(wanted, reads)
  }
  return total / Math.max(1, steps.length)
}

export function writersOf(actions: readonly Action[]): Map<Variable, number> {
  const count = new Map<Variable, number>()
  for (const a of actions) for (const v of footprintOf(a).writes) count.set(v, (count.get(v) ?? 0) + 1)
  return count
}

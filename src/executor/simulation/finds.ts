// States worth coming back to: those in which a case was taken that has been rare, with the run that led there. A search that
// begins anew from such states reaches what a single random run would have to reach in one go (Ecoffet et al., "First return,
// then explore", Nature 590, 2021).

import type { Snapshot } from './machine.ts'
import type { Random } from './random.ts'
import type { Run } from './trace.ts'

export interface Find {
  readonly run: Run
  readonly state: Snapshot
}

/** A case that was taken more often than this is not rare. */
const RARE = 12
/** Runs that are longer are not kept: each step costs when a violation is made small. */
const LONGEST = 400
const CANDIDATES = 3

export class Finds {
  private readonly taken: readonly (readonly number[])[]
  private readonly random: Random
  private readonly byCase = new Map<string, { readonly action: number; readonly case: number; readonly find: Find }>()

  /** @param taken how often each case of each action was taken, kept up to date by its owner. */
  constructor(taken: readonly (readonly number[])[], random: Random) {
    this.taken = taken
    this.random = random
  }

  isWorthwhile(action: number, taken: number, length: number): boolean {
    return length <= LONGEST && this.taken[action]![taken]! <= RARE
  }
  keep(action: number, taken: number, find: Find): void {
    this.byCase.set(`${action}/${taken}`, { action, case: taken, find })
  }
  /** Of a few, the one whose case was rarest; undefined when there is none. */
  pick(): Find | undefined {
    const all = [...this.byCase.values()]
    if (all.length === 0) return undefined
    const some = Array.from({ length: CANDIDATES }, () => this.random.pick(all))
    const count = (f: (typeof all)[number]) => this.taken[f.action]![f.case]!
    return some.reduce((a, b) => (count(b) < count(a) ? b : a)).find
  }
}

// Statements about transition systems: invariants as lists of named conjuncts, the assumptions about constants under which they
// are claimed.
// Leaves out: how they are proved (src/prover/induction.ts).

import { here, type Position } from './position.ts'
import type { Quantified } from './system.ts'
import type { Bool } from './term.ts'

/** One statement of an invariant. It holds initially, and every action keeps it where it and what it rests on hold. */
export interface InvariantConjunct extends Quantified {
  /** The claim that it belongs to. */
  readonly claim: string
  /** Names of the other conjuncts that its proof may use. */
  readonly restsOn: readonly string[]
  readonly at?: Position
}
export type Invariant = readonly InvariantConjunct[]

export const conjunct = (claim: string, statement: Quantified, ...restsOn: readonly string[]): InvariantConjunct => ({
  ...statement,
  claim,
  restsOn,
  at: here(),
})

/** An assumption about constants: a switch that is on, a parameter that has a value. */
export interface Assumption {
  readonly name: string
  readonly term: Bool
}
/** What is assumed of a platform, by name. */
export type Profile = readonly Assumption[]

/** The conjuncts called `names` and all that they rest on, in the invariant's order. @throws Error when one does not exist. */
export function supportOf(invariant: Invariant, names: readonly string[]): InvariantConjunct[] {
  const byName = new Map(invariant.map((c) => [c.name, c]))
  if (byName.size !== invariant.length) throw new Error('two conjuncts of an invariant have one name')
  const found = new Set<InvariantConjunct>()
  const queue = [...names]
  for (const name of queue) {
    const c = byName.get(name)
    if (c === undefined) throw new Error(`the invariant has no conjunct called ${name}`)
    if (found.has(c)) continue
    found.add(c)
    queue.push(...c.restsOn)
  }
  return invariant.filter((c) => found.has(c))
}

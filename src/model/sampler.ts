// Where concrete runs of a system begin: chosen by whoever wrote the system, where values picked at random and made to fit the
// facts would be dull or take too long to find.

import type { Value } from './evaluate.ts'
import type { Domain, Variable } from './system.ts'

/** Seeded random choices. */
export interface Chance {
  /** A whole number from 0 to `n - 1`. */
  below(n: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  bits(width: number): bigint
}

export interface Start {
  /** Constants, and state where the initial conditions leave a choice; what is not named is chosen at random. Tables are ArrayValues. */
  readonly values: ReadonlyMap<Variable, Value>
  /** How many elements counted domains have, where their count is not among the values. */
  readonly sizes?: ReadonlyMap<Domain, number>
}
/** Called once per run; the profile is made to hold after it. */
export type Sampler = (random: Chance) => Start

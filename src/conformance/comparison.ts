// What comes of holding one vector against the model.
//
// Covers: disagreements, differences that a named rule explains, steps that cannot be compared and why.

import type { DifferenceName } from './differences.ts'

export interface Disagreement {
  /** `manual`, or the emulator. */
  readonly with: string
  readonly expected: string
  readonly got: string
}

export interface Comparison {
  readonly disagreements: readonly Disagreement[]
  /** The rules needed, by emulator; an empty list where it agrees with the manual. */
  readonly differences: Readonly<Record<string, readonly DifferenceName[]>>
  /** Steps about which the model says nothing, by reason. Other kinds of vectors have no steps. */
  readonly notComparable?: Readonly<Record<string, number>>
  /** Things compared, where that may be none at all. */
  readonly compared?: number
}

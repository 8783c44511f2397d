// How a system's states, steps and statements are put in words: the names of a manual instead of the model's own.

import type { RunState } from '../model/run.ts'
import type { Action, Case, Domain, Quantified, Variable } from '../model/system.ts'

export interface Wording {
  /** A variable, or one element of a table: `thread 0: SMMMASK`. */
  readonly element: (variable: Variable, index: bigint | undefined, at: RunState) => string
  /** A value that it has: `TVALID, 16 MiB`. Undefined: the number says it. */
  readonly value: (variable: Variable, value: bigint | boolean, at: RunState) => string | undefined
  /** What a step does to it, field by field: `thread 0: SMMMASK.TCLOSE 0 -> 1`. */
  readonly change: (
    variable: Variable,
    index: bigint | undefined,
    from: bigint | boolean,
    to: bigint | boolean,
    at: RunState,
  ) => string
  /** A value that the actor chose: `TSeg+8000h`. Empty: not worth telling. */
  readonly parameter: (action: Action, name: string, value: bigint | boolean, at: RunState) => string
  /** An element that a statement is false for: `the word at TSeg+8000h`. */
  readonly watched: (domain: Domain, id: bigint, at: RunState) => string
  /** How a step went, where its only case does not go without saying. */
  readonly way: (action: Action, taken: Case) => string | undefined
  /** What it means that the statement is false for these elements, in a sentence or two. */
  readonly why: (statement: Quantified, ids: readonly bigint[], at: RunState) => string | undefined
}

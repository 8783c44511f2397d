// Where concrete runs of a system begin, and how they go on: chosen by whoever wrote the system, where values picked at random
// and made to fit facts and guards would be dull, or take too long to find.

import type { Value } from './evaluate.ts'
import type { Domain, Table, Variable } from './system.ts'

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

/** A concrete state. */
export interface Reading {
  value(variable: Variable): Value
  /** One element of a table: cheap, where the table is large. */
  at(table: Table, index: bigint): bigint | boolean
}
/** Values of some of an action's parameters, by name. */
export type Choice = Readonly<Record<string, Value>>

/** The code that an action stands for, where a proof has its contract. */
export interface Computation {
  /** Parameters that are what the code leaves behind. Conditions of the action that speak of them are its contract. */
  readonly parameters: readonly string[]
  /** The same state always gives the same. */
  readonly run: (now: Reading) => {
    readonly left: Choice
    /** Identifiers that elements of `left` are of. */
    readonly mentions: readonly (readonly [Domain, Iterable<bigint>])[]
  }
}

/** How concrete runs choose their steps. Whatever is left out is chosen at random. */
export interface Guide {
  /** By action: it takes what its code leaves behind, and its contract is not asked for. */
  readonly computed: Readonly<Record<string, Computation>>
  /** By action: parameters that are worth a try. */
  readonly suggested: Readonly<Record<string, (now: Reading, random: Chance) => Choice | undefined>>
  /** Actions that lead on, with how much some stretches of a run prefer them. */
  readonly preferred: Readonly<Record<string, number>>
  /**
   * Actions that lead on from here: in stretches that prefer some, the first that is possible is mostly taken. Undefined ends the
   * stretch: nothing more comes of it.
   */
  readonly onward: (now: Reading, random: Chance) => readonly string[] | undefined
  /** By action: what is to be counted of a step that is about to be taken with these parameters, in words. */
  readonly notable: Readonly<Record<string, (now: Reading, chosen: Choice) => readonly string[]>>
  /** Domains with the same identifiers: whoever mentions an element of one mentions it of all. */
  readonly alike: readonly (readonly Domain[])[]
}

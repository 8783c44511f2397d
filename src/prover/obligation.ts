// Obligations: named hypotheses and a goal, with where they come from. An obligation holds when the hypotheses imply the goal
// for every value of every free variable.

import type { Cell } from '../model/cell.ts'
import type { Value } from '../model/evaluate.ts'
import type { Position } from '../model/position.ts'
import type { Procedure } from '../model/procedure.ts'
import type { Bool, Bv, Term } from '../model/term.ts'

export interface Hypothesis {
  readonly name: string
  readonly term: Bool
  /** A hypothesis of another topic than the goal's is left out at first (see Conjunct). */
  readonly topic?: string
  /** What it is to a transition system: an assumption of the profile, or an instance of a statement about all elements. */
  readonly role?: 'assumption' | 'instance'
}

export type Origin =
  | { readonly kind: 'validity' }
  | SystemOrigin
  | {
      readonly kind: 'procedure'
      readonly procedure: Procedure
      readonly mode: 'havoc' | 'snapshot'
      readonly of: ConditionKind
      readonly at: Position
      /** The obligation is about whole runs, of which its counter-model is one (see unroll.ts). */
      readonly run?: BoundedRun
    }

/** Of an obligation about a transition system. */
export type SystemOrigin =
  /** Initial states satisfy the conjunct. */
  | { readonly kind: 'initial'; readonly conjunct: string; readonly at?: Position }
  /** The action keeps the conjunct. */
  | { readonly kind: 'action'; readonly action: string; readonly conjunct: string; readonly at: Position }
  /** The invariant implies the property. */
  | { readonly kind: 'property'; readonly property: string }

/** What a counter-model of a bounded run leaves out: what is fixed at entry, and the reads in their order. */
export interface BoundedRun {
  readonly entry: ReadonlyMap<Cell, Value>
  readonly reads: readonly BoundedRead[]
}
export interface BoundedRead {
  /** The run comes by here. */
  readonly condition: Bool
  readonly word: Bv
  readonly value: Bv
}

export type ConditionKind =
  | 'run'
  | 'ensures'
  | 'invariant entry'
  | 'invariant preserved'
  | 'callee precondition'
  | 'assertion'
  | 'bounds'
  | 'overflow'
  | 'readable'
  | 'counted once'

export interface Obligation {
  /** Unique and stable within a claim: `walkTable2/invariant preserved/no-hide@41`. */
  readonly id: string
  /** The conjuncts or theorems that fail when this does, in one line. */
  readonly conjunct: string
  /** The goal's parts by name: under a counter-model, those that are false are what failed. */
  readonly parts: readonly Hypothesis[]
  readonly topic?: string
  readonly origin: Origin
  readonly hypotheses: readonly Hypothesis[]
  readonly goal: Bool
  /** The goal was found among the hypotheses by unit propagation; solvers see it only in a cross-check. */
  readonly discharged?: 'by propagation'
  /** Quantified hypotheses of this obligation, besides the claim's. */
  readonly axioms?: readonly Axiom[]
  /** Asked first, once for all its members: goals that share these hypotheses, of whatever claim. */
  readonly bundle?: Bundle
}

/** Goals that share their hypotheses; the one object is common to its members. */
export interface Bundle {
  readonly goal: Bool
}

/**
 * A universally quantified hypothesis over indices of constant arrays, instantiated at every index term of those arrays that
 * occurs in the obligation. `arity` 2 stands for all ordered pairs of them.
 */
export interface Axiom {
  readonly name: string
  readonly arrays: readonly Term[]
  readonly arity: 1 | 2
  readonly instance: (...indices: readonly Term[]) => Bool
}

export const isAboutSystem = ({ origin: { kind } }: Obligation): boolean =>
  kind === 'initial' || kind === 'action' || kind === 'property'

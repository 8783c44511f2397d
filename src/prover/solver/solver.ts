// What is asked of a solver and what it may answer: SMT-LIB 2 text in, a closed union out.
// Leaves out: how a text comes about (src/prover/smtlib.ts) and what a verdict means for a claim. Nothing in this folder
// imports anything outside it.
// Sources: SMT-LIB 2.6, sections 4.1 (scripts), 4.2.6 (models) and 4.2.7 (unsat cores).

import type { Model } from './value.ts'

export interface SolverRequest {
  /** Names the request in messages; solvers do not see it. */
  readonly id: string
  /** A script without check-sat: set-logic, declarations, definitions, assertions (`(assert (! .. :named h1))` for a core). */
  readonly smt2: string
  readonly timeoutMs: number
  /** `model`: a model if satisfiable. `core`: which of the named assertions contradict each other, if unsatisfiable. */
  readonly want: Want
  /** A solver may look for a model rather than for a proof; whatever it then says is as true. */
  readonly expected?: 'sat'
}

export type Want = 'verdict' | 'model' | 'core'

export type UnknownReason = 'timeout' | 'memory' | 'resource-limit' | 'solver-error' | 'incomplete' | 'cancelled'

export type SolverAnswer =
  /** The model is empty unless it was asked for. */
  | { readonly kind: 'sat'; readonly model: Model; readonly ms: number }
  /** Names of contradictory assertions, sorted, never promised minimal; empty unless a core was asked for. */
  | { readonly kind: 'unsat'; readonly core: readonly string[]; readonly ms: number }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly detail: string; readonly ms: number }

export interface Solver {
  readonly name: string
  readonly version: string
  /** What else an answer may depend on: the seed, tactics. Part of the cache's key. */
  readonly flags: string
  /** Never rejects: whatever happens to the solver is an answer. */
  solve(request: SolverRequest): Promise<SolverAnswer>
  /** Ends all processes; requests under way and later ones are answered `cancelled`. */
  close(): Promise<void>
}

export type SolverName = 'auto' | 'wasm' | 'z3' | 'cvc5' | 'bitwuzla'

export interface SolverOptions {
  /** Requests solved at a time; further ones wait in order. */
  readonly jobs: number
  readonly seed?: number
  /** What one solver process may allocate. */
  readonly memoryMb?: number
}

/** The solver that was asked for cannot be used; `message` says how to get it. */
export interface SolverMissing {
  readonly kind: 'missing'
  readonly name: SolverName
  readonly message: string
}

export const unknown = (reason: UnknownReason, detail: string, ms: number): SolverAnswer => ({
  kind: 'unknown',
  reason,
  detail,
  ms,
})

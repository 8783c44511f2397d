// Messages between the command and the two kinds of child process: one that checks specs with the TypeScript compiler, one
// per spec that runs it. All are plain data; structured clone carries bigints and maps.

import type { SimulationEvent } from '../executor/simulation/record.ts'
import type { ClaimSummary, ProveEvent, SpecError } from '../prover/record.ts'
import type { Reply } from '../prover/oracle.ts'
import type { SolverRequest } from '../prover/solver/solver.ts'

// ---- checking ----

export interface CheckRequest {
  readonly types: boolean
  readonly specs: readonly { readonly path: string; readonly files: readonly string[] }[]
}
export interface Checked {
  readonly path: string
  readonly error?: SpecError
  /** JavaScript with an inline source map, by path. */
  readonly emitted: Readonly<Record<string, string>>
  /** Nothing but the spec's own text decides what it exports: no clock, no environment, no files. */
  readonly pure: boolean
}

// ---- running ----

/** Without a question to answer, it only tells which claims there are. */
export interface SpecJob {
  readonly spec: string
  /** JavaScript and resolved imports of the spec's files, by URL. */
  readonly files: ReadonlyMap<string, RunnableFile>
  /** Silence for longer than this means an endless loop. */
  readonly loadTimeoutMs: number
  readonly filter?: string
  readonly prove?: ProveJob
  readonly simulate?: SimulateJob
  /** The file exports no claims but a sample state, which is wanted as it is. */
  readonly sample?: true
}
export interface SimulateJob {
  readonly seed: number
  readonly steps: number
  readonly runs: number
}
export interface RunnableFile {
  readonly source: string
  readonly imports: ReadonlyMap<string, string>
}
export interface ProveJob {
  readonly solver: OracleName
  readonly second?: OracleName
  readonly timeoutMs: number
  readonly seed: number
  readonly inFlight: number
  readonly coverage: boolean
  readonly assumptions: boolean
}
export interface OracleName {
  readonly name: string
  readonly version: string
}
export type OracleRole = 'first' | 'second'

export type ToSpec =
  | { readonly kind: 'job'; readonly job: SpecJob }
  | { readonly kind: 'reply'; readonly number: number; readonly reply: Reply }
export type FromSpec =
  | { readonly kind: 'loaded'; readonly claims: readonly ClaimSummary[] }
  | {
      readonly kind: 'ask'
      readonly number: number
      readonly role: OracleRole
      readonly request: SolverRequest
      readonly weight: number
    }
  /** The answer to that question is no longer wanted. */
  | { readonly kind: 'forget'; readonly number: number }
  | { readonly kind: 'event'; readonly event: ProveEvent }
  | { readonly kind: 'simulated'; readonly event: SimulationEvent }
  | { readonly kind: 'sample'; readonly sample: unknown }
  | { readonly kind: 'failed'; readonly error: SpecError }
  | { readonly kind: 'done' }

/** Written by the watchdog thread on the child's standard output, when the main thread does not answer. */
export const STUCK_MARK = 'smmcheck-stuck '

// What the prover asks about a text, and of whom: a solver behind a cache, in this process or at the other end of a pipe.

import type { SolverAnswer, SolverRequest } from './solver/solver.ts'

export interface Oracle {
  readonly name: string
  readonly version: string
  ask(request: SolverRequest, how?: Asking): Promise<Reply>
}
export interface Asking {
  /** Heavier questions are asked first. */
  readonly weight?: number
  /** The answer is no longer wanted. */
  readonly signal?: AbortSignal
}
export interface Reply {
  readonly answer: SolverAnswer
  readonly cached: boolean
}

/** Why there is no answer, in one line. */
export function reasonText({ reason, detail }: Extract<SolverAnswer, { kind: 'unknown' }>): string {
  if (reason === 'timeout') return 'timeout: no answer within the time limit'
  return detail === '' || detail === reason ? reason : `${reason}: ${detail}`
}

// Where all specs' questions to one solver meet: answered from the cache, by what the same question came to earlier in this run,
// or put to the solver, the heaviest first. Rows of the gallery that one proof serves ask for it once.

import type { Reply } from '../prover/oracle.ts'
import { cacheKey, type VerdictCache } from '../prover/solver/cache.ts'
import type { Solver, SolverAnswer, SolverRequest } from '../prover/solver/solver.ts'
import type { WorkQueue } from '../prover/work.ts'

export interface DeskAsking {
  /** Heavier questions are asked first. */
  readonly weight: number
  /** Asked when the question's turn comes. */
  readonly wanted: () => boolean
}

export class Desk {
  readonly name: string
  readonly version: string
  readonly flags: string
  private readonly solver: Solver
  private readonly cache: VerdictCache
  private readonly queue: WorkQueue
  /** Under way, or answered for good. */
  private readonly known = new Map<string, Promise<Reply>>()

  constructor(solver: Solver, queue: WorkQueue, cache: VerdictCache) {
    this.name = solver.name
    this.version = solver.version
    this.flags = solver.flags
    this.solver = solver
    this.queue = queue
    this.cache = cache
  }

  async ask(request: SolverRequest, how: DeskAsking): Promise<Reply> {
    const key = cacheKey(this, request)
    const joined = this.known.get(key)
    if (joined === undefined) {
      const reply = this.find(key, request, how).then((r) => {
        // It may go better the next time.
        if (r.answer.kind === 'unknown') this.known.delete(key)
        return r
      })
      this.known.set(key, reply)
      reply.catch(() => this.known.delete(key))
      return reply
    }
    const reply = await joined
    // The one who asked first no longer wanted to know.
    const dropped = reply.answer.kind === 'unknown' && reply.answer.reason === 'cancelled'
    return dropped && how.wanted() ? this.ask(request, how) : reply
  }

  private async find(key: string, request: SolverRequest, { weight, wanted }: DeskAsking): Promise<Reply> {
    const known = await this.cache.get(key)
    if (known !== undefined) return { answer: known, cached: true }
    const answer = await new Promise<SolverAnswer>((resolve) =>
      this.queue.add(weight, async () => {
        const cancelled: SolverAnswer = { kind: 'unknown', reason: 'cancelled', detail: 'no longer wanted', ms: 0 }
        resolve(wanted() ? await this.solver.solve(request) : cancelled)
      }),
    )
    this.cache.put(key, answer)
    return { answer, cached: false }
  }
}

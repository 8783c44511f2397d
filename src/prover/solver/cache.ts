// Answers kept on disk, found again by what was asked: solver, version, flags, what was wanted, and the text.
// Only definite answers are kept. They live in cacache's index itself, each line under its own checksum: looking one up reads
// one small file (0.2 ms; content files would take 1 ms). An entry that is damaged or of another shape was never there.
// Leaves out: expiry; a directory that cannot be written costs the cache, not the run.

import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import cacache from 'cacache'
import { decodeAnswer, encodeAnswer } from './record.ts'
import type { Solver, SolverAnswer, SolverRequest } from './solver.ts'

export interface VerdictCache {
  get(key: string): Promise<SolverAnswer | undefined>
  put(key: string, answer: SolverAnswer): void
  /** Everything put so far is on disk. */
  flush(): Promise<void>
}

/** --no-cache. */
export const noCache: VerdictCache = {
  get: async () => undefined,
  put: () => {},
  flush: async () => {},
}

export class DiskCache implements VerdictCache {
  private readonly directory: string
  private readonly pending = new Set<Promise<void>>()

  constructor(directory: string = defaultCacheDirectory()) {
    this.directory = directory
  }

  async get(key: string): Promise<SolverAnswer | undefined> {
    try {
      const entry = await cacache.get.info(this.directory, key)
      return decodeAnswer(entry?.metadata)
    } catch {
      return undefined
    }
  }

  /** Not waited for: the answer is there already. */
  put(key: string, answer: SolverAnswer): void {
    const record = encodeAnswer(answer)
    if (record === undefined) return
    const written: Promise<void> = cacache
      .put(this.directory, key, '', { metadata: record })
      .then(
        () => {},
        () => {},
      )
      .then(() => void this.pending.delete(written))
    this.pending.add(written)
  }

  async flush(): Promise<void> {
    await Promise.all(this.pending)
  }
}

export function defaultCacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SMMCHECK_CACHE) return env.SMMCHECK_CACHE
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'smmcheck')
}

export function cacheKey({ name, version, flags }: Pick<Solver, 'name' | 'version' | 'flags'>, request: SolverRequest): string {
  const asked = JSON.stringify([name, version, flags, request.want, request.smt2])
  return createHash('sha256').update(asked).digest('hex')
}

/** A solver behind a cache. */
export class CachedSolver implements Solver {
  readonly name: string
  readonly version: string
  readonly flags: string
  private readonly solver: Solver
  private readonly cache: VerdictCache

  constructor(solver: Solver, cache: VerdictCache) {
    this.name = solver.name
    this.version = solver.version
    this.flags = solver.flags
    this.solver = solver
    this.cache = cache
  }

  async solve(request: SolverRequest): Promise<SolverAnswer> {
    return (await this.ask(request)).answer
  }

  /** `ms` of a cached answer is what it took when it was found. */
  async ask(request: SolverRequest): Promise<{ readonly answer: SolverAnswer; readonly cached: boolean }> {
    const key = cacheKey(this, request)
    const kept = await this.cache.get(key)
    if (kept !== undefined) return { answer: kept, cached: true }
    const answer = await this.solver.solve(request)
    this.cache.put(key, answer)
    return { answer, cached: false }
  }

  async close(): Promise<void> {
    await Promise.all([this.solver.close(), this.cache.flush()])
  }
}

// The embedded solver: children with z3 in WebAssembly, as many as jobs, forked when first needed and replaced when they are
// old, large or dead. What befalls one request leaves the others unharmed.
// An error, an empty answer or a crash is tried once more in a new child; a second one is `unknown`, never a verdict.
// Sources: DESIGN, section 3; docs/adr/0003-solver-children.md; docs/solver-gotchas.md.

import { createRequire } from 'node:module'
import { match } from 'ts-pattern'
import { Child } from './child.ts'
import { type Dialogue, embeddedDialogue, type Fault, faultAnswer, readTranscript } from './dialogue.ts'
import { Lanes } from './lanes.ts'
import { type Solver, type SolverAnswer, type SolverOptions, type SolverRequest, unknown } from './solver.ts'
import { tacticsText } from './tactics.ts'

/** The heap is 2 GB, and its end aborts the process; z3's own limit comes first and says so. */
const defaultMemoryMb = 1_536
/** With less, z3 fails before it has read anything. */
const leastMemoryMb = 32
/** A child that has answered so many requests, or has grown so large (WebAssembly memory never shrinks), is replaced. */
const childLimits = { requests: 1_000, residentMb: 768 }

export interface PoolStatistics {
  /** Children started. */
  forked: number
  /** Killed by the wall clock. */
  overdue: number
  /** Errors, empty answers and crashes, each tried once more. */
  retried: number
  /** Ended because they were old or large. */
  recycled: number
}

interface Lane {
  child: Child | undefined
}

export class WasmPool implements Solver {
  readonly name = 'z3-wasm'
  readonly version: string = (createRequire(import.meta.url)('z3-solver/package.json') as { version: string }).version
  readonly flags: string
  readonly statistics: PoolStatistics = { forked: 0, overdue: 0, retried: 0, recycled: 0 }
  private readonly lanes: readonly Lane[]
  private readonly queue: Lanes<Lane>
  private readonly parameters: Readonly<Record<string, string>>
  private readonly limits: typeof childLimits
  private readonly departing = new Set<Promise<void>>()
  private closed = false

  constructor({ jobs, seed = 0, memoryMb = defaultMemoryMb }: SolverOptions, limits = childLimits) {
    this.limits = limits
    this.lanes = Array.from({ length: Math.max(1, jobs) }, () => ({ child: undefined }))
    this.queue = new Lanes(this.lanes)
    this.flags = `seed=${seed} ${tacticsText}`
    const memory = Math.max(leastMemoryMb, memoryMb)
    this.parameters = {
      memory_max_size: String(memory),
      // Above this z3 gives up the query and the process lives on.
      memory_high_watermark_mb: String(Math.round(0.8 * memory)),
      'smt.random_seed': String(seed),
      'sat.random_seed': String(seed),
    }
  }

  solve(request: SolverRequest): Promise<SolverAnswer> {
    const started = performance.now()
    const cancelled = () => unknown('cancelled', 'the solver was closed', performance.now() - started)
    return this.queue.run(async (lane) => {
      const begun = performance.now()
      let answer = await this.attempt(lane, request)
      if (answer.kind === 'fault' && answer.reason === 'error' && !this.closed) {
        this.statistics.retried++
        answer = await this.attempt(lane, request)
      }
      if (this.closed && (answer.kind === 'fault' || answer.kind === 'unknown')) return cancelled()
      return answer.kind === 'fault' ? faultAnswer(answer, performance.now() - begun) : answer
    }, cancelled)
  }

  /** Of the children that are alive. */
  get processIds(): number[] {
    return this.lanes.flatMap(({ child }) => child?.processId ?? [])
  }

  async close(): Promise<void> {
    this.closed = true
    this.queue.close()
    for (const { child } of this.lanes) if (child !== undefined) this.dismiss(child)
    await Promise.all(this.departing)
  }

  private fork(): Child {
    this.statistics.forked++
    return new Child()
  }

  private dismiss(child: Child): void {
    const gone = child.kill().then(() => void this.departing.delete(gone))
    this.departing.add(gone)
  }

  /** With the tactic for the logic; if that does not apply, or leaves a function of the model undefined, without. */
  private async attempt(lane: Lane, request: SolverRequest): Promise<SolverAnswer | Fault> {
    const special = embeddedDialogue(request)
    const plain = embeddedDialogue(request, true)
    const started = performance.now()
    const answer = await this.converse(lane, request, special)
    const failed = match(answer)
      .with({ kind: 'unknown' }, ({ reason }) => reason === 'incomplete')
      .with({ kind: 'fault' }, ({ reason }) => reason === 'unreadable model')
      .otherwise(() => false)
    if (!failed || special.opening === plain.opening) return answer
    const spentMs = performance.now() - started
    const rest = { ...request, timeoutMs: Math.max(1, request.timeoutMs - spentMs) }
    const second = await this.converse(lane, rest, plain)
    return second.kind === 'fault' ? second : { ...second, ms: spentMs + second.ms }
  }

  private async converse(lane: Lane, request: SolverRequest, dialogue: Dialogue): Promise<SolverAnswer | Fault> {
    if (this.closed) return unknown('cancelled', 'the solver was closed', 0)
    const child = lane.child ?? this.fork()
    lane.child = child
    const outcome = await child.ask({ dialogue, timeoutMs: request.timeoutMs, parameters: this.parameters })
    const answer = match(outcome)
      .returnType<SolverAnswer | Fault>()
      .with({ kind: 'transcript' }, (transcript) => readTranscript(request, dialogue, transcript))
      .with({ kind: 'overdue' }, ({ ms }) => unknown('timeout', `killed after ${ms} ms`, ms))
      .with({ kind: 'died' }, ({ reason, detail }) => ({
        kind: 'fault',
        reason: reason === 'memory' ? 'memory' : 'error',
        detail: `a solver child ended (${detail})`,
      }))
      .exhaustive()
    if (outcome.kind === 'overdue') this.statistics.overdue++
    const spent = child.served >= this.limits.requests || child.residentMb > this.limits.residentMb
    if (outcome.kind !== 'transcript' || (answer.kind === 'fault' && answer.reason !== 'unreadable model') || spent) {
      if (spent) this.statistics.recycled++
      lane.child = undefined
      this.dismiss(child)
    }
    return answer
  }
}

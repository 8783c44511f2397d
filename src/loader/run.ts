// All specs of one command, from files to events: checked together by one compiler process, run in a process each (so many
// at a time), their questions answered at one desk per solver. The results of a spec that nothing but its text decides are
// kept whole, so that an unchanged spec needs no process at all.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunEvent } from '../prover/record.ts'
import type { SolverRequest } from '../prover/solver/solver.ts'
import { WorkQueue } from '../prover/work.ts'
import { checkAll } from './checks.ts'
import { runInChild } from './child.ts'
import { type Closure, closureHash, closureOf } from './closure.ts'
import type { Desk } from './desk.ts'
import { buildHash, hashOf } from './install.ts'
import type { Checked, RunnableFile, SpecJob } from './protocol.ts'
import type { Store } from './store.ts'

export interface RunOptions {
  /** Specs run at a time. */
  readonly processes: number
  readonly typecheck: boolean
  readonly loadTimeoutMs: number
  readonly filter?: string
  readonly store?: Store
  /** Absent: only tell which claims there are. */
  readonly prove?: ProveOptions
}
export interface ProveOptions {
  readonly first: Desk
  readonly second?: Desk
  readonly timeoutMs: number
  readonly seed: number
  /** Questions of one spec in flight at a time. */
  readonly inFlight: number
  readonly coverage: boolean
  readonly assumptions: boolean
  /** Sees every text before it is asked about; then no result is taken whole from the store. */
  readonly onText?: (spec: string, request: SolverRequest) => void
}

type Emit = (event: RunEvent) => void

/** Runs every spec; what goes wrong with one is an event. */
export async function runSpecs(paths: readonly string[], options: RunOptions, emit: Emit): Promise<void> {
  const closures = new Map<string, Closure>()
  for (const spec of new Set(paths.map((p) => resolve(p)))) {
    try {
      closures.set(spec, closureOf(spec))
    } catch (e) {
      const message = (e as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (e as Error).message
      emit({ kind: 'spec-failed', spec, error: { kind: 'missing', file: spec, message } })
    }
  }
  const checks = checkAll(closures, options)
  const queue = new WorkQueue(options.processes)
  const ends = [...closures].map(async ([spec, closure]) => {
    const checked = await checks.get(spec)!
    if (checked.error !== undefined) return emit({ kind: 'spec-failed', spec, error: checked.error })
    const key = resultKey(closure, checked, options)
    const kept = key === undefined ? undefined : await options.store?.get<RunEvent[]>('result', key)
    if (kept !== undefined) return kept.map(asCached).forEach(emit)
    return new Promise<void>((done) => queue.add(0, () => runSpec(spec, closure, checked, key, options, emit).then(done)))
  })
  await Promise.all(ends)
}

async function runSpec(
  spec: string,
  closure: Closure,
  checked: Checked,
  key: string | undefined,
  options: RunOptions,
  emit: Emit,
): Promise<void> {
  const { prove } = options
  const events: RunEvent[] = []
  const say = (event: RunEvent) => {
    events.push(event)
    emit(event)
  }
  const error = await runInChild(jobOf(spec, closure, checked, options), {
    loaded: (claims) => say({ kind: 'spec-loaded', spec, claims }),
    event: (event) => say({ kind: 'prove', spec, event }),
    ask(role, request, how) {
      prove?.onText?.(spec, request)
      return (role === 'first' ? prove!.first : prove!.second!).ask(request, how)
    },
    printed: (text) => say({ kind: 'spec-printed', spec, text }),
  })
  if (error !== undefined) return emit({ kind: 'spec-failed', spec, error })
  say({ kind: 'spec-done', spec })
  if (key !== undefined && events.every(isLasting)) await options.store?.put('result', key, events.filter(isTold))
}

function jobOf(spec: string, closure: Closure, checked: Checked, { filter, loadTimeoutMs, prove }: RunOptions): SpecJob {
  const job = loadJobOf(spec, closure, checked, loadTimeoutMs, filter)
  if (prove === undefined) return job
  const { first, second, timeoutMs, seed, inFlight, coverage, assumptions } = prove
  const name = ({ name, version }: Desk) => ({ name, version })
  const cross = second === undefined ? {} : { second: name(second) }
  return { ...job, prove: { solver: name(first), ...cross, timeoutMs, seed, inFlight, coverage, assumptions } }
}

/** What a process needs to load a spec. */
export function loadJobOf(
  spec: string,
  closure: Closure,
  { emitted }: Checked,
  loadTimeoutMs: number,
  filter: string | undefined,
): SpecJob {
  const url = (path: string) => pathToFileURL(path).href
  const files = new Map<string, RunnableFile>(
    closure.files.map(({ path, imports }) => [
      url(path),
      { source: emitted[path]!, imports: new Map([...imports].map(([specifier, target]) => [specifier, url(target)])) },
    ]),
  )
  return { spec, files, loadTimeoutMs, ...(filter === undefined ? {} : { filter }) }
}

// ---- results kept whole ----

/** A hash of all that decides the events; undefined when something else may have a say, or texts are wanted. */
function resultKey(closure: Closure, checked: Checked, { filter, prove, store }: RunOptions): string | undefined {
  if (store === undefined || !checked.pure || closure.foreign.length > 0 || prove?.onText !== undefined) return undefined
  const { first, second, timeoutMs, seed, coverage, assumptions } = prove ?? {}
  const desk = (d: Desk | undefined) => d && [d.name, d.version, d.flags]
  const options = [filter, desk(first), desk(second), timeoutMs, seed, coverage, assumptions]
  return hashOf([buildHash(), closureHash(closure), process.version, JSON.stringify(options.map((o) => o ?? null))])
}

/** An unknown verdict, of the first or the second solver, may turn out better the next time. */
function isLasting(event: RunEvent): boolean {
  if (event.kind === 'spec-printed') return false
  if (event.kind !== 'prove' || event.event.kind !== 'obligation') return true
  const { verdict, crossCheck } = event.event.record
  return verdict !== 'unknown' && verdict !== 'disagreement' && crossCheck?.answer !== 'unknown'
}
const isTold = (event: RunEvent): boolean => event.kind !== 'prove' || event.event.kind !== 'progress'

function asCached(event: RunEvent): RunEvent {
  if (event.kind !== 'prove') return event
  const inner = event.event
  if (inner.kind === 'obligation') {
    const { record } = inner
    return { ...event, event: { kind: 'obligation', record: { ...record, cached: record.by === 'solver' } } }
  }
  if (inner.kind !== 'claim-done') return event
  const { obligations, ...record } = inner.record
  const fromCache = obligations.total - obligations.bySimplification - obligations.skipped
  return { ...event, event: { kind: 'claim-done', record: { ...record, ms: 0, obligations: { ...obligations, fromCache } } } }
}

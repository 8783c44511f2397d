// What `smmcheck prove` does: opens the solvers, runs the specs, shows events as they come, and says with its exit code
// whether every claim came out as its spec expects.

import { createWriteStream, openSync, type WriteStream } from 'node:fs'
import { availableParallelism } from 'node:os'
import { VERSION } from '../loader/install.ts'
import { Desk } from '../loader/desk.ts'
import { type ProveOptions, runSpecs } from '../loader/run.ts'
import { Store } from '../loader/store.ts'
import type { RunEvent, RunSummary } from '../prover/record.ts'
import { defaultCacheDirectory, DiskCache, noCache, type VerdictCache } from '../prover/solver/cache.ts'
import { isMissing, openSolver, solverNames } from '../prover/solver/open.ts'
import type { Solver, SolverName } from '../prover/solver/solver.ts'
import { exitOf, gravest } from '../prover/verdict.ts'
import { WorkQueue } from '../prover/work.ts'
import { lineOf, summaryOf } from '../report/prove-json.ts'
import { ProgressLine } from '../report/prove-progress.ts'
import { ProveTerminal } from '../report/prove-terminal.ts'
import { styleFor, wantsColour } from '../report/style.ts'
import { expandSpecs } from './expand.ts'
import { Smt2Folder } from './smt2.ts'
import { TraceFolder } from './traces.ts'
import { USAGE_EXIT, UsageError } from './usage.ts'

/** Spec processes beyond the solvers' number: they mostly wait for answers. */
const WAITING = 2

export interface ProveFlags {
  readonly jobs?: number
  readonly timeout: number
  readonly solver: string
  readonly crossCheck?: string
  readonly filter?: string
  readonly seed: number
  readonly assumptions?: boolean
  readonly coverage?: boolean
  readonly grid?: boolean
  readonly json?: string
  readonly smt2?: string
  readonly traces?: string
  readonly cache: boolean
  readonly typecheck: boolean
  readonly loadTimeout: number
}

export async function proveCommand(patterns: readonly string[], flags: ProveFlags): Promise<number> {
  const started = Date.now()
  const specs = await expandSpecs(patterns)
  const jobs = flags.jobs ?? availableParallelism()
  const json = flags.json === undefined ? undefined : jsonOutput(flags.json)
  const texts = flags.smt2 === undefined ? undefined : new Smt2Folder(flags.smt2)
  const traces = flags.traces === undefined ? undefined : new TraceFolder(flags.traces, flags.seed)
  const first = await open(flags.solver, jobs, flags.seed)
  const second = flags.crossCheck === undefined ? undefined : await open(flags.crossCheck, jobs, flags.seed)
  const cache = flags.cache ? new DiskCache() : noCache
  const tally = new Tally()
  const terminal = await terminalFor(specs.length, flags)
  const close = () => Promise.all([first.close(), second?.close()])
  // Idle solver processes do not keep this one running, not even while they are being ended.
  const awake = setInterval(() => undefined, 1000)
  const interrupted = () => void close().finally(() => process.exit(130))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    await runSpecs(
      specs,
      {
        processes: jobs + WAITING,
        typecheck: flags.typecheck,
        loadTimeoutMs: flags.loadTimeout,
        ...(flags.filter === undefined ? {} : { filter: flags.filter }),
        ...(flags.cache ? { store: new Store(defaultCacheDirectory()) } : {}),
        prove: proveOptions(first, second, cache, jobs, flags, texts),
      },
      (event) => {
        tally.event(event)
        traces?.event(event)
        terminal.event(event)
        const line = json === undefined ? undefined : lineOf(event, process.cwd())
        if (line !== undefined) json?.write(`${JSON.stringify(line)}\n`)
      },
    )
  } finally {
    await Promise.all([close(), cache.flush()])
    clearInterval(awake)
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  }
  const name = (solver: Solver) => `${solver.name} ${solver.version}`
  const summary: RunSummary = {
    version: VERSION,
    solver: name(first),
    ...(second === undefined ? {} : { crossCheck: name(second) }),
    jobs,
    timeoutMs: flags.timeout,
    seed: flags.seed,
    specs: specs.length,
    ...tally.counts(),
    ms: Date.now() - started,
    exit: tally.exit(),
  }
  terminal.end(summary)
  json?.write(`${JSON.stringify(summaryOf(summary))}\n`)
  await new Promise<void>((done) => (json === undefined || json === process.stdout ? done() : json.end(done)))
  if (tally.claims > 0 || summary.failedSpecs > 0 || flags.filter === undefined) return summary.exit
  throw new UsageError(`no claim has "${flags.filter}" in its id`)
}

function proveOptions(
  first: Solver,
  second: Solver | undefined,
  cache: VerdictCache,
  jobs: number,
  flags: ProveFlags,
  texts: Smt2Folder | undefined,
): ProveOptions {
  const queue = new WorkQueue(jobs)
  return {
    first: new Desk(first, queue, cache),
    ...(second === undefined ? {} : { second: new Desk(second, queue, cache) }),
    timeoutMs: flags.timeout,
    seed: flags.seed,
    inFlight: 4 * jobs,
    coverage: flags.coverage === true,
    assumptions: flags.assumptions === true,
    ...(texts === undefined ? {} : { onText: (spec, request) => texts.write(spec, request) }),
  }
}

async function open(name: string, jobs: number, seed: number): Promise<Solver> {
  const known: readonly string[] = solverNames
  if (!known.includes(name)) throw new UsageError(`no solver is called "${name}"; there are ${known.join(', ')}`)
  const solver = await openSolver(name as SolverName, { jobs, seed })
  if (isMissing(solver)) throw new UsageError(solver.message)
  return solver
}

/** Opened before anything is proved: work whose result cannot be kept is not begun. */
function jsonOutput(target: string): WriteStream | typeof process.stdout {
  if (target === '-') return process.stdout
  try {
    return createWriteStream(target, { fd: openSync(target, 'w') })
  } catch (e) {
    throw new UsageError(`--json ${target}: cannot be written (${(e as Error).message}); name a file in a folder that is there`)
  }
}

/** Text for people goes to standard output, or to standard error when that carries JSON. */
async function terminalFor(specs: number, { json, assumptions, grid }: ProveFlags): Promise<ProveTerminal> {
  const stream = json === '-' ? process.stderr : process.stdout
  const style = styleFor(wantsColour(stream.isTTY === true, process.env))
  const cwd = process.cwd()
  const view = { style, cwd, assumptions: assumptions === true, grid: grid === true }
  const live = stream.isTTY === true && process.env.TERM !== 'dumb' && process.env.CI === undefined
  const progress = live
    ? new ProgressLine((await import('log-update')).createLogUpdate(stream), { style, cwd, specs })
    : undefined
  const write = (to: NodeJS.WriteStream) => (text: string) => {
    progress?.clear()
    to.write(`${text}\n`)
  }
  return new ProveTerminal(view, {
    print: write(stream),
    complain: write(process.stderr),
    ...(progress === undefined ? {} : { progress }),
  })
}

/** Counts over all specs, and what they mean for the exit code. */
class Tally {
  claims = 0
  private asExpected = 0
  private failedSpecs = 0
  private obligations = 0
  private bySimplification = 0
  private fromCache = 0
  private readonly codes = new Set<number>()

  event(event: RunEvent): void {
    if (event.kind === 'spec-failed') {
      this.failedSpecs++
      this.codes.add(USAGE_EXIT)
    }
    if (event.kind !== 'prove' || event.event.kind !== 'claim-done') return
    const { verdict, expect, asExpected, obligations } = event.event.record
    this.claims++
    if (asExpected) this.asExpected++
    this.obligations += obligations.total - obligations.skipped
    this.bySimplification += obligations.bySimplification
    this.fromCache += obligations.fromCache
    this.codes.add(exitOf(verdict, expect))
  }
  counts() {
    const { claims, asExpected, failedSpecs, obligations, bySimplification, fromCache } = this
    return { claims, asExpected, failedSpecs, obligations, bySimplification, fromCache }
  }
  exit(): number {
    return gravest(this.codes)
  }
}

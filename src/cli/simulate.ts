// What `smmcheck simulate` does: runs the systems of a spec's claims in a process of their own, shows how far they are, and
// says with its exit code whether a claim that should be proved was violated.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '../loader/install.ts'
import { simulateSpec } from '../loader/simulate.ts'
import { Store } from '../loader/store.ts'
import type { RunRecord, SimulationEvent } from '../executor/simulation/record.ts'
import type { ClaimSummary } from '../prover/record.ts'
import { defaultCacheDirectory } from '../prover/solver/cache.ts'
import { itfOf } from '../report/itf.ts'
import { shownPath } from '../report/paths.ts'
import { specErrorText } from '../report/prove-claim.ts'
import { claimLines, isFailure, progressText, runText } from '../report/simulate-terminal.ts'
import { styleFor, wantsColour } from '../report/style.ts'
import { expandFiles } from './expand.ts'
import { USAGE_EXIT, UsageError } from './usage.ts'

export interface SimulateFlags {
  readonly seed: number
  readonly steps: number
  readonly runs: number
  readonly filter?: string
  readonly traces?: string
  readonly coverage: boolean
  readonly cache: boolean
  readonly typecheck: boolean
  readonly loadTimeout: number
}

const VIOLATED = 1
const DISAGREEMENT = 5
/** Between two lines about one run, where lines cannot be redrawn. */
const PATIENCE_MS = 10_000

export async function simulateCommand(pattern: string, flags: SimulateFlags): Promise<number> {
  const [spec, ...others] = await expandFiles([pattern])
  if (spec === undefined || others.length > 0) throw new UsageError(`simulate takes one spec, not ${others.length + 1}`)
  if (flags.traces !== undefined) makeFolder(flags.traces)
  const style = styleFor(wantsColour(process.stdout.isTTY === true, process.env))
  const screen = await Screen.open(flags.steps)
  let claims: readonly ClaimSummary[] = []
  const runs: RunRecord[] = []
  const { filter, traces, coverage, loadTimeout, cache, ...options } = flags
  const show = (event: SimulationEvent) => {
    if (event.kind === 'progress') return screen.progress(event)
    const { record } = event
    runs.push(record)
    screen.print(runText(record, style))
    if (traces !== undefined) writeTrace(traces, record, shownPath(spec, process.cwd()))
    const [of] = record.claims
    const ended = runs.filter((r) => r.claims[0] === of)
    if (ended.length < flags.runs) return
    const results = claims.filter((c) => record.claims.includes(c.id)).map((c) => ({ ...c, runs: ended }))
    screen.print(...claimLines(results, ended, coverage, style), '')
  }
  const error = await simulateSpec(
    spec,
    {
      ...options,
      loadTimeoutMs: loadTimeout,
      ...(filter === undefined ? {} : { filter }),
      ...(cache ? { store: new Store(defaultCacheDirectory()) } : {}),
    },
    {
      loaded: (all) => {
        claims = all
      },
      simulated: show,
      printed: (text) => void process.stderr.write(`${text}\n`),
    },
  ).finally(() => screen.close())
  if (error !== undefined) {
    process.stderr.write(`${specErrorText(error, process.cwd())}\n`)
    return USAGE_EXIT
  }
  if (claims.length === 0 && filter !== undefined) throw new UsageError(`no claim has "${filter}" in its id`)
  if (runs.length === 0) throw new UsageError(`no claim of ${shownPath(spec, process.cwd())} is about a system`)
  return exitOf(runs, claims)
}

function exitOf(runs: readonly RunRecord[], claims: readonly ClaimSummary[]): number {
  const expectedProof = new Set(claims.filter((c) => c.expect === 'proved').map((c) => c.id))
  if (runs.some((r) => r.outcome.kind === 'disagreement')) return DISAGREEMENT
  if (runs.some((r) => r.violates.some((id) => expectedProof.has(id)))) return VIOLATED
  return runs.some((r) => isFailure(r.outcome)) ? USAGE_EXIT : 0
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (e) {
    throw new UsageError(`--traces ${path}: ${(e as Error).message}`)
  }
}

function writeTrace(folder: string, { violates, seed, outcome }: RunRecord, spec: string): void {
  const [claim] = violates
  if (outcome.kind !== 'violated' || claim === undefined) return
  const itf = itfOf(outcome.trace, { claim, spec, command: 'simulate', seed, version: VERSION })
  const name = `${claim.replace(/[^\w.-]+/g, '-')}-seed${seed}.itf.json`
  writeFileSync(join(folder, name), `${JSON.stringify(itf, null, 2)}\n`)
}

/** Lines that stay, and on a terminal one below them that is redrawn. */
class Screen {
  private readonly steps: number
  private readonly redraw: Awaited<ReturnType<typeof redrawn>>
  private last = Date.now()

  private constructor(steps: number, redraw: Awaited<ReturnType<typeof redrawn>>) {
    this.steps = steps
    this.redraw = redraw
  }
  static async open(steps: number): Promise<Screen> {
    return new Screen(steps, await redrawn())
  }
  progress(event: Extract<SimulationEvent, { kind: 'progress' }>): void {
    const text = `  ${progressText(event, this.steps)}`
    if (this.redraw !== undefined) this.redraw(text)
    else if (Date.now() - this.last > PATIENCE_MS) this.print(text)
  }
  print(...lines: readonly string[]): void {
    this.last = Date.now()
    this.redraw?.clear()
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  close(): void {
    this.redraw?.clear()
    this.redraw?.done()
  }
}

async function redrawn() {
  const live = process.stdout.isTTY === true && process.env.TERM !== 'dumb' && process.env.CI === undefined
  return live ? (await import('log-update')).createLogUpdate(process.stdout) : undefined
}

// Child processes of the loader, as the command sees them: started, listened to, and ended whatever they do.

import { type ChildProcess, fork } from 'node:child_process'
import { match } from 'ts-pattern'
import type { SimulationEvent } from '../executor/simulation/record.ts'
import type { Reply } from '../prover/oracle.ts'
import type { ClaimSummary, ProveEvent, SpecError } from '../prover/record.ts'
import type { SolverRequest } from '../prover/solver/solver.ts'
import { moduleUrl } from './install.ts'
import {
  type Checked,
  type CheckRequest,
  type FromSpec,
  type OracleRole,
  type SpecJob,
  STUCK_MARK,
  type ToSpec,
} from './protocol.ts'

const start = (name: string): ChildProcess =>
  fork(moduleUrl(name), [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })

/** @throws Error when the checking process ends without an answer. */
export function checkInChild(request: CheckRequest): Promise<readonly Checked[]> {
  return new Promise((resolve, reject) => {
    const child = start('loader/check-process')
    const said = collect(child)
    child.on('error', reject)
    child.on('message', (answer: readonly Checked[]) => resolve(answer))
    child.on('close', (code, signal) =>
      reject(new Error(`the type checker ended early (${signal ?? code}): ${lastLine(said())}`)),
    )
    child.send(request)
  })
}

export interface SpecHandlers {
  readonly loaded: (claims: readonly ClaimSummary[]) => void
  readonly event?: (event: ProveEvent) => void
  readonly simulated?: (event: SimulationEvent) => void
  readonly sample?: (sample: unknown) => void
  readonly ask?: (role: OracleRole, request: SolverRequest, how: { weight: number; wanted: () => boolean }) => Promise<Reply>
  /** What the spec printed. */
  readonly printed: (text: string) => void
}

/** Runs one spec to its end; what goes wrong with it is the result. */
export function runInChild(job: SpecJob, handlers: SpecHandlers): Promise<SpecError | undefined> {
  return new Promise((resolve) => {
    const child = start('loader/spec-process')
    const tell = (message: ToSpec) => {
      if (child.connected) child.send(message, () => undefined)
    }
    let finished = false
    const forgotten = new Set<number>()
    let outcome: SpecError | undefined
    const end = (error?: SpecError) => {
      if (finished) return
      finished = true
      outcome = error
      child.kill('SIGKILL')
    }
    child.on('message', (message: FromSpec) =>
      match(message)
        .with({ kind: 'loaded' }, ({ claims }) => handlers.loaded(claims))
        .with({ kind: 'event' }, ({ event }) => handlers.event?.(event))
        .with({ kind: 'simulated' }, ({ event }) => handlers.simulated?.(event))
        .with({ kind: 'sample' }, ({ sample }) => handlers.sample?.(sample))
        .with({ kind: 'ask' }, ({ number, role, request, weight }) => {
          const wanted = () => !finished && !forgotten.has(number)
          void handlers.ask?.(role, request, { weight, wanted }).then((reply) => tell({ kind: 'reply', number, reply }))
        })
        .with({ kind: 'forget' }, ({ number }) => void forgotten.add(number))
        .with({ kind: 'failed' }, ({ error }) => end(error))
        .with({ kind: 'done' }, () => end())
        .exhaustive(),
    )
    const said = collect(child, (line) => {
      if (!line.startsWith(STUCK_MARK)) return
      const place = JSON.parse(line.slice(STUCK_MARK.length)) as { file?: string; line?: number }
      end({ kind: 'endless', file: job.spec, ...place, message: `no end after ${job.loadTimeoutMs / 1000} s (an endless loop?)` })
    })
    child.on('error', (e) => end({ kind: 'crashed', file: job.spec, message: e.message }))
    child.on('close', (code, signal) => {
      if (finished && said() !== '') handlers.printed(said())
      end({ kind: 'crashed', file: job.spec, message: endedText(code, signal, said()) })
      resolve(outcome)
    })
    tell({ kind: 'job', job })
  })
}

/** Everything the child prints, whole lines at a time. */
function collect(child: ChildProcess, onLine: (line: string) => void = () => undefined): () => string {
  const lines: string[] = []
  for (const stream of [child.stdout!, child.stderr!]) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (data: string) => {
      const parts = (rest + data).split('\n')
      rest = parts.pop()!
      for (const line of parts) {
        if (!line.startsWith(STUCK_MARK)) lines.push(line)
        onLine(line)
      }
    })
    stream.on('end', () => rest !== '' && lines.push(rest))
  }
  return () => lines.join('\n')
}

function endedText(code: number | null, signal: NodeJS.Signals | null, said: string): string {
  if (/heap out of memory|Array buffer allocation failed/.test(said)) return 'ran out of memory'
  if (signal !== null) return `its process was ended by ${signal}`
  return code === 0
    ? 'it ended its own process before its claims were decided'
    : `its process ended with code ${code}: ${lastLine(said)}`
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

// One solver child as its parent sees it: started, asked one thing at a time, watched by the wall clock, killed.
// Leaves out: which child is asked what, and what replies mean (pool.ts).

import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { match } from 'ts-pattern'
import type { Transcript } from './dialogue.ts'
import type { Ask, FromChild } from './wire.ts'

export type Outcome =
  | ({ readonly kind: 'transcript' } & Transcript)
  | { readonly kind: 'overdue'; readonly ms: number }
  | { readonly kind: 'died'; readonly reason: 'memory' | 'crash'; readonly detail: string }

/** z3 ends by its own timer within this time, mostly; a child that does not is killed. */
const graceMs = 2_000
/** Loading and compiling takes 0.2 s on an idle machine. */
const startMs = 60_000

const here = import.meta.url
const worker = fileURLToPath(new URL(here.endsWith('.ts') ? './worker.ts' : './worker.js', here))

/** From sources, the child needs the loader that the parent has; a debugger's port can be had only once. */
function nodeArguments(): string[] {
  const inherited = process.execArgv.filter((a) => !a.startsWith('--inspect'))
  const loads = !here.endsWith('.ts') || inherited.some((a) => a.includes('tsx'))
  return loads ? inherited : [...inherited, '--import', import.meta.resolve('tsx')]
}

export class Child {
  /** Requests answered. */
  served = 0
  residentMb = 0
  private readonly process: ChildProcess
  private readonly ready: Promise<Outcome | undefined>
  private readonly gone: Promise<void>
  private lastWords: (FromChild & { kind: 'failed' }) | undefined
  private errors = ''
  /** Somebody waits for its end: it keeps its parent running until then, even if an answer comes in between. */
  private leaving = false
  private take: ((message: FromChild & { kind: 'replies' }) => void) | undefined
  /** Settles when the process ends, with the reason. */
  private readonly death: Promise<Outcome>

  constructor() {
    this.process = fork(worker, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: nodeArguments() })
    const child = this.process
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-1000)
    })
    let setReady = (_: undefined) => {}
    const started = new Promise<undefined>((resolve) => {
      setReady = resolve
    })
    child.on('message', (message: FromChild) =>
      match(message)
        .with({ kind: 'ready' }, () => setReady(undefined))
        .with({ kind: 'replies' }, (replies) => this.take?.(replies))
        .with({ kind: 'failed' }, (words) => {
          this.lastWords ??= words
        })
        .exhaustive(),
    )
    this.gone = new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    this.death = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(this.died(signal ?? `exit code ${code}`)))
      child.once('error', (e) => resolve(this.died(e.message)))
    })
    this.ready = Promise.race([started, this.death])
    this.hold(false)
  }

  get processId(): number | undefined {
    return this.process.pid
  }

  /** `overdue` and `died` are the child's last answers. */
  async ask(ask: Ask): Promise<Outcome> {
    this.hold(true)
    try {
      const started = await within(startMs, this.ready)
      if (started !== undefined) return started.kind === 'overdue' ? this.died(`not ready after ${startMs} ms`) : started
      const replies = new Promise<Outcome>((resolve) => {
        this.take = ({ first, second, ms, residentMb }) => {
          this.served++
          this.residentMb = residentMb
          resolve({ kind: 'transcript', first, second, ms })
        }
      })
      this.process.send(ask)
      return await within(ask.timeoutMs + graceMs, Promise.race([replies, this.death]))
    } finally {
      this.take = undefined
      this.hold(false)
    }
  }

  /** Resolves when the process has ended. */
  kill(): Promise<void> {
    this.hold(true)
    this.leaving = true
    this.process.kill('SIGKILL')
    return this.gone
  }

  /** An idle child does not keep its parent running. */
  private hold(busy: boolean): void {
    if (this.leaving) return
    const change = busy ? 'ref' : 'unref'
    this.process[change]()
    this.process.channel?.[change]()
    ;(this.process.stderr as Socket | null)?.[change]()
  }

  private died(how: string): Outcome {
    if (this.lastWords !== undefined) return { ...this.lastWords, kind: 'died' }
    const errors = this.errors.trim()
    return { kind: 'died', reason: 'crash', detail: errors === '' ? how : `${how}: ${errors}` }
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'overdue', ms }), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

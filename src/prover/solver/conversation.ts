// One solver process from start to end: the opening and the follow-up go to its standard input, replies come back between
// marks, and the wall clock kills it.

import { spawn } from 'node:child_process'
import { type Dialogue, type Transcript, verdictOf } from './dialogue.ts'

export interface Conversation {
  /** Settles when the process is gone. A reply that is missing is replaced by what the process said last. */
  readonly outcome: Promise<Transcript | Killed>
  kill(): void
}
export interface Killed {
  readonly killed: 'by the clock' | 'on request'
  readonly ms: number
}

/** cvc5 prints the quotes as well. */
const mark = 'end-of-reply'
const marked = new RegExp(`^"?${mark}"?\\r?\\n`, 'm')
const say = (text: string) => `${text}\n(echo "${mark}")\n`

export function converse([command, ...args]: readonly string[], dialogue: Dialogue, killAfterMs: number): Conversation {
  const started = performance.now()
  const solver = spawn(command!, args, { stdio: 'pipe' })
  let killed: Killed['killed'] | undefined
  const kill = (why: Killed['killed']) => {
    killed ??= why
    solver.kill('SIGKILL')
  }
  const timer = setTimeout(() => kill('by the clock'), killAfterMs)

  const replies: string[] = []
  let pending = ''
  solver.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    pending += chunk
    for (let end = marked.exec(pending); end !== null; end = marked.exec(pending)) {
      replies.push(pending.slice(0, end.index))
      pending = pending.slice(end.index + end[0].length)
      const verdict = replies.length === 1 ? verdictOf(replies[0]!) : undefined
      const followUp = verdict === undefined ? undefined : dialogue.followUps[verdict]
      if (followUp === undefined) solver.stdin.end('(exit)\n')
      else solver.stdin.write(say(followUp.text))
    }
  })
  let errors = ''
  solver.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-1000)
  })
  solver.stdin.on('error', () => {}) // A solver that has given up reads no further; its output says why.
  solver.stdin.write(say(dialogue.opening))

  const outcome = new Promise<Transcript | Killed>((resolve) => {
    const finish = (complaint: string) => {
      clearTimeout(timer)
      const ms = performance.now() - started
      const rest = `${pending}${errors}${complaint}`
      const [first = rest, second = rest] = replies
      resolve(killed === undefined ? { first, second, ms } : { killed, ms })
    }
    solver.once('error', (e) => finish(`(error ${e.message})`))
    solver.once('close', (code, signal) => finish(code === 0 ? '' : `(error ended with ${signal ?? `code ${code}`})`))
  })
  return { outcome, kill: () => kill('on request') }
}

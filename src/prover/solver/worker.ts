// The program of a solver child: one request at a time, each in a context of its own; it dies when its parent does, and when
// z3 has failed.
// Leaves out: limits by the wall clock and what replies mean (child.ts, dialogue.ts).

import threads from 'node:worker_threads'
import { outOfMemory, verdictOf } from './dialogue.ts'
import { embedZ3 } from './embedded.ts'
import type { Ask, FromChild } from './wire.ts'

/** What emscripten prints when z3 ends the program, with ERR_MEMOUT as its code if its own memory limit is reached. */
const ended = /program exited \(with status: (\d+)\)/
const memoryExit = '101'

const send = (message: FromChild) => process.send?.(message)
const die = () => process.kill(process.pid, 'SIGKILL')

/** z3 cannot go on, and no call will return: the last words, and the end. */
function fail(detail: string): void {
  const code = ended.exec(detail)?.[1]
  const words: FromChild =
    code === memoryExit
      ? { kind: 'failed', reason: 'memory', detail: "z3's memory limit" }
      : outOfMemory.test(detail)
        ? { kind: 'failed', reason: 'memory', detail: 'the end of the heap' }
        : { kind: 'failed', reason: 'crash', detail: detail.slice(0, 300) }
  // The words are in the pipe when `send` returns; z3 may not return at all.
  send(words)
  die()
}

process.on('disconnect', die)
/** During a call the end of the parent goes unnoticed here: a thread looks out for it. */
const lookout = `setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, 'SIGKILL'), 1000)`
new threads.Worker(lookout, { eval: true, execArgv: [] }).unref()
process.on('uncaughtException', (e) => fail(String(e)))

const z3 = await embedZ3((line) => {
  if (ended.test(line) || /Aborted|Cannot enlarge memory|RuntimeError/.test(line)) fail(line)
})

function converse({ dialogue, timeoutMs, parameters }: Ask): { first: string; second: string } {
  const started = performance.now()
  const timeout = (ms: number) => ({ timeout: String(Math.max(1, Math.round(ms))) })
  z3.setParameters({ ...parameters, ...timeout(timeoutMs) })
  let context = z3.newContext()
  const first = z3.evaluate(context, dialogue.opening)
  const verdict = verdictOf(first)
  const followUp = verdict === undefined ? undefined : dialogue.followUps[verdict]
  let second = ''
  if (followUp !== undefined) {
    if (followUp.fresh) {
      z3.deleteContext(context)
      // The rest of the time, less a margin: what is known already must not be lost to the wall clock.
      z3.setParameters({ ...parameters, ...timeout(0.8 * (timeoutMs - (performance.now() - started))) })
      context = z3.newContext()
    }
    second = z3.evaluate(context, followUp.text)
  }
  z3.deleteContext(context)
  return { first, second }
}

// Threads are started and code is compiled before the clock of the first request runs.
converse({ dialogue: { opening: '(check-sat)', followUps: {} }, timeoutMs: 10_000, parameters: {} })

process.on('message', (ask: Ask) => {
  const started = performance.now()
  const replies = converse(ask)
  const ms = performance.now() - started
  send({ kind: 'replies', ...replies, ms, residentMb: process.memoryUsage.rss() / 2 ** 20 })
})
send({ kind: 'ready' })

// A solver child: z3 compiled to WebAssembly, one request at a time, each in a context of its own.
// z3 runs on a thread of the child, so that its main thread notices when the parent is gone.
// Leaves out: limits by the wall clock and what replies mean (child.ts, dialogue.ts).
//
// The text is handed over by a pointer that lives until the call is over. (The package's own eval_smtlib2_string passes a
// string on emscripten's stack to the thread and frees it before the thread has read it: texts arrive corrupted.)

import threads from 'node:worker_threads'
import { init } from 'z3-solver'
import { outOfMemory, verdictOf } from './dialogue.ts'
import type { Ask, FromChild } from './wire.ts'

/** What is used of the emscripten module; the package types it as `any`. */
interface Emscripten {
  readonly HEAPU32: Uint32Array
  readonly _malloc: (bytes: number) => number
  readonly _free: (pointer: number) => void
  readonly _async_Z3_eval_smtlib2_string: (context: number, text: number) => void
  readonly async_call: (f: (context: number, text: number) => void, context: number, text: number) => Promise<string>
}

/** z3's exit code when its own memory limit is reached (ERR_MEMOUT); it ends the program then, and no call ever returns. */
const memoryExit = 101

const send = (message: FromChild, then?: () => void) => process.send?.(message, undefined, undefined, then)
const die = () => process.kill(process.pid, 'SIGKILL')
const fail = (reason: 'memory' | 'crash', detail: string) => send({ kind: 'failed', reason, detail: detail.slice(0, 300) }, die)

process.on('disconnect', die)
process.on('uncaughtException', (e) => fail(outOfMemory.test(String(e)) ? 'memory' : 'crash', String(e)))

const { em, Z3 } = await init({
  printErr: (line: string) => {
    const exit = /program exited \(with status: (\d+)\)/.exec(line)
    if (exit !== null) fail(Number(exit[1]) === memoryExit ? 'memory' : 'crash', line)
    else if (outOfMemory.test(line)) fail('memory', line)
  },
  onAbort: (what: unknown) => fail(outOfMemory.test(String(what)) ? 'memory' : 'crash', String(what)),
})
const z3 = em as Emscripten

/** z3's threads run its own JavaScript; a loader for TypeScript, inherited from this process, would only delay them. */
class PlainThread extends threads.Worker {
  constructor(file: string | URL, options?: threads.WorkerOptions) {
    super(file, { ...options, execArgv: [] })
  }
}
Object.assign(globalThis, { Worker: PlainThread })
type Context = ReturnType<typeof Z3.mk_context>

function newContext(): Context {
  const config = Z3.mk_config()
  const context = Z3.mk_context(config)
  Z3.del_config(config)
  return context
}

async function evaluate(context: Context, text: string): Promise<string> {
  const bytes = Buffer.from(`${text}\0`)
  const pointer = z3._malloc(bytes.length)
  new Uint8Array(z3.HEAPU32.buffer).set(bytes, pointer)
  try {
    return await z3.async_call(z3._async_Z3_eval_smtlib2_string, context as unknown as number, pointer)
  } finally {
    z3._free(pointer)
  }
}

/** Parameters are global to the process, and scripts may have set others: all are reset first. */
function setParameters({ parameters }: Ask, timeoutMs: number): void {
  Z3.global_param_reset_all()
  for (const [name, value] of Object.entries(parameters)) Z3.global_param_set(name, value)
  Z3.global_param_set('timeout', String(Math.max(1, Math.round(timeoutMs))))
}

async function converse(ask: Ask): Promise<{ first: string; second: string }> {
  const started = performance.now()
  setParameters(ask, ask.timeoutMs)
  let context = newContext()
  const first = await evaluate(context, ask.dialogue.opening)
  const verdict = verdictOf(first)
  const followUp = verdict === undefined ? undefined : ask.dialogue.followUps[verdict]
  let second = ''
  if (followUp !== undefined) {
    if (followUp.fresh) {
      Z3.del_context(context)
      // The rest of the time, less a margin: what is known already must not be lost to the wall clock.
      setParameters(ask, 0.8 * (ask.timeoutMs - (performance.now() - started)))
      context = newContext()
    }
    second = await evaluate(context, followUp.text)
  }
  Z3.del_context(context)
  return { first, second }
}

// Threads are started and code is compiled before the clock of the first request runs.
await converse({ dialogue: { opening: '(check-sat)', followUps: {} }, timeoutMs: 10_000, parameters: {} })

process.on('message', async (ask: Ask) => {
  const started = performance.now()
  const replies = await converse(ask)
  const ms = performance.now() - started
  send({ kind: 'replies', ...replies, ms, residentMb: process.memoryUsage.rss() / 2 ** 20 })
})
send({ kind: 'ready' })

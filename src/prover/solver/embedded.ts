// z3 compiled to WebAssembly, in this process and on its main thread: nothing else happens here during a call. Only z3's
// timers have threads of their own.
// Leaves out: limits by the wall clock, and what replies mean (child.ts, dialogue.ts).
//
// A text is handed over by a pointer that lives until the call is over. (The package's own eval_smtlib2_string passes a
// string on emscripten's stack to a thread and frees it before the thread has read it: texts arrive corrupted. And a thread
// for each call costs more than most calls.)

import threads from 'node:worker_threads'
import { init } from 'z3-solver'

export interface EmbeddedZ3 {
  /** As the package types them, for calls on the main thread. */
  readonly api: Awaited<ReturnType<typeof init>>['Z3']
  newContext(): Context
  deleteContext(context: Context): void
  /** What z3 prints for a text. */
  evaluate(context: Context, text: string): string
  /** Global parameters, the only ones that are set from now on; scripts may have set others. */
  setParameters(parameters: Readonly<Record<string, string>>): void
}
export type Context = ReturnType<EmbeddedZ3['api']['mk_context']>

/** What is used of the emscripten module; the package types it as `any`. */
interface Emscripten {
  readonly HEAPU32: Uint32Array
  readonly _malloc: (bytes: number) => number
  readonly _free: (pointer: number) => void
  readonly _Z3_eval_smtlib2_string: (context: Context, text: number) => number
  readonly UTF8ToString: (pointer: number) => string
}

/** z3's threads run its own JavaScript; a loader for TypeScript, inherited from this process, would only delay them. */
class PlainThread extends threads.Worker {
  constructor(file: string | URL, options?: threads.WorkerOptions) {
    super(file, { ...options, execArgv: [] })
  }
}

/** What is used of WebAssembly.Table, which the types of this project do not include. */
interface FunctionTable {
  readonly length: number
  get(index: number): unknown
  set(index: number, value: unknown): void
  grow(by: number): number
}

/**
 * z3 looks functions up in its table for every call that may throw, and the package's JavaScript looks each up twice: a third of
 * all time. Here they are remembered; when a table changes, what is known of it is forgotten.
 */
function rememberFunctions(): void {
  const table = (globalThis as unknown as { WebAssembly: { Table: { prototype: FunctionTable } } }).WebAssembly.Table.prototype
  const { get, set, grow } = table
  let known: { readonly of?: FunctionTable; readonly functions: unknown[] } = { functions: [] }
  table.get = function (index) {
    // Of full length at once: an array that is first written to far behind its end becomes a hash table.
    if (known.of !== this) known = { of: this, functions: new Array(this.length) }
    const found = known.functions[index] ?? get.call(this, index)
    known.functions[index] = found
    return found
  }
  table.set = function (index, value) {
    known = { functions: [] }
    set.call(this, index, value)
  }
  table.grow = function (by) {
    known = { functions: [] }
    return grow.call(this, by)
  }
}

/** @param complain gets the lines on standard error, and the reason of an abort; z3 cannot be used after either. */
export async function embedZ3(complain: (line: string) => void): Promise<EmbeddedZ3> {
  rememberFunctions()
  const { em, Z3 } = await init({ printErr: complain, onAbort: (what: unknown) => complain(String(what)) })
  Object.assign(globalThis, { Worker: PlainThread })
  const z3 = em as Emscripten
  return {
    api: Z3,
    newContext() {
      const config = Z3.mk_config()
      const context = Z3.mk_context(config)
      Z3.del_config(config)
      return context
    },
    deleteContext: (context) => Z3.del_context(context),
    evaluate(context, text) {
      const bytes = Buffer.from(`${text}\0`)
      const pointer = z3._malloc(bytes.length)
      new Uint8Array(z3.HEAPU32.buffer).set(bytes, pointer)
      try {
        return z3.UTF8ToString(z3._Z3_eval_smtlib2_string(context, pointer))
      } finally {
        z3._free(pointer)
      }
    },
    setParameters(parameters) {
      Z3.global_param_reset_all()
      for (const [name, value] of Object.entries(parameters)) Z3.global_param_set(name, value)
    },
  }
}

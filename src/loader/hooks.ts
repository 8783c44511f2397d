// Module hooks of the process that runs a spec, on the thread Node gives them: 'smmcheck' is this installation, the spec's
// files come ready compiled. The thread also watches the main one, and says where it is stuck.

import { writeSync } from 'node:fs'
import inspector from 'node:inspector'
import { type LoadHook, type ResolveHook, SourceMap, type SourceMapPayload } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type RunnableFile, STUCK_MARK } from './protocol.ts'

export interface HookData {
  readonly index: string
  readonly files: ReadonlyMap<string, RunnableFile>
  /** [0]: counted up by the main thread as it lives; [1]: 1 while the spec is being loaded. */
  readonly pulse: Int32Array
  readonly timeoutMs: number
}

let data: HookData

export function initialize(given: HookData): void {
  data = given
  watch()
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === 'smmcheck') return { url: data.index, shortCircuit: true }
  const own = context.parentURL === undefined ? undefined : data.files.get(context.parentURL)?.imports.get(specifier)
  const url = own ?? (data.files.has(specifier) ? specifier : undefined)
  return url === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true }
}

export const load: LoadHook = async (url, context, next) => {
  const file = data.files.get(url)
  return file === undefined ? next(url, context) : { format: 'module', source: file.source, shortCircuit: true }
}

// ---- the watchdog ----

function watch(): void {
  let beat = 0
  let since = Date.now()
  let loadingSince = Date.now()
  const timer = setInterval(
    () => {
      const now = Atomics.load(data.pulse, 0)
      const loading = Atomics.load(data.pulse, 1) === 1
      if (!loading) loadingSince = Date.now()
      if (now !== beat) {
        beat = now
        since = Date.now()
      }
      if (Date.now() - since < data.timeoutMs && Date.now() - loadingSince < data.timeoutMs) return
      clearInterval(timer)
      reportPlace()
    },
    Math.min(1000, data.timeoutMs / 4),
  )
  timer.unref()
}

/** Stops the main thread and writes the innermost place in the spec's files where it was. */
function reportPlace(): void {
  const say = (place: { file?: string; line?: number }) => writeSync(1, `\n${STUCK_MARK}${JSON.stringify(place)}\n`)
  const session = new inspector.Session()
  // A thread that sleeps in an unfinished `await` has no place.
  const asleep = setTimeout(() => say({}), 1000)
  const scripts = new Map<string, string>()
  session.connectToMainThread()
  session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params.url))
  session.on('Debugger.paused', ({ params }) => {
    clearTimeout(asleep)
    for (const { location } of params.callFrames) {
      const url = scripts.get(location.scriptId) ?? ''
      const file = data.files.get(url)
      if (file === undefined) continue
      return void say({
        file: fileURLToPath(url),
        line: originalLine(file.source, location.lineNumber, location.columnNumber ?? 0),
      })
    }
    say({})
  })
  session.post('Debugger.enable', () => session.post('Debugger.pause'))
}

function originalLine(source: string, line: number, column: number): number {
  const encoded = /sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(source)?.[1]
  if (encoded === undefined) return line + 1
  const payload = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload
  const entry = new SourceMap(payload).findEntry(line, column)
  return ('originalLine' in entry ? entry.originalLine : line) + 1
}

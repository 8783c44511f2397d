// Where in the source a statement, procedure or action was written: failed conditions point there.

export interface Position {
  readonly file: string
  readonly line: number
}

/** Files whose callers are meant. */
const BUILDERS = /\/model\/(builder|invariant|system|position)\.[jt]s$/

/** The place that called into the modelling language. Found when somebody asks: with source maps, that takes a while. */
export function here(): Position {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 8
  // The frames are kept now, and written out when `stack` is first read.
  const trace = new Error()
  Error.stackTraceLimit = limit
  let found: Position | undefined
  const place = (): Position => {
    found ??= placeIn(trace.stack ?? '')
    return found
  }
  return {
    get file() {
      return place().file
    },
    get line() {
      return place().line
    },
  }
}

function placeIn(stack: string): Position {
  for (const line of stack.split('\n').slice(2)) {
    const match = /\(?((?:file:\/\/)?\/[^():]+):(\d+):\d+\)?$/.exec(line.trim())
    if (match !== null && !BUILDERS.test(match[1]!)) return { file: match[1]!.replace('file://', ''), line: Number(match[2]) }
  }
  return { file: '<unknown>', line: 0 }
}

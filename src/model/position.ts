// Where in the source a statement, procedure or action was written: failed conditions point there.

export interface Position {
  readonly file: string
  readonly line: number
}

/** Files whose callers are meant. */
const BUILDERS = /\/model\/(builder|invariant|system|position)\.[jt]s$/

/** The place that called into the modelling language. */
export function here(): Position {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 8
  const lines = (new Error().stack ?? '').split('\n').slice(2)
  Error.stackTraceLimit = limit
  for (const line of lines) {
    const match = /\(?((?:file:\/\/)?\/[^():]+):(\d+):\d+\)?$/.exec(line.trim())
    if (match !== null && !BUILDERS.test(match[1]!)) return { file: match[1]!.replace('file://', ''), line: Number(match[2]) }
  }
  return { file: '<unknown>', line: 0 }
}

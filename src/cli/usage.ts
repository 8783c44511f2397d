// Mistakes in how the command was called: one line on standard error, exit code 2.

export const USAGE_EXIT = 2

export class UsageError extends Error {}

/** A whole number within bounds, for an option. */
export function wholeNumber(option: string, least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const n = Number(text)
    if (!Number.isInteger(n) || n < least || n > most || text.trim() === '')
      throw new UsageError(
        `${option} takes a whole number${most === Number.MAX_SAFE_INTEGER ? ` of at least ${least}` : ` from ${least} to ${most}`}, not "${text}"`,
      )
    return n
  }
}

/** Seconds, fractions allowed, as milliseconds. */
export function secondsAsMs(option: string): (text: string) => number {
  return (text) => {
    const n = Number(text)
    if (!Number.isFinite(n) || n <= 0 || text.trim() === '')
      throw new UsageError(`${option} takes a number of seconds above 0, not "${text}"`)
    if (n < 0.001) throw new UsageError(`${option} takes at least a millisecond (0.001), not "${text}"`)
    return Math.round(n * 1000)
  }
}

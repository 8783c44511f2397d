// Timings as medians over repeated runs: of whole processes, as a user waits for them, and of functions in this one.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Timing {
  /** Milliseconds of each run, ascending. */
  readonly runs: readonly number[]
}

export const medianOf = ({ runs }: Timing): number => {
  const middle = runs.length >> 1
  return runs.length % 2 === 1 ? runs[middle]! : (runs[middle - 1]! + runs[middle]!) / 2
}

/** @param work what one run does; its own preparation does not count. */
export function timed(repeat: number, work: () => void): Timing {
  const runs = Array.from({ length: repeat }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return { runs: runs.sort((a, b) => a - b) }
}

const BIN = fileURLToPath(new URL('../bin/smmcheck.js', import.meta.url))
const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** One run of the command from start to exit. @throws Error if it ends otherwise than a benchmark can use. */
export function smmcheck(args: readonly string[], cache: string): void {
  const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: ROOT,
    env: { ...process.env, SMMCHECK_CACHE: cache, NO_COLOR: '1' },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  // A census that is not complete, or an unknown verdict, has taken its time all the same.
  if (status !== 0 && status !== 3) throw new Error(`smmcheck ${args.join(' ')} ended with ${status}: ${stderr}`)
}

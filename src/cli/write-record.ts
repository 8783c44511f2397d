// Records on their way to a file or to standard output.

import { writeFileSync } from 'node:fs'
import { UsageError } from './usage.ts'

/** @param path `-` for standard output. @throws UsageError when it cannot be written */
export function writeRecord(path: string, record: object): void {
  const text = `${JSON.stringify(record, null, 2)}\n`
  if (path === '-') {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UsageError(`${path}: cannot be written (${(error as Error).message})`)
  }
}

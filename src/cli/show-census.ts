// Where a census goes: text for people, and the record.

import { writeFileSync } from 'node:fs'
import type { Census } from '../report/census.ts'
import { renderCensus } from '../report/census-table.ts'
import type { Judgement } from '../report/judgement.ts'
import { wantsColour } from '../report/style.ts'
import { UsageError } from './usage.ts'

export interface Outputs {
  readonly json?: string
  readonly judgement?: string
}

/** Text for people goes to standard output, or to standard error when that carries JSON. */
export function showCensus(census: Census, { json, judgement }: Outputs): void {
  const stream = json === '-' || judgement === '-' ? process.stderr : process.stdout
  stream.write(renderCensus(census, { colour: wantsColour(stream.isTTY === true, process.env) }))
  if (json !== undefined) writeRecord(json, census)
}

/** @param path `-` for standard output */
export function writeRecord(path: string, record: Census | Judgement): void {
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

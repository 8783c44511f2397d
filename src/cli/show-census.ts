// Where a census goes: text for people, and the record.

import type { Census } from '../report/census.ts'
import { renderCensus } from '../report/census-table.ts'
import { wantsColour } from '../report/style.ts'
import { writeRecord } from './write-record.ts'

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

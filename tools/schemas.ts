// Writes the JSON Schema files in schemas/ from the record types in src/. Run it after a record has changed: npx tsx tools/schemas.ts
// A test holds the files against this output.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import { censusRecord } from '../src/report/census.ts'
import { judgementRecord } from '../src/report/judgement.ts'
import { proveRecord } from '../src/report/prove-record.ts'
import { seriesRecord } from '../src/report/series.ts'
import { verdictRecord } from '../src/report/verdict.ts'
import { slaFile } from '../src/sla/sla.ts'

export const SCHEMA_FOLDER = fileURLToPath(new URL('../schemas/', import.meta.url))

const RECORDS: readonly (readonly [file: string, record: z.ZodType])[] = [
  ['census-2.schema.json', censusRecord],
  ['judgement-1.schema.json', judgementRecord],
  ['prove-1.schema.json', proveRecord],
  ['series-1.schema.json', seriesRecord],
  ['sla-1.schema.json', slaFile],
  ['verdict-1.schema.json', verdictRecord],
]

/** The name and content of every file in schemas/. */
export function schemaFiles(): readonly { readonly name: string; readonly text: string }[] {
  return RECORDS.map(([name, record]) => ({ name, text: `${JSON.stringify(z.toJSONSchema(record), null, 2)}\n` }))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(SCHEMA_FOLDER, { recursive: true })
  for (const { name, text } of schemaFiles()) writeFileSync(join(SCHEMA_FOLDER, name), text)
}

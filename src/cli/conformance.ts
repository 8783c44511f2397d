// What `smmcheck conformance` does: runs vectors of emulators against the model, prints what came out.

import { describeVectorFileError } from '../conformance/file.ts'
import { renderConformance } from '../conformance/render.ts'
import { conforms, runConformance } from '../conformance/run.ts'
import { expandFiles } from './expand.ts'
import { UsageError } from './usage.ts'

export async function conformanceCommand(patterns: readonly string[]): Promise<number> {
  const result = runConformance(await expandFiles(patterns))
  if (result.kind === 'error') throw new UsageError(describeVectorFileError(result.error))
  process.stdout.write(`${renderConformance(result.report)}\n`)
  return conforms(result.report) ? 0 : 1
}

// What a file says, or one line about what is wrong with it.

import { describeFileFault, type FileResult } from '../proxy/files.ts'
import { UsageError } from './usage.ts'

/** @throws UsageError */
export function value<T>(result: FileResult<T>): T {
  if (result.ok) return result.value
  throw new UsageError(describeFileFault(result.path, result.fault))
}

// Folders that an option names.

import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from './usage.ts'

/** @throws UsageError when there is none, and none can be made. */
export function folderFor(option: string, folder: string): string {
  try {
    make(folder)
    return folder
  } catch (e) {
    throw new UsageError(
      `${option} ${folder}: no such folder can be made (${(e as Error).message}); name one that you may write to`,
    )
  }
}

/** Folder by folder: where one cannot be made (in /proc, say), Node's own recursive mkdir never returns. */
function make(folder: string): void {
  const path = resolve(folder)
  if (existsSync(path)) return
  make(dirname(path))
  mkdirSync(path)
}

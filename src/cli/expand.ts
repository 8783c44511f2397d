// File arguments: quoted globs are expanded here, as the shell expands plain ones.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { UsageError } from './usage.ts'

/** As `expandFiles`, of TypeScript files only. */
export async function expandSpecs(patterns: readonly string[]): Promise<string[]> {
  const files = await expandFiles(patterns)
  const other = files.find((file) => !/\.[cm]?ts$/.test(file))
  if (other !== undefined) throw new UsageError(`${other}: a spec is a TypeScript module, in a file named *.ts`)
  return files
}

/** Absolute paths, each once. @throws UsageError when a pattern matches nothing or an argument is a folder. */
export async function expandFiles(patterns: readonly string[]): Promise<string[]> {
  const out = new Set<string>()
  for (const pattern of patterns) {
    const stat = statSync(pattern, { throwIfNoEntry: false })
    if (stat?.isDirectory())
      throw new UsageError(`${pattern} is a folder: name files, for instance "${pattern.replace(/\/$/, '')}/*.ts"`)
    if (stat !== undefined || !isDynamicPattern(pattern)) {
      out.add(resolve(pattern))
      continue
    }
    const found = await glob(pattern, { absolute: true, onlyFiles: true, expandDirectories: false })
    if (found.length === 0) throw new UsageError(`no file matches "${pattern}"`)
    for (const file of found.sort()) out.add(file)
  }
  return [...out]
}

// The local files that a spec consists of: itself and what it imports by relative path, found by their import specifiers.
// Their content is what caches of checks and results are keyed by, so the search errs on the side of more.
// Leaves out: packages other than smmcheck (named, so that such a spec is not cached) and imports made up at run time.

import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { hashOf } from './install.ts'

export interface SpecFile {
  readonly path: string
  readonly text: string
  /** Specifier as written -> path of the file it means. */
  readonly imports: ReadonlyMap<string, string>
}

export interface Closure {
  /** The spec first. */
  readonly files: readonly SpecFile[]
  /** Imported packages other than smmcheck. */
  readonly foreign: readonly string[]
}

const SPECIFIER = /\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g

/** @throws Error when the spec itself cannot be read. */
export function closureOf(entry: string): Closure {
  const files = new Map<string, SpecFile>()
  const foreign = new Set<string>()
  const queue = [resolve(entry)]
  for (const path of queue) {
    if (files.has(path)) continue
    const text = readFileSync(path, 'utf8')
    const imports = new Map<string, string>()
    for (const [, , specifier] of text.matchAll(SPECIFIER)) {
      if (specifier === 'smmcheck') continue
      if (!/^\.{0,2}\//.test(specifier!)) foreign.add(specifier!)
      else {
        const target = fileOf(resolve(dirname(path), specifier!))
        if (target === undefined) continue
        imports.set(specifier!, target)
        queue.push(target)
      }
    }
    files.set(path, { path, text, imports })
  }
  return { files: [...files.values()], foreign: [...foreign] }
}

export const closureHash = ({ files }: Closure): string => hashOf(files.flatMap((f) => [f.path, f.text]))

/** `./x.ts`, `./x.js` for x.ts, `./x`, `./x/index.ts`. */
function fileOf(path: string): string | undefined {
  const candidates = [path, path.replace(/\.([cm]?)js$/, '.$1ts'), `${path}.ts`, `${path}/index.ts`]
  return candidates.find((c) => statSync(c, { throwIfNoEntry: false })?.isFile())
}

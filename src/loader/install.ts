// Where this installation lives: the module that specs get when they import 'smmcheck', its types, its version, and a hash of
// the code that decides verdicts. Works from dist/ (as installed) and from src/ (in development).

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const base = new URL('../', import.meta.url)
const compiled = import.meta.url.endsWith('.js')

/** Folder of the compiled (or source) modules. */
export const MODULES = fileURLToPath(base)
/** What `import ... from 'smmcheck'` resolves to: one instance, shared with the prover. */
export const INDEX_URL = new URL(compiled ? 'index.js' : 'index.ts', base).href
export const INDEX_TYPES = fileURLToPath(new URL(compiled ? 'index.d.ts' : 'index.ts', base))
export const VERSION = (JSON.parse(readFileSync(new URL('../package.json', base), 'utf8')) as { version: string }).version

/** The URL of a module that is started as a process or thread of its own. */
export const moduleUrl = (name: string): URL => new URL(`${name}.${compiled ? 'js' : 'ts'}`, base)

/** Folders whose code only shows or starts things. */
const IRRELEVANT = /^(cli|report|executor)[/\\]|\.map$/

let known: string | undefined
/** Changes whenever code that may change a verdict does. */
export function buildHash(): string {
  known ??= hashOf(
    readdirSync(MODULES, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(MODULES, join(entry.parentPath, entry.name)))
      .filter((name) => !IRRELEVANT.test(name))
      .sort()
      .flatMap((name) => [name, readFileSync(join(MODULES, name), 'utf8')]),
  )
  return known
}

export function hashOf(parts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

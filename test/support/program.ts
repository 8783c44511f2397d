// Type-checked programs from texts: virtual files over the real file system, with the strict options of this repository.
// Leaves out: emitting JavaScript.

import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  types: [],
}

/** `files` by absolute path, or by path from the repository's root. */
export function programOf(files: ReadonlyMap<string, string>): ts.Program {
  const texts = new Map([...files].map(([path, text]) => [resolve(root, path), text]))
  const folders = new Set<string>()
  for (const path of texts.keys()) for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at)
  const host = ts.createCompilerHost(options)
  const real = { ...host }
  host.fileExists = (path) => texts.has(path) || real.fileExists(path)
  host.readFile = (path) => texts.get(path) ?? real.readFile(path)
  host.directoryExists = (path) => folders.has(path) || (real.directoryExists?.(path) ?? false)
  host.realpath = (path) => (texts.has(path) ? path : (real.realpath?.(path) ?? path))
  host.getSourceFile = (path, languageVersion) => {
    const text = texts.get(path)
    return text === undefined ? real.getSourceFile(path, languageVersion) : ts.createSourceFile(path, text, languageVersion, true)
  }
  return ts.createProgram(
    [...texts.keys()].filter((path) => /\.tsx?$/.test(path)),
    options,
    host,
  )
}

/** The declaration files that publishing `entry` and what it imports would give, by file name without folder. */
export function declarationsOf(entry: string): Map<string, string> {
  const out = new Map<string, string>()
  const program = ts.createProgram([resolve(root, entry)], {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: '/',
  })
  program.emit(undefined, (path, text) => out.set(path.slice(path.lastIndexOf('/') + 1), text), undefined, true)
  return out
}

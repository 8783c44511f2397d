// Checks specs with the TypeScript compiler, strictly, against this installation's types: syntax, types, terms misused as
// JavaScript values. Compiles them too, so that running a spec needs no compiler.
// Leaves out: what the specs import from packages of their own, beyond its types.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { SpecError } from '../prover/record.ts'
import { INDEX_TYPES } from './install.ts'
import type { Checked, CheckRequest } from './protocol.ts'
import { isPure } from './purity.ts'
import { lintTerms } from './term-lint.ts'

const AMBIENT = fileURLToPath(new URL('./ambient.d.ts', import.meta.url))
/** What a spec may use without Node's types being installed. */
const AMBIENT_TEXT = `interface Console { log(...values: unknown[]): void; error(...values: unknown[]): void }
declare const console: Console
`

export function check({ specs, types }: CheckRequest): Checked[] {
  const program = types ? programOf([...new Set(specs.flatMap((s) => s.files))]) : undefined
  return specs.map(({ path, files }) => {
    const emitted: Record<string, string> = {}
    let error = program === undefined ? undefined : firstError(program, files)
    for (const file of files) {
      const { outputText, diagnostics } = ts.transpileModule(readFileSync(file, 'utf8'), {
        fileName: file,
        reportDiagnostics: true,
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          inlineSourceMap: true,
        },
      })
      emitted[file] = outputText
      const [first] = diagnostics ?? []
      if (first !== undefined) error ??= errorOf(first, 'syntax', (diagnostics?.length ?? 1) - 1, file)
    }
    const pure = program !== undefined && files.every((file) => isPure(program, program.getSourceFile(file)!))
    return { path, emitted, pure, ...(error === undefined ? {} : { error }) }
  })
}

function programOf(files: readonly string[]): ts.Program {
  const types = nodeTypes(files[0])
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    // The compiler would look near the current folder.
    ...(types === undefined ? { types: [] } : { types: ['node'], typeRoots: [types] }),
    paths: { smmcheck: [INDEX_TYPES] },
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  const ambient = ts.createSourceFile(AMBIENT, options.types?.length === 0 ? AMBIENT_TEXT : '', ts.ScriptTarget.ES2022)
  host.getSourceFile = (name, ...rest) => (name === AMBIENT ? ambient : getSourceFile(name, ...rest))
  host.fileExists = (name) => name === AMBIENT || fileExists(name)
  return ts.createProgram([AMBIENT, ...files], options, host)
}

/** The folder with Node's types that a spec sees, if it sees any. */
function nodeTypes(near: string | undefined): string | undefined {
  if (near === undefined) return undefined
  try {
    return dirname(dirname(createRequire(near).resolve('@types/node/package.json')))
  } catch {
    return undefined
  }
}

function firstError(program: ts.Program, files: readonly string[]): SpecError | undefined {
  const sources = files.map((file) => program.getSourceFile(file)!)
  const syntax = sources.flatMap((source) => program.getSyntacticDiagnostics(source))
  if (syntax[0] !== undefined) return errorOf(syntax[0], 'syntax', syntax.length - 1, files[0]!)
  const types = [
    ...program.getOptionsDiagnostics(),
    ...sources.flatMap((source) => program.getSemanticDiagnostics(source)),
  ].filter((d) => d.category === ts.DiagnosticCategory.Error)
  if (types[0] !== undefined) return errorOf(types[0], 'type', types.length - 1, files[0]!)
  const misuses = lintTerms(program, sources)
  const [first] = misuses
  if (first === undefined) return undefined
  const { file, line, column, message } = first
  return { kind: 'type', file, line, column, message: `${message}${andMore(misuses.length - 1)}` }
}

function errorOf(d: ts.Diagnostic, kind: 'syntax' | 'type', further: number, spec: string): SpecError {
  const text = ts.flattenDiagnosticMessageText(d.messageText, '\n').split('\n')[0]!
  const message = `${kind === 'type' ? 'type error' : 'syntax error'} TS${d.code}: ${text}${andMore(further)}`
  if (d.file === undefined || d.start === undefined) return { kind, file: spec, message }
  const { line, character } = d.file.getLineAndCharacterOfPosition(d.start)
  return { kind, file: d.file.fileName, line: line + 1, column: character + 1, message }
}

const andMore = (n: number): string => (n === 0 ? '' : ` (and ${n} more)`)

// Terms used as JavaScript values anywhere in this repository (src/loader/term-lint.ts). Exit code 1 when there are any.
// Where comparing terms as objects is the point, the file is listed below with its reason, for that kind of misuse only.

import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { lintTerms, type MisuseKind } from '../src/loader/term-lint.ts'

const folders = ['src', 'specs', 'test', 'samples', 'bench', 'tools']

const allowed: readonly { readonly file: string; readonly kind: MisuseKind; readonly reason: string }[] = [
  { file: 'src/model/simplify.ts', kind: 'equality', reason: 'rules ask whether two operands are the same node' },
  { file: 'src/model/traverse.ts', kind: 'equality', reason: 'a node whose arguments are unchanged is kept' },
  { file: 'src/model/evaluate.ts', kind: 'equality', reason: 'the meaning of a node is looked up by identity' },
  { file: 'src/model/term.ts', kind: 'equality', reason: 'the class itself' },
  { file: 'src/model/builder.ts', kind: 'equality', reason: 'a variable is recognised as the old or new value of a cell' },
  { file: 'src/model/interpreter.ts', kind: 'equality', reason: 'a variable is recognised as the old or new value of a cell' },
  {
    file: 'src/prover/conditions.ts',
    kind: 'equality',
    reason: 'a variable is recognised as a value of a cell; equal branches need no ite',
  },
  { file: 'src/prover/countermodel.ts', kind: 'equality', reason: 'a variable is recognised as a value of a cell' },
  { file: 'src/prover/instantiate.ts', kind: 'equality', reason: 'pairs are formed of different terms' },
  { file: 'src/prover/propagate.ts', kind: 'equality', reason: 'a hypothesis that did not change is kept' },
  { file: 'src/prover/smtlib.ts', kind: 'equality', reason: 'unchanged nodes are kept; reads of one index share a name' },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const config = ts.getParsedCommandLineOfConfigFile(
  resolve(root, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
    },
  },
)
if (config === undefined) throw new Error('tsconfig.json cannot be read')

const program = ts.createProgram(config.fileNames, config.options)
const inside = (file: string) => relative(root, file).replaceAll('\\', '/')
const files = program.getSourceFiles().filter(({ fileName }) => folders.includes(inside(fileName).split('/')[0]!))
const found = lintTerms(program, files).filter(
  ({ file, kind }) => !allowed.some((entry) => entry.file === inside(file) && entry.kind === kind),
)
for (const { file, line, column, message } of found) console.error(`${inside(file)}:${line}:${column} ${message}`)
console.error(`terms: ${files.length} files, ${found.length} misuses`)
process.exitCode = found.length > 0 ? 1 : 0

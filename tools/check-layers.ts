// Dependencies between the folders of src/ point one way, and no file takes part in an import cycle. Run as a program it
// checks this repository; `checkLayers` works on any set of texts.
// Leaves out: whether an import resolves (the compiler says so), and what tests and tools import.

import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { globSync } from 'tinyglobby'
import ts from 'typescript'

/** How far one folder may use another: everything, types only, or types and the values of some files. */
type Reach = 'all' | 'types' | readonly string[]

/** What a claim is made of; the rest of the prover (printing, solving, caching) stays out of reach. */
const claimFiles = ['claim.ts', 'conditions.ts', 'obligation.ts', 'scenario.ts', 'system-claim.ts', 'unroll.ts', 'wording.ts']

const layers: Readonly<Record<string, 'everything' | Readonly<Record<string, Reach>>>> = {
  model: {},
  // Files that a user names, read; what they hold is the business of whoever asks.
  files: {},
  prover: { model: 'all' },
  executor: { files: 'all', model: 'all' },
  x86: { model: 'all' },
  smm: { model: 'all', x86: 'all' },
  // Who talks to the handler from afar, and who stands in between; src/proxy is the same as code that runs.
  protocol: { model: 'all' },
  properties: { model: 'all', x86: 'all', smm: 'all', protocol: 'all', prover: claimFiles },
  conformance: { files: 'all', model: 'all', x86: 'all' },
  report: { model: 'all', prover: 'types', executor: 'types' },
  // The handler's procedures, run by the executor on an image; the result is a record that report/ defines.
  measure: { model: 'all', x86: 'all', smm: 'all', executor: 'all', report: 'types' },
  // What tenants were promised, held against such a record.
  sla: { files: 'all', report: 'types', sampling: 'all' },
  // The report of a census, and what a proxy far away makes of it.
  proxy: { files: 'all', report: 'types', sampling: 'types' },
  // Shares of time from samples, and hosts that do not want them known.
  sampling: {},
  // A spec's own process builds obligations and decides them with the solver's answers, or runs the system of its claims.
  loader: { model: 'all', prover: 'all', executor: 'all' },
  cli: 'everything',
}

/** Packages that only one folder may name. */
const confinedPackages: Readonly<Record<string, string>> = { 'z3-solver': 'src/prover/solver' }
/** Folders that import nothing of this repository but themselves. */
const islands = ['src/prover/solver']
/** Files that need one another: terms simplify when built, the simplifier builds terms. */
const knots: readonly (readonly string[])[] = [
  ['term', 'simplify', 'intern', 'fold', 'bit-at'].map((name) => `src/model/${name}.ts`),
]

export interface Violation {
  readonly file: string
  readonly line: number
  readonly message: string
}

interface Import {
  readonly from: string
  readonly line: number
  readonly specifier: string
  readonly typeOnly: boolean
  /** Path from the repository's root, for relative imports. */
  readonly target: string | undefined
}

/** @param files texts by path from the repository's root, below src/ or specs/. */
export function checkLayers(files: ReadonlyMap<string, string>): Violation[] {
  const imports = [...files].flatMap(([path, text]) => importsOf(path, text))
  const direct = imports.flatMap((found) => {
    const message = complaint(found)
    return message === undefined ? [] : [{ file: found.from, line: found.line, message }]
  })
  return [...direct, ...cycles([...files.keys()], imports)]
}

function importsOf(path: string, text: string): Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const out: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
    const target = specifier.text.startsWith('.') ? posix.join(posix.dirname(path), specifier.text) : undefined
    out.push({ from: path, line, specifier: specifier.text, typeOnly, target })
  }
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeOnly(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node)) add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], false)
    else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'require')
      add(node, node.arguments[0], false)
    ts.forEachChild(node, walk)
  }
  walk(file)
  return out
}

/** `import type ...`, or an import all of whose names are types. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  return clause.name === undefined && named !== undefined && ts.isNamedImports(named) && named.elements.every((e) => e.isTypeOnly)
}

const within = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)

function complaint({ from, specifier, typeOnly, target }: Import): string | undefined {
  if (target === undefined) return packageComplaint(from, specifier)
  if (within(from, 'specs'))
    return within(target, 'specs') ? undefined : `specs import from 'smmcheck', as a user's do, not from ${target}`
  if (!within(target, 'src')) return `src/ imports nothing outside src/, but this is ${target}`
  for (const island of islands)
    if (within(from, island) && !within(target, island)) return `${island} imports nothing outside itself, but this is ${target}`
  const [mine, theirs] = [from.split('/')[1]!, target.split('/')[1]!]
  if (from === 'src/index.ts') return theirs === 'cli' ? 'the library does not import the command line' : undefined
  const allowed = layers[mine]
  if (allowed === undefined) return `src/${mine} has no line in the table of tools/check-layers.ts`
  if (mine === theirs || allowed === 'everything') return undefined
  const reach = allowed[theirs]
  if (reach === undefined) return `src/${mine} must not import src/${theirs} (${target})`
  if (reach === 'all' || typeOnly) return undefined
  if (reach === 'types') return `src/${mine} may import types of src/${theirs} only: write \`import type\``
  const file = target.split('/').slice(2).join('/')
  return reach.includes(file)
    ? undefined
    : `src/${mine} may import values of src/${theirs} from ${reach.join(', ')} only, not from ${file}`
}

function packageComplaint(from: string, specifier: string): string | undefined {
  if (within(from, 'src') && /^smmcheck(\/|$)/.test(specifier)) return "src/ does not import itself as 'smmcheck'"
  for (const [name, folder] of Object.entries(confinedPackages))
    if ((specifier === name || specifier.startsWith(`${name}/`)) && !within(from, folder))
      return `'${name}' may be imported in ${folder} only`
  return undefined
}

// ---- cycles ----

const knotOf = (path: string): string => knots.find((knot) => knot.includes(path))?.join(' + ') ?? path

/** Strongly connected components of the import graph, type-only imports included, each allowed knot drawn as one node. */
function cycles(paths: readonly string[], imports: readonly Import[]): Violation[] {
  const edges = new Map<string, Set<string>>(paths.map((path) => [knotOf(path), new Set()]))
  for (const { from, target } of imports)
    if (target !== undefined && paths.includes(target) && (knotOf(from) !== knotOf(target) || from === target))
      edges.get(knotOf(from))!.add(knotOf(target))

  const out: Violation[] = []
  const reachable = (start: string): Map<string, string> => {
    const cameFrom = new Map<string, string>()
    const queue = [start]
    for (const at of queue)
      for (const next of edges.get(at)!)
        if (!cameFrom.has(next)) {
          cameFrom.set(next, at)
          queue.push(next)
        }
    return cameFrom
  }
  const reported = new Set<string>()
  for (const start of edges.keys()) {
    const cameFrom = reachable(start)
    if (reported.has(start) || !cameFrom.has(start)) continue
    const path = [start]
    for (let at = cameFrom.get(start)!; at !== start; at = cameFrom.get(at)!) path.unshift(at)
    path.unshift(start)
    for (const node of cameFrom.keys()) if (reachable(node).has(start)) reported.add(node)
    out.push({ file: start.split(' + ')[0]!, line: 1, message: `import cycle: ${path.join(' -> ')}` })
  }
  return out
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const paths = globSync(['src/**/*.ts', 'specs/**/*.ts'], { cwd: root }).sort()
  const found = checkLayers(new Map(paths.map((path) => [path, readFileSync(root + path, 'utf8')])))
  for (const { file, line, message } of found) console.error(`${file}:${line} ${message}`)
  console.error(`layers: ${paths.length} files, ${found.length} violations`)
  process.exitCode = found.length > 0 ? 1 : 0
}

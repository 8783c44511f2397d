// Guards against tests that never run. uvu runs a suite only if somebody calls its `.run()`, and drops what is added later;
// `.only` and `.skip` silence others. This looks at the source of a test file; run.ts checks what really ran.

import ts from 'typescript'

export interface Inspection {
  /** Suites that the file must run, at least. */
  readonly suites: number
  readonly complaints: readonly string[]
}

interface Suite {
  readonly name: string
  constructed: number
  runs: number
  lastRun: number
}

export function inspect(path: string, text: string): Inspection {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const complaints: string[] = []
  const complain = (node: ts.Node, what: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
    complaints.push(`${path}:${line + 1} ${what}`)
  }
  const { makers, ready } = importedFromUvu(file)
  if (makers.size + ready.size === 0) return { suites: 0, complaints: [`${path}:1 imports neither suite nor test from uvu`] }

  const suites = new Map<string, Suite>()
  const suite = (name: string): Suite => {
    const known = suites.get(name) ?? { name, constructed: 0, runs: 0, lastRun: Number.POSITIVE_INFINITY }
    suites.set(name, known)
    return known
  }
  each(file, ts.isCallExpression, (call) => {
    if (!ts.isIdentifier(call.expression)) return
    if (makers.has(call.expression.text)) {
      const holder = call.parent
      if (ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name)) suite(holder.name.text).constructed++
      else complain(call, 'a suite that is not bound to a name can never run')
    } else if (ready.has(call.expression.text)) suite(call.expression.text).constructed = 1
  })
  each(file, ts.isPropertyAccessExpression, (access) => {
    const { expression: object, name } = access
    if (!ts.isIdentifier(object) || !(suites.has(object.text) || ready.has(object.text))) return
    if (name.text === 'only' || name.text === 'skip') complain(access, `.${name.text} silences tests`)
    if (name.text === 'run' && ts.isCallExpression(access.parent) && access.parent.expression === access) {
      suite(object.text).runs++
      suite(object.text).lastRun = access.getStart(file)
    }
  })
  each(file, ts.isCallExpression, (call) => {
    const known = ts.isIdentifier(call.expression) ? suites.get(call.expression.text) : undefined
    if (known !== undefined && known.constructed === 1 && call.getStart(file) > known.lastRun)
      complain(call, `a test added after ${known.name}.run() never runs`)
  })
  for (const { name, constructed, runs } of suites.values())
    if (constructed !== runs) complaints.push(`${path}:1 ${name}: ${constructed} constructed, ${runs} run`)
  if (suites.size === 0) complaints.push(`${path}:1 constructs no suite`)
  return { suites: [...suites.values()].reduce((sum, { constructed }) => sum + constructed, 0), complaints }
}

/** Local names of `suite` (makes suites) and `test` (a suite that is there already). */
function importedFromUvu(file: ts.SourceFile): { makers: Set<string>; ready: Set<string> } {
  const makers = new Set<string>()
  const ready = new Set<string>()
  each(file, ts.isImportDeclaration, (declaration) => {
    const { moduleSpecifier, importClause } = declaration
    const named = importClause?.namedBindings
    if (
      !ts.isStringLiteral(moduleSpecifier) ||
      moduleSpecifier.text !== 'uvu' ||
      named === undefined ||
      !ts.isNamedImports(named)
    )
      return
    for (const { name, propertyName } of named.elements) {
      const imported = (propertyName ?? name).text
      if (imported === 'suite') makers.add(name.text)
      if (imported === 'test') ready.add(name.text)
    }
  })
  return { makers, ready }
}

function each<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T, callback: (node: T) => void): void {
  const walk = (node: ts.Node): void => {
    if (is(node)) callback(node)
    ts.forEachChild(node, walk)
  }
  walk(root)
}

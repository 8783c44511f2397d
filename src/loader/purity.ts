// Whether a spec's text alone decides what it exports, so that its results may be kept under the text's hash: it asks no
// clock, no chance, no environment, no file, and makes up no code or import at run time.
// Leaves out: specs that hide such a thing on purpose. Their own results are all they can spoil.

import ts from 'typescript'

/** Names that, when they mean the global of that name, can make two runs differ. */
const IMPURE = new Set([
  'Date',
  'Function',
  'Intl',
  'WeakRef',
  'FinalizationRegistry',
  'eval',
  'fetch',
  'crypto',
  'global',
  'globalThis',
  'navigator',
  'performance',
  'process',
  'require',
  'setTimeout',
  'setInterval',
  'setImmediate',
])

export function isPure(program: ts.Program, file: ts.SourceFile): boolean {
  const checker = program.getTypeChecker()
  const isGlobal = (name: ts.Identifier): boolean => {
    const declarations = checker.getSymbolAtLocation(name)?.declarations ?? []
    return declarations.every((d) => d.getSourceFile().isDeclarationFile)
  }
  const impure = (node: ts.Node): boolean => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier
      return from !== undefined && ts.isStringLiteral(from) && from.text !== 'smmcheck' && !/^\.{0,2}\//.test(from.text)
    }
    if (node.kind === ts.SyntaxKind.ImportKeyword || ts.isMetaProperty(node)) return true
    if (ts.isPropertyAccessExpression(node) && node.name.text === 'random') return true
    if (ts.isIdentifier(node) && IMPURE.has(node.text) && !isMemberName(node) && isGlobal(node)) return true
    return ts.forEachChild(node, impure) ?? false
  }
  return !impure(file)
}

/** `x.process`, `{ process: 1 }`: a name that belongs to something else. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) || (ts.isPropertyAssignment(parent) && parent.name === node)
  )
}

// Finds terms used as JavaScript values, where nothing fails at run time: `if (term)` always takes the branch, `a === b` asks
// whether two terms are the same object. Works on any program that sees smmcheck's Term, in this repository or through
// the published declarations.
// Leaves out: values of type `any` (nothing is known of them), and identity by function (`Object.is`, `Set`, `includes`),
// which says what it means.

import { match } from 'ts-pattern'
import ts from 'typescript'

export type MisuseKind =
  | 'condition'
  | 'negation'
  | 'logical'
  | 'nullish'
  | 'equality'
  | 'comparison'
  | 'arithmetic'
  | 'template'
  | 'switch'
  | 'coercion'
  | 'key'
  | 'predicate'
  | 'assertion'

export interface TermMisuse {
  readonly file: string
  /** Both counted from 1. */
  readonly line: number
  readonly column: number
  readonly kind: MisuseKind
  /** One sentence that names the fix. */
  readonly message: string
}

/** Every misuse in `files`, in source order. @param program must be able to check types: built with the files' own options. */
export function lintTerms(program: ts.Program, files: readonly ts.SourceFile[]): TermMisuse[] {
  const checker = program.getTypeChecker()
  return files.flatMap((file) => new Linter(checker, file).run())
}

function messageOf(kind: MisuseKind): string {
  return match(kind)
    .with('condition', () => 'a term is an object and so always true: use .ite(yes, no), or b.when(term, ...) in a procedure')
    .with('negation', () => '`!` of a term is always false: use .not()')
    .with(
      'logical',
      () => '`&&` and `||` pick one of two objects: use .and(...), .or(...), .implies(...), or `? :` on a JavaScript Boolean',
    )
    .with('nullish', () => 'a term is never null or undefined, so `??` never takes its right side: drop it')
    .with(
      'equality',
      () => 'this compares objects, not values: use .eq(...), .ne(...) or .iff(...), or Object.is(a, b) if identity is meant',
    )
    .with('comparison', () => 'a term has no order in JavaScript: use .ult(...), .ule(...), .ugt(...) or .uge(...)')
    .with(
      'arithmetic',
      () => 'JavaScript cannot calculate with terms: use .plus, .minus, .times, .bitand, .bitor, .bitxor, .bitnot, .shl or .lshr',
    )
    .with('template', () => 'a term has no text: print it with show(term)')
    .with('switch', () => '`switch` compares objects, not values: use .ite(...), or b.when(...) in a procedure')
    .with('coercion', () => 'a term converts to nothing: read a constant with .value, print with show(term)')
    .with('key', () => 'a term is no property name: use its .id, or a Map from terms')
    .with(
      'predicate',
      () =>
        'a callback that returns a term always says yes: build a formula with and(...terms.map(...)) or or(...terms.map(...))',
    )
    .with('assertion', () => 'a term is always true here: assert something about its .value or about evaluate(term, ...)')
    .exhaustive()
}

const declaringFile = /(?:^|\/)(?:src|dist)\/model\/term\.(?:d\.)?ts$/
const classNames: ReadonlySet<string> = new Set(['Term', 'Bool', 'Bv', 'Arr'])
const converters: ReadonlySet<string> = new Set(['Boolean', 'String', 'Number', 'BigInt'])
const predicateTakers: ReadonlySet<string> = new Set([
  'filter',
  'some',
  'every',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
])

const kinds = ts.SyntaxKind
const logical: ReadonlySet<ts.SyntaxKind> = new Set([
  kinds.AmpersandAmpersandToken,
  kinds.BarBarToken,
  kinds.AmpersandAmpersandEqualsToken,
  kinds.BarBarEqualsToken,
])
const equality: ReadonlySet<ts.SyntaxKind> = new Set([
  kinds.EqualsEqualsToken,
  kinds.EqualsEqualsEqualsToken,
  kinds.ExclamationEqualsToken,
  kinds.ExclamationEqualsEqualsToken,
])
const comparison: ReadonlySet<ts.SyntaxKind> = new Set([
  kinds.LessThanToken,
  kinds.LessThanEqualsToken,
  kinds.GreaterThanToken,
  kinds.GreaterThanEqualsToken,
])
const arithmetic: ReadonlySet<ts.SyntaxKind> = new Set([
  kinds.PlusToken,
  kinds.MinusToken,
  kinds.AsteriskToken,
  kinds.AsteriskAsteriskToken,
  kinds.SlashToken,
  kinds.PercentToken,
  kinds.AmpersandToken,
  kinds.BarToken,
  kinds.CaretToken,
  kinds.LessThanLessThanToken,
  kinds.GreaterThanGreaterThanToken,
  kinds.GreaterThanGreaterThanGreaterThanToken,
  kinds.PlusEqualsToken,
  kinds.MinusEqualsToken,
  kinds.AsteriskEqualsToken,
  kinds.AsteriskAsteriskEqualsToken,
  kinds.SlashEqualsToken,
  kinds.PercentEqualsToken,
  kinds.AmpersandEqualsToken,
  kinds.BarEqualsToken,
  kinds.CaretEqualsToken,
  kinds.LessThanLessThanEqualsToken,
  kinds.GreaterThanGreaterThanEqualsToken,
  kinds.GreaterThanGreaterThanGreaterThanEqualsToken,
])

class Linter {
  private readonly checker: ts.TypeChecker
  private readonly file: ts.SourceFile
  private readonly found: TermMisuse[] = []

  constructor(checker: ts.TypeChecker, file: ts.SourceFile) {
    this.checker = checker
    this.file = file
  }

  run(): TermMisuse[] {
    const walk = (node: ts.Node): void => {
      this.visit(node)
      ts.forEachChild(node, walk)
    }
    walk(this.file)
    return this.found.sort((a, b) => a.line - b.line || a.column - b.column)
  }

  private visit(node: ts.Node): void {
    if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) this.check('condition', node.expression)
    else if (ts.isForStatement(node)) this.check('condition', node.condition)
    else if (ts.isConditionalExpression(node)) this.check('condition', node.condition)
    else if (ts.isPrefixUnaryExpression(node))
      this.check(node.operator === kinds.ExclamationToken ? 'negation' : 'arithmetic', node.operand)
    else if (ts.isPostfixUnaryExpression(node)) this.check('arithmetic', node.operand)
    else if (ts.isBinaryExpression(node)) this.binary(node)
    else if (ts.isTemplateExpression(node) && !ts.isTaggedTemplateExpression(node.parent))
      for (const span of node.templateSpans) this.check('template', span.expression)
    else if (ts.isSwitchStatement(node)) this.check('switch', node.expression)
    else if (ts.isCaseClause(node)) this.check('switch', node.expression)
    else if (ts.isElementAccessExpression(node)) this.check('key', node.argumentExpression)
    else if (ts.isComputedPropertyName(node)) this.check('key', node.expression)
    else if (ts.isCallExpression(node)) this.call(node)
  }

  private binary({ operatorToken: { kind }, left, right }: ts.BinaryExpression): void {
    if (logical.has(kind)) this.checkOne('logical', left, right)
    else if (kind === kinds.QuestionQuestionToken || kind === kinds.QuestionQuestionEqualsToken) {
      if (!this.mayBe(left, ts.TypeFlags.Undefined | ts.TypeFlags.Null)) this.check('nullish', left)
    } else if (equality.has(kind)) {
      if (!this.isDistinguishable(left) && !this.isDistinguishable(right)) this.checkOne('equality', left, right)
    } else if (comparison.has(kind)) this.checkOne('comparison', left, right)
    else if (arithmetic.has(kind)) this.checkOne('arithmetic', left, right)
    else if (kind === kinds.InKeyword) this.check('key', left)
  }

  private call(node: ts.CallExpression): void {
    const { expression: callee, arguments: args } = node
    const first = args[0]
    if (first === undefined) return
    if (ts.isIdentifier(callee) && converters.has(callee.text)) this.check('coercion', first)
    if (ts.isPropertyAccessExpression(callee) && predicateTakers.has(callee.name.text) && this.isList(callee.expression)) {
      const results = this.typeOf(first)
        .getCallSignatures()
        .map((signature) => signature.getReturnType())
      if (results.some((type) => this.includesTerm(type))) this.report('predicate', first)
    }
    const signature = this.checker.getResolvedSignature(node)
    const asserted = signature && this.checker.getTypePredicateOfSignature(signature)
    if (asserted?.kind === ts.TypePredicateKind.AssertsIdentifier && asserted.type === undefined)
      this.check('assertion', args[asserted.parameterIndex])
  }

  // ---- types ----

  private typeOf(node: ts.Node): ts.Type {
    return this.checker.getTypeAtLocation(node)
  }

  private includesTerm(type: ts.Type): boolean {
    if (type.isUnionOrIntersection()) return type.types.some((t) => this.includesTerm(t))
    if (type.flags & ts.TypeFlags.Instantiable) {
      const bound = this.checker.getBaseConstraintOfType(type)
      return bound !== undefined && bound !== type && this.includesTerm(bound)
    }
    if (!(type.flags & ts.TypeFlags.Object)) return false
    const { objectFlags, symbol } = type as ts.ObjectType
    const instance = objectFlags & ts.ObjectFlags.Reference ? (type as ts.TypeReference).target : type
    // The class itself, `typeof Bool`, is no instance.
    if (!instance.isClassOrInterface()) return false
    const declared = symbol.declarations ?? []
    if (classNames.has(symbol.name) && declared.some((d) => declaringFile.test(d.getSourceFile().fileName))) return true
    return this.checker.getBaseTypes(instance).some((base) => this.includesTerm(base))
  }

  private isList(node: ts.Expression): boolean {
    const type = this.checker.getNonNullableType(this.typeOf(node))
    return this.checker.isArrayType(type) || this.checker.isTupleType(type)
  }

  private mayBe(node: ts.Expression, flags: ts.TypeFlags): boolean {
    const type = this.typeOf(node)
    return (type.isUnion() ? type.types : [type]).some((t) => (t.flags & flags) !== 0)
  }

  /** Undefined, null or a text: comparing with these tells the members of a union apart, it compares no terms. */
  private isDistinguishable(node: ts.Expression): boolean {
    const type = this.typeOf(node)
    const allowed = ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.StringLike
    return (type.isUnion() ? type.types : [type]).every((t) => (t.flags & allowed) !== 0)
  }

  // ---- findings ----

  private checkOne(kind: MisuseKind, left: ts.Expression, right: ts.Expression): void {
    if (!this.check(kind, left)) this.check(kind, right)
  }

  private check(kind: MisuseKind, node: ts.Expression | undefined): boolean {
    if (node === undefined) return false
    let inner = node
    while (ts.isParenthesizedExpression(inner)) inner = inner.expression
    // The operands of a logical operator are reported themselves.
    if (ts.isBinaryExpression(inner) && logical.has(inner.operatorToken.kind)) return false
    if (!this.includesTerm(this.typeOf(inner))) return false
    this.report(kind, inner)
    return true
  }

  private report(kind: MisuseKind, node: ts.Node): void {
    const { line, character } = this.file.getLineAndCharacterOfPosition(node.getStart(this.file))
    this.found.push({ file: this.file.fileName, line: line + 1, column: character + 1, kind, message: messageOf(kind) })
  }
}

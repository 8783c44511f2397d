// The lint against terms used as JavaScript values: every kind of misuse is found at its place, every legitimate look-alike
// is left alone, both against the sources and against the published declarations.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: fixtures are source text

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lintTerms, type MisuseKind } from '../../src/loader/term-lint.ts'
import { declarationsOf, programOf } from '../support/program.ts'

const lint = suite('term lint')

const prelude = `
declare const p: Bool, q: Bool, x: Bv, y: Bv<'frame'>, m: Arr, t: Term
declare const flag: boolean, n: number, name: string, maybe: Bool | undefined, either: Bv | bigint, auto: Bool | 'auto'
declare const terms: readonly Bool[], byName: Record<string, number>
declare function ok(value: unknown): asserts value
declare class Own extends Bool {}
declare const own: Own
declare function generic<T extends Bv>(a: T, b: T): void
class Census { every(rule: (n: number) => Bool): Bool { return rule(1) } }
`

const misuses: Readonly<Record<MisuseKind, readonly string[]>> = {
  condition: [
    'if (p) f()',
    'if ((p)) f()',
    'while (p.and(q)) f()',
    'do f(); while (q)',
    'for (; p; ) f()',
    'export const r = p ? 1 : 2',
    'if (x) f()',
    'if (m) f()',
    'if (maybe) f()',
    'if (own) f()',
    'if (x.eq(1)) f()',
    'export const r = x.ult(y.as()) ? x : x',
  ],
  negation: ['export const r = !p', 'if (!p) f()', 'export const r = !maybe'],
  logical: [
    'export const r = p && q',
    'export const r = flag && p',
    'export const r = p || flag',
    'export const r = maybe || p',
    'if (flag && p) f()',
  ],
  nullish: ['export const r = p ?? q'],
  equality: [
    'export const r = p === q',
    'export const r = p !== q',
    'export const r = x == x',
    'export const r = x != x',
    'export const r = either === 0n',
    'export const r = t === x',
    'export const g = <T extends Bv>(a: T, b: T) => a === b',
    'export const r = maybe === p',
  ],
  comparison: ['export const r = x < x', 'export const r = either >= 3n', 'export const r = x > 1', 'export const r = x <= 1'],
  arithmetic: [
    'export const r = x + 1',
    'export const r = x - x',
    'export const r = n * x',
    'export const r = x & 1',
    'export const r = x << 2',
    'export const r = -x',
    'export const r = ~x',
    'let c = x; c++',
    'let c: any = 0; c += x',
  ],
  template: ['export const r = `${x}`', 'export const r = `a ${n} b ${p.and(q)}`'],
  switch: ['switch (x) { default: f() }', 'switch (true as unknown) { case p: f() }'],
  coercion: [
    'export const r = Boolean(p)',
    'export const r = String(x)',
    'export const r = Number(x)',
    'export const r = BigInt(x as never as Bv)',
  ],
  key: ['export const r = byName[x as never as Bv & string]', 'export const r = { [x as never as Bv & string]: 1 }'],
  predicate: [
    'export const r = terms.filter((a) => a.not())',
    'export const r = terms.some((a) => a)',
    'export const r = [1, 2].every((i) => x.eq(i))',
    'export const r = terms.find(function (a) { return a.and(p) })',
  ],
  assertion: ['ok(p)', 'ok(x.eq(1))'],
}

const fine: readonly string[] = [
  'if (maybe === undefined) f()',
  'if (undefined !== maybe) f()',
  'export const r = maybe ?? p',
  'export const r = maybe?.not()',
  'if (terms.length === 0) f()',
  'if (p.value) f()',
  'if (x.value === 3n) f()',
  'if (x.isConst) f()',
  'if (x.id === x.id) f()',
  "if (x.op === 'const') f()",
  "if (auto === 'auto') f()",
  "if (typeof either === 'bigint' && either === 0n) f()",
  'if (x instanceof Bv) f()',
  'if (flag) f()',
  'export const r = flag ? p : q',
  'export const r = Object.is(p, q)',
  'export const r = terms.includes(p)',
  'export const r = terms.map((a) => a.not())',
  'export const r = terms.filter((a) => a.isConst)',
  'export const r = new Census().every((i) => x.eq(i))',
  'export const r = `${x.id}`',
  'export const r = Bv === Bv && Bool',
  'ok(x.isConst)',
  'switch (x.op) { default: f() }',
  'if (p.and) f()',
  'const s = new Set([p]); if (s.has(p)) f()',
  'class Bool2 { own = 1 } const other = new Bool2(); if (other) f()',
]

const fixture = (from: string, statement: string) =>
  `import { Arr, Bool, Bv, Term } from '${from}'\n${prelude}\ndeclare function f(): void\n/*here*/${statement}\nexport {}`

function findings(folder: string, from: string, more: ReadonlyMap<string, string>) {
  const cases = [
    ...Object.entries(misuses).flatMap(([kind, list]) => list.map((statement) => ({ kind, statement }))),
    ...fine.map((statement) => ({ kind: 'fine', statement })),
  ]
  const files = cases.map(({ kind, statement }, i) => ({
    kind,
    statement,
    path: `${folder}/${i}.ts`,
    text: fixture(from, statement),
  }))
  const program = programOf(new Map([...more, ...files.map(({ path, text }) => [path, text] as const)]))
  return files.map(({ kind, statement, path, text }) => {
    const file = program.getSourceFiles().find(({ fileName }) => fileName.endsWith(path))!
    const line = text.slice(0, text.indexOf('/*here*/')).split('\n').length
    return { kind, statement, line, found: lintTerms(program, [file]) }
  })
}

function expectAll(results: ReturnType<typeof findings>): void {
  for (const { kind, statement, line, found } of results) {
    const kinds = found.map((misuse) => misuse.kind)
    assert.equal(kinds, kind === 'fine' ? [] : [kind], statement)
    for (const misuse of found) {
      assert.is(misuse.line, line, statement)
      assert.ok(misuse.column > '/*here*/'.length, statement)
      assert.match(misuse.message, /\.\w+|drop it|show\(term\)/)
    }
  }
}

lint('against the sources', () => expectAll(findings('fixtures', '../src/model/term.ts', new Map())))

lint('against the published declarations', () => {
  const published = '/elsewhere/node_modules/smmcheck'
  const more = new Map([...declarationsOf('src/model/term.ts')].map(([name, text]) => [`${published}/dist/model/${name}`, text]))
  more.set(`${published}/dist/index.d.ts`, "export * from './model/term.ts'\n")
  more.set(
    `${published}/package.json`,
    JSON.stringify({ name: 'smmcheck', type: 'module', exports: { '.': { types: './dist/index.d.ts' } } }),
  )
  more.set('/elsewhere/package.json', JSON.stringify({ type: 'module' }))
  expectAll(findings('/elsewhere/specs', 'smmcheck', more))
})

lint('a class of the same name declared elsewhere is no term', () => {
  const text = 'class Bool { value = 1 }\nconst p = new Bool()\nif (p) console\nexport {}'
  const program = programOf(new Map([['fixtures/own.ts', text]]))
  assert.equal(
    lintTerms(
      program,
      program.getSourceFiles().filter(({ fileName }) => fileName.endsWith('own.ts')),
    ),
    [],
  )
})

lint('several misuses come in source order', () => {
  const text = fixture('../src/model/term.ts', 'if (!p) f()\nexport const r = `${x}${y}` + (p && q ? 1 : 2)')
  const program = programOf(new Map([['fixtures/many.ts', text]]))
  const found = lintTerms(
    program,
    program.getSourceFiles().filter(({ fileName }) => fileName.endsWith('many.ts')),
  )
  assert.equal(
    found.map(({ kind }) => kind),
    ['negation', 'template', 'template', 'logical'],
  )
})

lint.run()

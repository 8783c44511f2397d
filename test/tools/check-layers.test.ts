// The check of dependencies between the folders of src/: each rule has a fixture that breaks it and one that does not.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkLayers } from '../../tools/check-layers.ts'

const layers = suite('layers')

const messages = (files: Readonly<Record<string, string>>): string[] =>
  checkLayers(new Map(Object.entries(files))).map(({ file, line, message }) => `${file}:${line} ${message}`)
const refused = (files: Readonly<Record<string, string>>, ...expected: readonly RegExp[]): void => {
  const found = messages(files)
  assert.is(found.length, expected.length, found.join('\n'))
  for (const [i, pattern] of expected.entries()) assert.match(found[i]!, pattern)
}
const accepted = (files: Readonly<Record<string, string>>): void => refused(files)

layers('each folder may import the folders below it', () => {
  accepted({
    'src/model/a.ts': "import { join } from 'node:path'\nimport './b.ts'",
    'src/prover/a.ts': "import { a } from '../model/a.ts'\nimport { solve } from './solver/pool.ts'",
    'src/executor/a.ts': "import { a } from '../model/a.ts'",
    'src/x86/a.ts': "import { a } from '../model/a.ts'",
    'src/smm/a.ts': "import { a } from '../model/a.ts'\nimport { b } from '../x86/a.ts'",
    'src/properties/a.ts':
      "import { claim } from '../prover/claim.ts'\nimport { b } from '../smm/a.ts'\nimport { c } from '../x86/a.ts'",
    'src/conformance/a.ts': "import { a } from '../x86/a.ts'",
    'src/report/a.ts': "import type { R } from '../prover/record.ts'\nimport { type E } from '../executor/a.ts'",
    'src/loader/a.ts': "import { claim } from '../prover/claim.ts'\nimport { prove } from '../prover/prove.ts'",
    'src/cli/a.ts': "import '../prover/record.ts'\nimport '../executor/a.ts'\nimport '../loader/a.ts'",
    'src/index.ts': "export * from './model/a.ts'\nexport * from './properties/a.ts'",
    'specs/a.ts': "import { claim } from 'smmcheck'\nimport { shared } from './shared.ts'",
  })
})

layers('upward and sideways imports are refused, at their line', () => {
  const upward: Readonly<Record<string, readonly string[]>> = {
    model: ['prover', 'executor', 'x86', 'smm', 'properties', 'conformance', 'report', 'loader', 'cli'],
    prover: ['executor', 'x86', 'smm', 'properties', 'conformance', 'report', 'loader', 'cli'],
    executor: ['prover', 'x86', 'smm', 'properties', 'conformance', 'report', 'loader', 'cli'],
    x86: ['prover', 'executor', 'smm', 'properties', 'conformance', 'report', 'loader', 'cli'],
    smm: ['prover', 'executor', 'properties', 'conformance', 'report', 'loader', 'cli'],
    properties: ['executor', 'conformance', 'report', 'loader', 'cli'],
    conformance: ['prover', 'executor', 'smm', 'properties', 'report', 'loader', 'cli'],
    report: ['x86', 'smm', 'properties', 'conformance', 'loader', 'cli'],
    loader: ['x86', 'smm', 'properties', 'conformance', 'report', 'cli'],
  }
  for (const [from, targets] of Object.entries(upward))
    for (const to of targets) {
      const message = new RegExp(`^src/${from}/a\\.ts:2 src/${from} must not import src/${to} `)
      refused({ [`src/${from}/a.ts`]: `// first line\nimport { b } from '../${to}/b.ts'` }, message)
      refused({ [`src/${from}/a.ts`]: `// first line\nimport type { b } from '../${to}/b.ts'` }, message)
    }
})

layers('every form of import counts', () => {
  for (const form of [
    "import '../x86/b.ts'",
    "import b from '../x86/b.ts'",
    "import * as b from '../x86/b.ts'",
    "export * from '../x86/b.ts'",
    "export { b } from '../x86/b.ts'",
    "export type { B } from '../x86/b.ts'",
    "export const b = await import('../x86/b.ts')",
    "export type B = import('../x86/b.ts').B",
    "const b = require('../x86/b.ts')",
    "import { b } from '.././smm/../x86/b.ts'",
  ])
    refused({ 'src/model/a.ts': form }, /^src\/model\/a\.ts:1 src\/model must not import src\/x86/)
  accepted({ 'src/model/a.ts': "const text = `import '../x86/b.ts'` // import '../x86/b.ts'" })
})

layers('types only where types only are allowed', () => {
  refused({ 'src/report/a.ts': "import { record } from '../prover/record.ts'" }, /may import types of src\/prover only/)
  refused({ 'src/report/a.ts': "import { record, type R } from '../prover/record.ts'" }, /types/)
  refused({ 'src/report/a.ts': "import '../executor/a.ts'" }, /types/)
  refused(
    { 'src/properties/a.ts': "import { print } from '../prover/smtlib.ts'" },
    /values of src\/prover from claim\.ts, .* only/,
  )
  refused({ 'src/properties/a.ts': "import { pool } from '../prover/solver/pool.ts'" }, /not from solver\/pool\.ts/)
})

layers('the solver folder is an island, and the only one to name the solver', () => {
  accepted({ 'src/prover/solver/a.ts': "import { init } from 'z3-solver'\nimport { b } from './b.ts'" })
  refused(
    { 'src/prover/solver/a.ts': "import { b } from '../obligation.ts'" },
    /src\/prover\/solver imports nothing outside itself/,
  )
  refused(
    { 'src/prover/solver/a.ts': "import type { b } from '../../model/term.ts'" },
    /src\/prover\/solver imports nothing outside/,
  )
  refused({ 'src/prover/a.ts': "import { init } from 'z3-solver'" }, /'z3-solver' may be imported in src\/prover\/solver only/)
  refused({ 'src/cli/a.ts': "import type { Z3 } from 'z3-solver/build/node.js'" }, /'z3-solver' may be imported/)
  refused({ 'specs/a.ts': "import { init } from 'z3-solver'" }, /'z3-solver' may be imported/)
})

layers('the library leaves the command line out; src does not import itself by name', () => {
  refused({ 'src/index.ts': "export * from './cli/main.ts'" }, /does not import the command line/)
  refused({ 'src/properties/a.ts': "import { claim } from 'smmcheck'" }, /does not import itself/)
  refused({ 'src/cli/a.ts': "import '../../tools/build.ts'" }, /src\/ imports nothing outside src\//)
  refused({ 'specs/a.ts': "import { walk } from '../src/x86/npt.ts'" }, /specs import from 'smmcheck'/)
})

layers('a folder without a line in the table is refused', () => {
  refused({ 'src/extras/a.ts': "import '../model/a.ts'" }, /src\/extras has no line in the table/)
})

layers('cycles between files are found, type-only imports included', () => {
  refused(
    { 'src/x86/a.ts': "import './b.ts'", 'src/x86/b.ts': "import './c.ts'", 'src/x86/c.ts': "import type { A } from './a.ts'" },
    /import cycle: src\/x86\/a\.ts -> src\/x86\/b\.ts -> src\/x86\/c\.ts -> src\/x86\/a\.ts/,
  )
  refused({ 'src/x86/a.ts': "import './a.ts'" }, /import cycle: src\/x86\/a\.ts -> src\/x86\/a\.ts/)
  refused(
    {
      'src/x86/a.ts': "import './b.ts'",
      'src/x86/b.ts': "import './a.ts'",
      'src/smm/a.ts': "import './b.ts'",
      'src/smm/b.ts': "import './a.ts'\nimport '../x86/a.ts'",
    },
    /cycle: src\/x86/,
    /cycle: src\/smm/,
  )
  accepted({ 'src/x86/a.ts': "import './b.ts'\nimport './c.ts'", 'src/x86/b.ts': "import './c.ts'", 'src/x86/c.ts': '' })
})

layers('terms and their simplifier may import one another, but nobody joins them', () => {
  const pair = { 'src/model/term.ts': "import './simplify.ts'", 'src/model/simplify.ts': "import './term.ts'" }
  accepted(pair)
  refused(
    { ...pair, 'src/model/simplify.ts': "import './term.ts'\nimport './layout.ts'", 'src/model/layout.ts': "import './term.ts'" },
    /import cycle: .*layout\.ts/,
  )
})

layers.run()

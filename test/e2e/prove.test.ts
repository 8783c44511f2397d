import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Result, Workspace } from './command.ts'
import * as specs from './specs.ts'

const SCHEMA = new URL('../../schemas/prove-1.schema.json', import.meta.url)

/** Runs `prove` on one spec called spec.ts. */
async function prove(text: string, ...args: readonly string[]): Promise<Result> {
  const place = new Workspace({ 'spec.ts': text })
  try {
    return await place.smmcheck('prove', 'spec.ts', ...args)
  } finally {
    place.remove()
  }
}
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

test('a true claim is proved', async () => {
  const { exit, out, err } = await prove(specs.holds)
  assert.is(err, '')
  assert.is(exit, 0)
  assert.match(out, /✓ AND-BOUND {2}proved {2}1\/1 obligations proved/)
  assert.match(out, 'For all 64-bit x and y, x & y <= x.')
  assert.match(out, /1 claim, all as expected/)
  assert.match(out, /z3-wasm [\d.]+, seed 0, 60 s per obligation/)
})

test('every verdict, in one run: what is shown, what is recorded', async () => {
  const place = new Workspace({
    'false.ts': specs.falseValidity,
    'expected.ts': specs.expectedRefutation,
    'wrongly.ts': specs.wronglyExpectedRefutation,
    'vacuous.ts': specs.vacuous,
    'hard.ts': specs.hard,
    'proved.ts': specs.provedProcedure,
    'weak.ts': specs.notInductive,
    'refuted.ts': specs.refutedProcedure,
  })
  const { exit, out, err } = await place.smmcheck('prove', '*.ts', '--timeout', '2', '--json', 'out.jsonl')
  const records = lines(place.read('out.jsonl')).map((line) => JSON.parse(line) as Record<string, unknown>)
  place.remove()
  assert.is(err, '')
  assert.is(exit, 1)
  const shown = (spec: string): string => {
    const blocks = out.split(/^(?=[✓✗] )|^\n/m)
    return blocks.find((block) => block.split('\n')[0]!.endsWith(`  ${spec}`)) ?? ''
  }

  assert.match(shown('false.ts'), /^✗ ADD-BOUND {2}refuted/)
  assert.match(shown('false.ts'), /refuted: the bound/)
  assert.match(shown('false.ts'), /x {2}0x[0-9a-f]+\n +y {2}0x[0-9a-f]+/)
  assert.match(shown('false.ts'), 'assuming:\n      addition does not wrap (it does)\n')

  assert.match(shown('expected.ts'), /^✓ ADD-BOUND {2}refuted, as expected/)
  assert.match(shown('expected.ts'), /x {2}0x/)
  assert.match(shown('wrongly.ts'), 'expected refuted, but it is proved')

  assert.match(shown('vacuous.ts'), /^✗ NOTHING {2}vacuous/)
  assert.match(shown('vacuous.ts'), /contradict each other:\n +small\n +large\n$/)

  assert.match(shown('hard.ts'), /^✗ FACTOR {2}unknown/)
  assert.match(shown('hard.ts'), 'timeout')

  assert.match(shown('proved.ts'), /^✓ COUNT {2}proved/)

  assert.match(shown('weak.ts'), /^✗ COUNT {2}not-inductive/)
  assert.match(shown('weak.ts'), /not-inductive: W4 at most n \(ensures in count, havoc mode\) {2}weak.ts:8/)
  assert.match(shown('weak.ts'), 'a state that may be unreachable')

  assert.match(shown('refuted.ts'), /^✗ COUNT {2}refuted/)
  assert.match(shown('refuted.ts'), /a run of count from its entry/)
  assert.match(shown('refuted.ts'), /0x0: 0x[0-9a-f]+ {2}count.word {2}bit 0 = 1/)
  assert.match(shown('refuted.ts'), /and breaks the postcondition W4 at most n of count {2}refuted.ts:8/)

  const valid = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))
  for (const record of records) assert.ok(valid(record), `${JSON.stringify(record)}: ${JSON.stringify(valid.errors)}`)
  const verdicts = Object.fromEntries(records.filter((r) => r.record === 'claim').map((r) => [r.spec, r.verdict]))
  assert.equal(verdicts, {
    'false.ts': 'refuted',
    'expected.ts': 'refuted',
    'wrongly.ts': 'proved',
    'vacuous.ts': 'vacuous',
    'hard.ts': 'unknown',
    'proved.ts': 'proved',
    'weak.ts': 'not-inductive',
    'refuted.ts': 'refuted',
  })
  assert.is(records.at(-1)?.record, 'summary')
  assert.is(records.at(-1)?.exit, 1)
})

test('exit codes of verdicts on their own', async () => {
  assert.is((await prove(specs.hard, '--timeout', '1', '--no-typecheck')).exit, 3)
  assert.is((await prove(specs.vacuous, '--no-typecheck')).exit, 4)
  assert.is((await prove(specs.expectedRefutation, '--no-typecheck')).exit, 0)
})

const broken: readonly (readonly [name: string, text: string, complaint: RegExp, args?: readonly string[]])[] = [
  ['a type error', specs.typeError, /^spec\.ts:2:22: type error TS2345: Argument of type 'string' is not assignable/],
  ['a syntax error', specs.syntaxError, /^spec\.ts:2:1: syntax error TS1005: ',' expected/],
  ['a syntax error, types unchecked', specs.syntaxError, /^spec\.ts:2:1: syntax error TS1005/, ['--no-typecheck']],
  ['a term used as a condition', specs.termAsCondition, /^spec\.ts:3:14: a term is an object and so always true/],
  ['a throw at load', specs.throwsAtLoad, /^spec\.ts:5: threw RangeError: 256 does not fit in 8 bits$/],
  ['a throw in obligations()', specs.throwsLater, /^spec\.ts:9: threw SyntaxError: /],
  ['a loop at load', specs.loopsAtLoad, /^spec\.ts:5: no end after 5 s \(an endless loop\?\)$/, ['--load-timeout', '5']],
  ['a load that never ends', specs.neverLoads, /^spec\.ts: no end after 2 s/, ['--load-timeout', '2', '--no-typecheck']],
  ['no claims', specs.noClaims, /^spec\.ts: the default export is not a claim/],
]
for (const [name, text, complaint, args = []] of broken)
  test(`${name} is one line and exit code 2`, async () => {
    const { exit, err } = await prove(text, ...args)
    assert.is(exit, 2)
    assert.is(lines(err).length, 1, err)
    assert.match(err.trim(), complaint)
  })

test('a spec that cannot be run does not stop the others', async () => {
  const place = new Workspace({ 'a.ts': specs.throwsAtLoad, 'b.ts': specs.holds, 'c.ts': specs.typeError })
  const { exit, out, err } = await place.smmcheck('prove', '*.ts')
  place.remove()
  assert.is(exit, 2)
  assert.match(out, /✓ AND-BOUND {2}proved/)
  assert.match(out, '2 specs not run')
  assert.is(lines(err).length, 2)
})

test('wrong calls are one line and exit code 2', async () => {
  const place = new Workspace({ 'spec.ts': specs.holds })
  const complain = async (pattern: RegExp, ...args: readonly string[]) => {
    const { exit, err, out } = await place.smmcheck(...args)
    assert.is(exit, 2, `${args.join(' ')}: ${err}`)
    assert.is(out, '')
    assert.match(lines(err)[0]!, pattern)
  }
  await complain(/^smmcheck: .*bitwuzla/, 'prove', 'spec.ts', '--solver', 'bitwuzla')
  await complain(/^smmcheck: no solver is called "zed"/, 'prove', 'spec.ts', '--solver', 'zed')
  await complain(/^smmcheck: no file matches "specs\/\*\.ts"/, 'prove', 'specs/*.ts')
  await complain(/^smmcheck: --timeout takes a number of seconds above 0, not "soon"/, 'prove', 'spec.ts', '--timeout', 'soon')
  await complain(/^smmcheck: unknown option '--fast'/, 'prove', 'spec.ts', '--fast')
  await complain(/^smmcheck: missing required argument 'spec'/, 'prove')
  await complain(/^smmcheck: \. is a folder/, 'prove', '.')
  place.write('notes.json', '{}')
  await complain(/notes\.json: a spec is a TypeScript module/, 'prove', 'notes.json')
  await complain(/^smmcheck: --json \/nowhere\/x: cannot be written/, 'prove', 'spec.ts', '--json', '/nowhere/x')
  await complain(/^smmcheck: --smt2 \/proc\/x: no such folder can be made/, 'prove', 'spec.ts', '--smt2', '/proc/x')
  place.remove()
})

test('a file that is not there', async () => {
  const place = new Workspace({})
  const { exit, err } = await place.smmcheck('prove', 'nowhere.ts')
  place.remove()
  assert.is(exit, 2)
  assert.is(err, 'nowhere.ts: no such file\n')
})

test('a filter that fits nothing', async () => {
  const { exit, err } = await prove(specs.holds, '--filter', 'W1')
  assert.is(exit, 2)
  assert.match(err, 'no claim has "W1" in its id')
})

test('an unchanged spec is answered from the cache', async () => {
  const place = new Workspace({ 'spec.ts': specs.provedProcedure })
  const first = await place.smmcheck('prove', 'spec.ts')
  const second = await place.smmcheck('prove', 'spec.ts')
  place.write('spec.ts', `// A remark.\n${specs.provedProcedure}`)
  const third = await place.smmcheck('prove', 'spec.ts')
  const fresh = await place.smmcheck('prove', 'spec.ts', '--no-cache')
  place.remove()
  assert.not.match(first.out, 'from cache)  ')
  for (const { exit, out } of [second, third]) {
    assert.is(exit, 0)
    assert.match(out, /\d+ from cache\) {2}/)
  }
  assert.ok(second.ms < first.ms)
  assert.match(fresh.out, ' 0 from cache')
})

test('a spec may import its own files, and print', async () => {
  const place = new Workspace({
    'spec.ts': `import { make } from './lib/make.ts'\nconsole.log('hello')\nexport default [make('ONE'), make('TWO')]\n`,
    'lib/make.ts': `import { bvVar, claim, type Claim } from 'smmcheck'
const x = bvVar('x', 8)
export const make = (id: string): Claim => claim({
  id,
  statement: 'For all x, x = x.',
  obligations: () => [{ id: 'only', conjunct: 'same', parts: [], origin: { kind: 'validity' }, hypotheses: [], goal: x.eq(x) }],
})
`,
  })
  const { exit, out, err } = await place.smmcheck('prove', 'spec.ts', '--filter', 'two')
  place.remove()
  assert.is(exit, 0, err)
  assert.is(err, 'hello\n')
  assert.match(out, /✓ TWO {2}proved {2}1\/1 obligations proved \(1 by simplification\)/)
  assert.not.match(out, 'ONE')
})

test('list shows claims without proving them', async () => {
  const place = new Workspace({ 'spec.ts': specs.expectedRefutation, 'bad.ts': specs.noClaims })
  const { exit, out, err } = await place.smmcheck('list', 'spec.ts')
  const bad = await place.smmcheck('list', '*.ts')
  place.remove()
  assert.is(err, '')
  assert.is(exit, 0)
  assert.match(out, /spec\.ts\n {2}ADD-BOUND {2}expected: refuted\n {4}For all 64-bit x and y/)
  assert.match(out, 'assuming addition does not wrap')
  assert.is(bad.exit, 2)
  assert.match(bad.out, 'ADD-BOUND')
})

test('tcb counts what is trusted', async () => {
  const place = new Workspace({})
  const { exit, out } = await place.smmcheck('tcb')
  place.remove()
  assert.is(exit, 0)
  assert.match(out, /\d+ {2}term\.ts/)
  assert.match(out, /smtlib\.ts/)
})

test('every command has help with examples', async () => {
  const place = new Workspace({})
  for (const command of ['prove', 'list', 'tcb']) {
    const { exit, out } = await place.smmcheck(command, '--help')
    assert.is(exit, 0)
    assert.match(out, /Examples?:\n {2}smmcheck/)
  }
  place.remove()
})

test.run()

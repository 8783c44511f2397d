// The guard against tests that never run, on the source of a test file.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inspect } from './guard.ts'

const guard = suite('guard')

const from = "import { suite, test } from 'uvu'\n"
const one = "const a = suite('a')\na('works', () => {})\n"
const complaintsOf = (text: string) => inspect('t.test.ts', text).complaints.join('\n')

guard('files in which everything runs', () => {
  for (const [text, suites] of [
    [`${from}${one}a.run()`, 1],
    [`${from}test('works', () => {})\ntest('again', () => {})\ntest.run()`, 1],
    [`${from}${one}const b = suite('b')\nb('x', () => {})\nb.run()\na.run()`, 2],
    [`import { suite as make } from 'uvu'\nconst a = make('a')\na('x', () => {})\na.run()`, 1],
    [`${from}for (const n of [1, 2]) { const a = suite('a' + n); a('x', () => {}); a.run() }`, 1],
    [`${from}${one}a('text', () => 'suite(1) a.only a.run()') // a.skip\na.run()`, 1],
    [`${from}${one}a('others may', () => other.only.skip(2).run())\na.run()`, 1],
  ] as const)
    assert.equal(inspect('t.test.ts', text), { suites, complaints: [] }, text)
})

guard('suites that never run, or run twice', () => {
  assert.match(complaintsOf(from + one), /a: 1 constructed, 0 run/)
  assert.match(complaintsOf(`${from}test('works', () => {})`), /test: 1 constructed, 0 run/)
  assert.match(complaintsOf(`${from}${one}a.run()\na.run()`), /a: 1 constructed, 2 run/)
  assert.match(complaintsOf(`${from}${one}a.run`), /a: 1 constructed, 0 run/)
  assert.match(complaintsOf(`${from}${one}const b = suite('b')\na.run()`), /b: 1 constructed, 0 run/)
  assert.match(complaintsOf(`${from}${one}// a.run()`), /a: 1 constructed, 0 run/)
  assert.match(complaintsOf(`${from}${one}const s = 'a.run()'`), /a: 1 constructed, 0 run/)
  assert.match(complaintsOf(`${from}suite('nameless')('x', () => {})`), /2 a suite that is not bound to a name/)
})

guard('tests added after the run', () => {
  assert.match(
    complaintsOf(`${from}${one}a.run()\na('late', () => {})`),
    /t\.test\.ts:5 a test added after a\.run\(\) never runs/,
  )
})

guard('.only and .skip', () => {
  assert.match(complaintsOf(`${from}${one}a.only('x', () => {})\na.run()`), /t\.test\.ts:4 \.only silences tests/)
  assert.match(complaintsOf(`${from}${one}a.skip('x', () => {})\na.run()`), /\.skip silences/)
  assert.match(complaintsOf(`${from}test('y', () => {})\ntest.only('x', () => {})\ntest.run()`), /\.only silences/)
})

guard('files without tests', () => {
  assert.match(complaintsOf('export {}'), /imports neither suite nor test/)
  assert.match(complaintsOf("import * as uvu from 'uvu'\nuvu.test('x', () => {})"), /imports neither suite nor test/)
  assert.match(complaintsOf(from), /constructs no suite/)
})

guard.run()

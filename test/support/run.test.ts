// The test runner, run on small folders of test files: what passes, what fails, and every way of not running.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from './program.ts'

const runner = suite('runner')

const from =
  "import { suite } from 'uvu'\nimport * as assert from 'uvu/assert'\nimport { needs } from '../../test/support/tools.ts'\n"
const a = `${from}const a = suite('a')\n`
const works = "a('works', () => {})\n"

/** Runs the runner on these files, in a folder from which the packages of this repository can be imported. */
function run(files: Readonly<Record<string, string>>, { args = [] as string[], env = {} as Record<string, string> } = {}) {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'runner-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.test.ts`), text)
    const { CI: _, ...inherited } = process.env
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'test/run.ts', '--root', folder, ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...inherited, ...env },
    })
    return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

runner('counts tests over files, filters by name, prints failures in full', () => {
  const fails = `${a}${works}a('adds', () => assert.is(1 + 1, 3, 'sum of ones'))\na.run()`
  const files = { one: `${a}${works}a('again', () => {})\na.run()`, two: fails, other: `${a}a('never chosen', () => {})` }
  const { status, stdout, last } = run(files, { args: ['one.test', 'two'] })
  assert.equal([status, last], [1, '3 passed, 1 failed'])
  assert.match(stdout, /ok .*one\.test\.ts {2}2 passed/)
  assert.match(stdout, /FAIL .*two\.test\.ts[\s\S]*"adds"[\s\S]*sum of ones/)
  const none = run(files, { args: ['three'] })
  assert.equal([none.status, none.last], [1, '0 passed, 0 failed'])
  assert.match(none.stdout, /no test file is called three/)
})

runner('every way of not running fails', () => {
  const cases: Readonly<Record<string, readonly [string, RegExp]>> = {
    'never-run': [`${a}${works}`, /a: 1 constructed, 0 run/],
    only: [`${a}a.only('x', () => {})\na.run()`, /\.only silences/],
    empty: [`${a}a.run()`, /no test was executed/],
    'empty-suite': [`${a}${works}const b = suite('b')\na.run()\nb.run()`, /a suite without tests/],
    'run-in-dead-code': [`${a}${works}if (process.argv.length > 99) a.run()`, /ended \(code 0\) before uvu printed/],
    'one-of-two': [
      `${a}${works}const b = suite('b')\nb('x', () => {})\na.run()\nif (process.argv.length > 99) b.run()`,
      /2 suites constructed, 1 ran/,
    ],
    exits: [`${a}a('x', () => process.exit(0))\na.run()`, /before uvu printed a summary/],
    throws: [`${a}throw new Error('at load')\na.run()`, /at load/],
    'before-hook': [`${a}${works}a.before(() => { throw new Error('no set-up') })\na.run()`, /FAIL/],
    'hidden-skip': [`${a}${works}const sneak = a\nsneak.skip('x', () => {})\na.run()`, /1 skipped/],
    'exit-code': [`${a}${works}a.run()\nprocess.on('exit', () => { process.exitCode = 7 })`, /exit code 7/],
  }
  const { status, stdout, last } = run(Object.fromEntries(Object.entries(cases).map(([name, [text]]) => [name, text])))
  assert.is(status, 1)
  assert.match(last!, new RegExp(`, ${Object.keys(cases).length} failed$`))
  const sections = stdout.split(/^\[\d+\/\d+\] /m)
  for (const [name, [, expected]] of Object.entries(cases)) {
    const section = sections.find((text) => text.includes(`/${name}.test.ts`))
    assert.ok(section?.startsWith('FAIL'), `${name}: ${section}`)
    assert.match(section ?? '', expected, name)
  }
})

runner('a file that hangs is ended, with what it started', () => {
  const child = "import { spawn } from 'node:child_process'\n"
  const text = `${child}${a}a('x', () => { console.log('child', spawn('sleep', ['60']).pid); for (;;) {} })\na.run()`
  const { status, stdout, last } = run({ hangs: text }, { args: ['--timeout', '5'] })
  assert.equal([status, last], [1, '0 passed, 1 failed'])
  assert.match(stdout, /still running after 5 s/)
  const pid = /child (\d+)/.exec(stdout)![1]!
  // Gone, or dead and waiting for its parent to notice.
  assert.match(spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout, /^(Z|$)/)
})

runner('a missing tool: not run here, a failure in CI', () => {
  const files = { one: `${a}${works}a('solves', needs('z3', () => {}))\na('agrees', needs(['z3'], () => {}))\na.run()` }
  const nowhere = { PATH: '/nonexistent' }
  const here = run(files, { env: nowhere })
  assert.equal([here.status, here.last], [0, '1 passed, 0 failed'])
  assert.match(here.stdout, /not run: z3 missing \(2 tests\)/)
  const ci = run(files, { env: { ...nowhere, CI: 'true' } })
  assert.equal([ci.status, ci.last], [1, '1 passed, 2 failed'])
  assert.match(ci.stdout, /z3 is missing, and in CI every test must run/)
})

runner.run()

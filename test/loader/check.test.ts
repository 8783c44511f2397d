import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { check } from '../../src/loader/check.ts'

const folder = mkdtempSync(join(tmpdir(), 'smmcheck-check-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const pure: Readonly<Record<string, string>> = {
  plain: "import { bv } from 'smmcheck'\nexport default bv(8, 1)\n",
  members: 'const x = { process: 1, Date: 2 }\nexport default x.process + x.Date\n',
  'own names': 'const Date = 3\nfunction require(n: number): number { return n }\nexport default require(Date)\n',
  'a word in a text': "// process and Date\nexport default 'eval of process'\n",
  logging: "console.log('hello')\nexport default 1\n",
}
const impure: Readonly<Record<string, string>> = {
  clock: 'export default Date.now()\n',
  chance: 'export default Math.random()\n',
  environment: 'export default (globalThis as { process?: unknown }).process\n',
  'made-up import': "export default await import(['./x', 'ts'].join('.'))\n",
  'its own place': 'export default import.meta\n',
  'code from text': "export default new Function('return 1')\n",
}

const texts = { ...pure, ...impure }
const paths = Object.entries(texts).map(([name, text]) => {
  const path = join(folder, `${name}.ts`)
  writeFileSync(path, text)
  return [name, path] as const
})
const checked = check({ types: true, specs: paths.map(([, path]) => ({ path, files: [path] })) })

for (const [i, [name]] of paths.entries())
  test(`${name} in pure or impure code`, () => {
    assert.is(checked[i]?.error?.kind === 'syntax', false)
    assert.is(checked[i]?.pure, name in pure, name)
  })

test('compiled text has a source map', () => {
  const [first] = checked
  assert.match(first!.emitted[first!.path]!, /export default bv\(8, 1\)/)
  assert.match(first!.emitted[first!.path]!, /sourceMappingURL=data:application\/json;base64,/)
})

test('unchecked specs are not called pure', () => {
  const [, path] = paths[0]!
  assert.is(check({ types: false, specs: [{ path, files: [path] }] })[0]?.pure, false)
})

test.run()

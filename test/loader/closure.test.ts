import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { closureHash, closureOf } from '../../src/loader/closure.ts'

const folder = mkdtempSync(join(tmpdir(), 'smmcheck-closure-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
const write = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('a spec and what it imports by relative path, each once', () => {
  mkdirSync(join(folder, 'deep'))
  write('b.ts', "import './deep/index.js'\nexport * from './c'\n")
  write('c.ts', "import type { X } from './b.ts'\n")
  write('deep/index.ts', 'export const n = 1\n')
  const spec = write('a.ts', "import { claim } from 'smmcheck'\nimport { n } from './b.ts'\nconst later = import('./c.ts')\n")
  const { files, foreign } = closureOf(spec)
  assert.equal(
    files.map((f) => basename(f.path)),
    ['a.ts', 'b.ts', 'c.ts', 'index.ts'],
  )
  assert.is(files[1]?.imports.get('./deep/index.js'), join(folder, 'deep/index.ts'))
  assert.equal(foreign, [])
})

test('packages other than smmcheck are named', () => {
  const spec = write('d.ts', "import { readFileSync } from 'node:fs'\nimport x from 'lodash'\n")
  assert.equal(closureOf(spec).foreign, ['node:fs', 'lodash'])
})

test('the hash follows every file', () => {
  const inner = write('f.ts', 'export const n = 1\n')
  const spec = write('e.ts', "import { n } from './f.ts'\n")
  const before = closureHash(closureOf(spec))
  assert.is(closureHash(closureOf(spec)), before)
  write(basename(inner), 'export const n = 2\n')
  assert.is.not(closureHash(closureOf(spec)), before)
})

test.run()

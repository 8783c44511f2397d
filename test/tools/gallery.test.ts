// The gallery's page against its specs: every spec is a pair, and has its line; no line is without a spec. What the specs come to
// is compared by `npm run gallery`, which proves them all.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { globSync } from 'tinyglobby'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Claim } from '../../src/prover/claim.ts'
import { PAGE, timeless } from '../../tools/gallery.ts'

const folder = fileURLToPath(new URL('../../specs/attacks/', import.meta.url))
const specs = globSync('*.ts', { cwd: folder, absolute: true }).sort()
const page = readFileSync(PAGE, 'utf8')
const lines = page.split('\n').filter((line) => line.startsWith('| ['))

test('every spec is an attack that is refuted and a defence with which it is proved', async () => {
  assert.ok(specs.length > 50)
  for (const spec of specs) {
    const claims = ((await import(pathToFileURL(spec).href)) as { default: readonly Claim[] }).default
    assert.equal(
      claims.map((c) => [c.row?.half, c.expect]),
      [
        ['attack', 'refuted'],
        ['defence', 'proved'],
      ],
      spec,
    )
    const { id, name, reference, year, defence } = claims[0]!.row!
    assert.ok(basename(spec).startsWith(`${id.toLowerCase()}-`), spec)
    const line = lines.find((l) =>
      l.startsWith(`| [${id}](../specs/attacks/${basename(spec)}) | ${name} | ${reference} (${year}) | ${defence} | refuted`),
    )
    assert.ok(line, `docs/gallery.md has no line for ${spec}: npx tsx tools/gallery.ts --write`)
  }
})

test('no line is without a spec, and times are all that the comparison leaves out', () => {
  assert.is(lines.length, specs.length)
  assert.is(timeless('| A01 | x | 2.1 + 33.0 |'), '| A01 | x | |')
  assert.is(timeless('| A01 | x | refuted |'), '| A01 | x | refuted |')
})
test.run()

// The gallery's page against its specs: every spec is a pair, and has its line; no line is without a spec. What the specs come to
// is compared by `npm run gallery`, which proves them all. And the catalogue of attacks against both: each of its rows has a pair, or a reason
// why not.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { globSync } from 'tinyglobby'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Claim } from '../../src/prover/claim.ts'
import { PAGE, timeless } from '../../tools/gallery.ts'
import { leftOut } from '../../tools/gallery-left-out.ts'

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

/** The catalogue's rows by section, and those that were found here. */
const CATALOGUE = { A: 30, B: 24, C: 71, D: 10, E: 16 } as const
const FOUND_HERE = ['A31', 'A32', 'B25', 'B26', 'C72', 'C73', 'C74', 'C75', 'C76']
const numbered = (letter: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${String(from + i).padStart(2, '0')}`)
const catalogue = Object.entries(CATALOGUE).flatMap(([letter, last]) => numbered(letter, 1, last))
/** `A09-A12, B22` as single rows. */
const single = (rows: string): string[] =>
  rows.split(', ').flatMap((part) => {
    const [, letter, from, , to] = /^([A-E])(\d\d)(-[A-E](\d\d))?$/.exec(part) ?? []
    assert.ok(letter !== undefined, `tools/gallery-left-out.ts: ${part}`)
    return numbered(letter!, Number(from), Number(to ?? from))
  })

test('every row of the catalogue has a pair, or a reason why not, and not both', () => {
  assert.is(catalogue.length, 151)
  const inGallery = specs.map((spec) => basename(spec).slice(0, 3).toUpperCase())
  const out = leftOut.flatMap(({ rows, why }) => {
    assert.ok(why.length > 20, rows)
    return single(rows)
  })
  assert.is(new Set(out).size, out.length, 'a row is left out twice')
  assert.equal(
    [...new Set([...inGallery, ...out])].sort(),
    [...catalogue, ...FOUND_HERE].sort(),
    'rows of the catalogue, and rows with a spec or a line in tools/gallery-left-out.ts',
  )
  const both = out.filter((row) => inGallery.includes(row))
  assert.equal(both, [], 'rows that have a spec: take them out of tools/gallery-left-out.ts')
})
test.run()

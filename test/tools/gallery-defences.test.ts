// Which defence takes which rows of the gallery away, and which it must leave: a model in which those are gone, too, is too strong.
// The table is the catalogue's; what the rows say comes from their specs and the page that `npm run gallery` compares with verdicts.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { globSync } from 'tinyglobby'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Claim } from '../../src/prover/claim.ts'
import { PAGE } from '../../tools/gallery.ts'

interface Entry {
  /** Any of these, as the model calls them. */
  readonly defence: readonly string[]
  readonly gone: readonly string[]
  readonly stays: readonly string[]
}
const table: readonly Entry[] = [
  { defence: ['H_SMMLOCK', 'H_SMMKEY'], gone: ['A01', 'A04', 'A27', 'B03', 'B05', 'C20'], stays: ['B01', 'B02', 'C19'] },
  { defence: ['H_ALLCORES'], gone: ['A03', 'A21', 'A23'], stays: ['B14'] },
  { defence: ['H_TCLOSE_LOCKED', 'S_TCLOSE_CHECK'], gone: ['A05', 'A25'], stays: ['A06'] },
  { defence: ['H_ROUTE_OK', 'S_ROUTE_CHECK'], gone: ['A06', 'A07', 'C36'], stays: ['C33'] },
  { defence: ['H_IOMMU_BLOCK', 'S_QUIESCE'], gone: ['C11', 'C41', 'B12'], stays: ['A13'] },
  { defence: ['S_RDV'], gone: ['B02', 'B04', 'B14', 'B17', 'B19', 'C10', 'C53', 'A18'], stays: ['B01', 'C11'] },
  { defence: ['S_ROOT_HW', 'S_MODE_HW'], gone: ['C16', 'C28', 'C29', 'C71'], stays: ['C22'] },
  { defence: ['S_RSVD'], gone: ['C23', 'C30', 'C31'], stays: ['C25'] },
  { defence: ['S_PERM'], gone: ['C03', 'C04', 'C25', 'C26', 'C27'], stays: ['C01'] },
  { defence: ['S_UNIQ', 'S_XUNIQ'], gone: ['C01', 'C47', 'C02', 'C09'], stays: ['C37', 'C48'] },
  { defence: ['S_DRAM'], gone: ['C12', 'C13', 'C33', 'C34', 'C35', 'C70'], stays: ['C37'] },
  { defence: ['S_CBIT'], gone: ['C38'], stays: ['C39'] },
  { defence: ['S_BOUND'], gone: ['C43', 'C44'], stays: ['C45'] },
  {
    // S_PERSIST is the half of the catalogue's S_MONO that a reset or INVD could undo.
    defence: ['S_MAC', 'S_NONCE', 'S_MONO', 'S_PERSIST', 'S_DEADLINE', 'S_RANDOM'],
    gone: ['E01', 'E02', 'E04', 'E05', 'E06', 'E07', 'E09', 'E12'],
    stays: ['E03'],
  },
  { defence: ['S_PLATFORM'], gone: ['E03', 'E13', 'E16', 'C50'], stays: ['E14'] },
]
/** Rows that go with another defence than the catalogue says, and why. */
const otherwise: Readonly<Record<string, string>> = {
  A07: 'a lowered TOP_MEM takes TSeg away only where the hardware lets it win: the parameter P_TOM_WINS decides',
  C41: 'what devices wrote past the caches is seen after a flush: S_FLUSH_READ',
  C47: 'frames of tables are counted apart, by a switch of its own',
}

const folder = fileURLToPath(new URL('../../specs/attacks/', import.meta.url))
const page = readFileSync(PAGE, 'utf8')
const rows = new Map<string, { readonly missing: readonly string[]; readonly attack: Claim }>()
for (const spec of globSync('*.ts', { cwd: folder, absolute: true }).sort()) {
  const [attack] = ((await import(pathToFileURL(spec).href)) as { default: readonly [Claim] }).default
  const missing = (attack.row?.defence ?? '').split(', ').map((d) => d.replace(/^not /, ''))
  rows.set(basename(spec).slice(0, 3).toUpperCase(), { missing, attack })
}
const verdicts = (row: string): string => page.split('\n').find((l) => l.startsWith(`| [${row}]`)) ?? ''

test('rows that a defence must take away are refuted without it and proved with it', () => {
  for (const { defence, gone } of table)
    for (const row of gone.filter((r) => rows.has(r) && otherwise[r] === undefined)) {
      const { missing } = rows.get(row)!
      assert.ok(
        missing.some((m) => defence.includes(m)),
        `${row} should go with ${defence.join(' or ')}; its spec says ${missing.join(', ')}`,
      )
      assert.match(verdicts(row), /\| refuted.*\| proved \|/, row)
    }
})
test('rows that a defence must leave are refuted although it is there', () => {
  for (const { defence, stays } of table)
    for (const row of stays.filter((r) => rows.has(r))) {
      const { missing, attack } = rows.get(row)!
      assert.not.ok(
        missing.some((m) => defence.includes(m)),
        `${row} should stay reachable with ${defence.join(', ')}`,
      )
      const off = attack.assumptions.filter((a) => defence.some((d) => a === `not ${d}`))
      assert.equal(
        off.filter((a) => a !== 'not S_TCLOSE_CHECK'),
        [],
        row,
      )
      assert.match(verdicts(row), /\| refuted/, row)
    }
})
test('what goes otherwise than the catalogue says is in the gallery, and does', () => {
  for (const row of Object.keys(otherwise)) {
    const defences = table.filter((e) => e.gone.includes(row)).flatMap((e) => e.defence)
    const { missing } = rows.get(row)!
    assert.not.ok(
      missing.some((m) => defences.includes(m)),
      `${row} goes as the catalogue says: take it out of the exceptions`,
    )
  }
})
test.run()

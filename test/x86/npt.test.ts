import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { and, bool, type Bool, bv, type Bv, bvVar, equal } from '../../src/model/term.ts'
import { Evaluator } from '../../src/model/evaluate.ts'
import { constantIn, environment, type Facts, fromArray, fromReadable, host, hostIn, symbolicHost } from './machine.ts'
import { guestPage, hostFrame } from '../../src/x86/address.ts'
import { allPermissions, entryMeaning, permitted, reachable, type ReadEntry, slot, translate } from '../../src/x86/npt.ts'
import {
  bitsBelow,
  entryBits,
  levels,
  type NestedHost,
  type PagingFormat,
  pagingFormats,
  wellFormedHost,
} from '../../src/x86/paging.ts'

// ---- the table of 28 nested entries: what each is, by its bits alone ----

const classify = suite('nested entries, long-mode formats')
function verdict(level: number, entry: bigint, facts: Facts): string {
  const h = host(facts)
  const e = entryMeaning(level === 5 ? 'long5' : 'long4', level, bv(64, entry), h)
  if (e.present.value === false) return 'NP'
  if (e.reserved.value === true) return 'RSV'
  if (e.descends.value === true) return `table @${(e.table.value! << 12n).toString(16)}`
  const at = `leaf ${['', '4K', '2M', '1G'][level]} @${(e.frame.value! << 12n).toString(16)}`
  const allowed = (['read', 'write', 'fetch'] as const).map((a) => (permitted(h, e, a).value === true ? a : ''))
  const letters = allowed.map((a) => ({ read: 'R', write: 'W', fetch: 'X' })[a as 'read'] ?? '').join('')
  return letters === '' ? `${at} unusable` : `${at} ${letters}`
}
const table: readonly (readonly [string, number, string, number, number, number, string])[] = [
  ['N01', 1, '0000000123456067', 48, 1, 1, 'leaf 4K @123456000 RWX'],
  ['N02', 1, '8000000123456067', 48, 1, 1, 'leaf 4K @123456000 RW'],
  ['N03', 1, '8000000123456067', 48, 0, 1, 'RSV'],
  ['N04', 1, '0000000123456063', 48, 1, 1, 'leaf 4K @123456000 unusable'],
  ['N05', 1, '0000000123456065', 48, 1, 1, 'leaf 4K @123456000 RX'],
  ['N06', 1, '0008000123456067', 48, 1, 1, 'RSV'],
  ['N07', 1, '0001000123456067', 48, 1, 1, 'RSV'],
  ['N08', 1, '0001000123456067', 52, 1, 1, 'leaf 4K @1000123456000 RWX'],
  ['N09', 1, '0000000123456066', 48, 1, 1, 'NP'],
  ['N10', 1, '00000001234560E7', 48, 1, 1, 'leaf 4K @123456000 RWX'],
  ['N11', 2, '00000001236000E7', 48, 1, 1, 'leaf 2M @123600000 RWX'],
  ['N12', 2, '00000001236010E7', 48, 1, 1, 'leaf 2M @123600000 RWX'],
  ['N13', 2, '00000001236020E7', 48, 1, 1, 'RSV'],
  ['N14', 2, '0000000123601067', 48, 1, 1, 'table @123601000'],
  ['N15', 2, '0000000123601167', 48, 1, 1, 'table @123601000'],
  ['N16', 3, '00000001400000E7', 48, 1, 1, 'leaf 1G @140000000 RWX'],
  ['N17', 3, '00000001400000E7', 48, 1, 0, 'RSV'],
  ['N18', 3, '00000001402000E7', 48, 1, 1, 'RSV'],
  ['N19', 3, '0000000140200067', 48, 1, 1, 'table @140200000'],
  ['N20', 4, '0000000140200067', 48, 1, 1, 'table @140200000'],
  ['N21', 4, '00000001402000E7', 48, 1, 1, 'RSV'],
  ['N22', 4, '0000000140200167', 48, 1, 1, 'RSV'],
  ['N23', 4, '0000000140200063', 48, 1, 1, 'table @140200000'],
  ['N24', 4, '0000000140200065', 48, 1, 1, 'table @140200000'],
  ['N25', 5, '0000000140200067', 48, 1, 1, 'table @140200000'],
  ['N26', 1, '00080000000005A1', 48, 1, 1, 'RSV'],
  ['N27', 1, '00000000000005A0', 48, 1, 1, 'NP'],
  ['N28', 1, '7FF0000123456067', 48, 1, 1, 'leaf 4K @123456000 RWX'],
]
for (const [id, level, entry, m, nxe, page1g, expected] of table)
  classify(id, () => {
    assert.is(verdict(level, BigInt(`0x${entry}`), { m, nxe: nxe === 1, page1g: page1g === 1 }), expected)
  })
classify('N23 and N24: what lies below is unusable, and read-only', () => {
  const below = (entry: bigint) => entryMeaning('long4', 4, bv(64, entry), host())
  assert.is(below(0x140200063n).us.value, false)
  assert.is(below(0x140200065n).rw.value, false)
})
classify.run()

// ---- the other formats, and the C-bit ----

const others = suite('nested entries, PAE, legacy and C-bit')
const meaning = (format: PagingFormat, level: number, entry: bigint, facts: Facts = {}) =>
  entryMeaning(format, level, bv(entryBits[format], entry), host(facts))
others('a PAE pointer entry reserves FFF0_0000_0000_01E6h and what lies above MAXPHYADDR', () => {
  let reserved = 0n
  for (let bit = 1n; bit < 64n; bit++) if (meaning('pae', 3, 1n | (1n << bit), { m: 40 }).reserved.value) reserved |= 1n << bit
  assert.is(reserved, 0xfff0_0000_0000_01e6n | 0x000f_ff00_0000_0000n)
  const e = meaning('pae', 3, 0x1001n)
  assert.equal([e.us.value, e.rw.value, e.nx.value, e.descends.value], [true, true, false, true])
})
others('PAE entries reserve 62:52 where long mode leaves them to software', () => {
  for (let bit = 52n; bit < 63n; bit++) {
    const entry = 0x67n | (1n << bit)
    assert.equal(
      [1, 2].map((l) => meaning('pae', l, entry).reserved.value),
      [true, true],
      `bit ${bit}`,
    )
    assert.equal(
      [1, 2].map((l) => meaning('long4', l, entry).reserved.value),
      [false, false],
      `bit ${bit}`,
    )
  }
  assert.is(meaning('pae', 2, 0x2_00e7n & ~0x1000n).reserved.value, true)
  assert.is(meaning('pae', 2, 0x20_10e7n).frame.value, 0x200n)
})
others('a legacy 4-MiB page: PSE decides, bits 20:13 are PA[39:32], bit 21 is reserved', () => {
  const big = 0x4000_00e7n | (0x12n << 13n)
  const e = meaning('legacy', 2, big)
  assert.equal([e.leaf.value, e.frame.value], [true, 0x1240000n])
  assert.is(meaning('legacy', 2, big, { pse: false }).descends.value, true)
  assert.is(meaning('legacy', 2, big | (1n << 21n)).reserved.value, true)
  assert.is(meaning('legacy', 2, big, { m: 36 }).reserved.value, true, 'PA bit 36 with MAXPHYADDR 36')
  assert.is(meaning('legacy', 2, big & ~(0x10n << 13n), { m: 36 }).leaf.value, true)
  for (let bit = 1n; bit < 32n; bit++) assert.is(meaning('legacy', 1, 1n | (1n << bit)).leaf.value, true)
})
others('the C-bit is no reserved bit, stays in a table pointer and leaves a frame', () => {
  const entry = 0x8000_0012_3456_7067n & ~(1n << 63n)
  const withC = entry | (1n << 47n)
  assert.is(meaning('long4', 1, withC, { m: 43 }).reserved.value, true)
  const leaf = meaning('long4', 1, withC, { m: 43, cBit: 47 })
  assert.equal([leaf.leaf.value, leaf.encrypted.value, leaf.frame.value], [true, true, 0x1234567n])
  assert.is(meaning('long4', 2, withC, { m: 43, cBit: 47 }).table.value, 0x1234567n | (1n << 35n))
  assert.is(meaning('long4', 1, entry | (1n << 45n), { m: 43, cBit: 47 }).reserved.value, true, 'between M and C')
})
others.run()

// ---- GMET ----

const gmet = suite('GMET')
gmet('U/S limits fetches only, and the other way round', () => {
  const way = (us: boolean, rw: boolean, nx: boolean) => ({ us: bool(us), rw: bool(rw), nx: bool(nx) })
  const on = host({ gmet: true })
  const strict = host({ gmet: true, gmetData: false })
  assert.is(permitted(on, way(false, true, false), 'write').value, true)
  assert.is(permitted(strict, way(false, true, false), 'write').value, false)
  assert.is(permitted(on, way(false, true, false), 'fetch', bool(false)).value, true)
  assert.is(permitted(on, way(false, true, false), 'fetch', bool(true)).value, true)
  assert.is(permitted(on, way(true, true, false), 'fetch', bool(false)).value, false)
  assert.is(permitted(on, way(true, true, false), 'fetch', bool(true)).value, true)
  assert.is(permitted(on, way(false, true, true), 'fetch').value, false)
  assert.is(permitted(host(), way(false, true, false), 'read').value, false)
})
gmet.run()

// ---- properties of the walk ----

const walk = suite('the nested walk')
for (const format of pagingFormats)
  walk(`${format}: from the top = one entry, then the walk one level down`, () => {
    const rules = symbolicHost()
    const page = bvVar<'guest page'>('page', 45)
    const frame = bvVar<'host frame'>('table', 40)
    for (let level = levels[format]; level > 1; level--) {
      const whole = translate(format, level, rules, fromArray, frame, allPermissions, page)
      const at = slot(format, level, page)
      const word = fromArray(frame, at.index, { walk: 'nested', level })
      const entry = format === 'legacy' ? at.highHalf.ite(word.bits(63, 32), word.bits(31, 0)) : word
      const e = entryMeaning(format, level, entry, rules)
      const rest = translate(format, level - 1, rules, fromArray, e.table, e, page)
      const claims: Record<string, Bool> = {
        notPresent: whole.notPresent.iff(e.descends.ite(rest.notPresent, e.present.not())),
        reserved: whole.reserved.iff(e.descends.ite(rest.reserved, e.reserved)),
        ok: whole.ok.iff(e.descends.ite(rest.ok, e.leaf)),
        permissions: and(
          e.descends.implies(and(whole.us.iff(rest.us), whole.rw.iff(rest.rw), whole.nx.iff(rest.nx))),
          e.leaf.implies(and(whole.us.iff(e.us), whole.rw.iff(e.rw), whole.nx.iff(e.nx))),
        ),
        frame: e.descends.implies(equal(whole.frame, rest.frame)),
        level: e.descends.implies(equal(whole.leafLevel, rest.leafLevel)),
      }
      for (const [name, claim] of Object.entries(claims)) assertValid(claim, `${name} at level ${level}`)
    }
  })

/** Valid by simplification, or at least on many random environments whose entries are likely to be sound. */
function assertValid(claim: Bool, name: string): void {
  if (claim.value === true) return
  fc.assert(
    fc.property(environment, (env) => {
      assert.is(new Evaluator(env.get).bool(claim), true, name)
    }),
    { numRuns: 60 },
  )
}

for (const format of pagingFormats)
  walk(`${format}: the symbolic walk, evaluated, is the concrete walk`, () => {
    const rules = symbolicHost()
    const page = bvVar<'guest page'>('page', 45)
    const frame = bvVar<'host frame'>('table', 40)
    const symbolic = translate(format, levels[format], rules, fromArray, frame, allPermissions, page)
    fc.assert(
      fc.property(environment, (env) => {
        const evaluator = new Evaluator(env.get)
        const concreteHost = hostIn(evaluator, rules)
        const constant = <T extends Bool | Bv<string>>(t: T): T => constantIn(evaluator, t)
        const read = fromReadable(env.mem)
        const concrete = translate(format, levels[format], concreteHost, read, constant(frame), allPermissions, constant(page))
        for (const field of ['notPresent', 'reserved', 'ok'] as const)
          assert.is(evaluator.bool(symbolic[field]), concrete[field].value, field)
        assert.is(evaluator.bv(symbolic.faultLevel), concrete.faultLevel.value)
        if (concrete.ok.value === true)
          for (const field of ['us', 'rw', 'nx', 'encrypted', 'frame', 'leafLevel', 'leafFirstPage', 'leafFirstFrame'] as const)
            assert.is(evaluator.value(symbolic[field]), concrete[field].value, field)
        assert.is(evaluator.bool(reachable(rules, symbolic)), reachable(concreteHost, concrete).value)
      }),
      { numRuns: 300 },
    )
  })

walk('a concrete walk stops at the entry that ends it', () => {
  const seen: number[] = []
  const read: ReadEntry = (_, __, { level }) => {
    seen.push(level)
    return bv(64, level === 3 ? 0x6 : 0x1067)
  }
  translate('long4', 4, host(), read, hostFrame(1), allPermissions, guestPage(0))
  assert.equal(seen, [4, 3])
})

walk('inside a large leaf: the first frame plus the offset of the page', () => {
  const read: ReadEntry = (_, __, { level }) => bv(64, level === 2 ? 0x4000_00e7 : 0x1067)
  const t = translate('long4', 4, host(), read, hostFrame(1), allPermissions, guestPage(0x12345))
  assert.equal([t.frame.value, t.leafFirstFrame.value, t.leafFirstPage.value], [0x40145n, 0x40000n, 0x12200n])
  assert.is(t.leafLevel.value, 2n)
  assert.is(bitsBelow('long4', 2), 9)
})

walk('the assumptions on a host hold for real ones and fail for broken ones', () => {
  const holds = (h: NestedHost, format: PagingFormat = 'long4') =>
    Object.entries(wellFormedHost(format, h))
      .filter(([, b]) => b.value !== true)
      .map(([name]) => name)
  assert.equal(holds(host()), [])
  assert.equal(holds(host({ m: 52 })), [])
  assert.equal(holds(host({ m: 43, cBit: 47 })), [])
  assert.equal(holds(host({ m: 35 })), ['MAXPHYADDR is at least 36'])
  assert.equal(holds(host({ m: 35 }), 'pae'), [])
  assert.equal(holds(host({ m: 48, cBit: 47 })), ['the C-bit lies above MAXPHYADDR'])
  assert.equal(holds({ ...host(), physMask: bv(52, 0xfff_ffff_fff0n) }), ['MAXPHYADDR is a low mask'])
  assert.equal(holds({ ...host(), cBit: bv(52, 3n << 49n) }), ['the C-bit is one bit or none'])
})
walk.run()

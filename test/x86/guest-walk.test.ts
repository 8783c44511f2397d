import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { bool, boolVar, bv, bvVar } from '../../src/model/term.ts'
import { sizeOf } from '../../src/model/traverse.ts'
import { Evaluator } from '../../src/model/evaluate.ts'
import { linearAddress } from '../../src/x86/address.ts'
import { decodeGuest, decodeSpan, guestAccess, type GuestResult } from '../../src/x86/guest-access.ts'
import { type GuestPaging, guestWalk } from '../../src/x86/guest-walk.ts'
import type { NestedSpace } from '../../src/x86/nested-access.ts'
import type { Access } from '../../src/x86/npt.ts'
import type { PagingFormat } from '../../src/x86/paging.ts'
import { constantIn, environment, type Facts, fromArray, fromReadable, host, hostIn, memoryOf, symbolicHost } from './machine.ts'

// Nested: root 1000h; guest pages 0..7 at 10000h..17000h. Guest: root 0, tables 1000h, 2000h, 3000h, data at 4000h and 5000h.
const nested: Record<string, bigint> = { '0x1000': 0x2067n, '0x2000': 0x3067n, '0x3000': 0x4067n }
for (let page = 0n; page < 8n; page++) nested[`0x${(0x4000n + page * 8n).toString(16)}`] = 0x10067n + page * 0x1000n
const guestTables: Record<string, bigint> = {
  '0x10000': 0x1067n,
  '0x11000': 0x2067n,
  '0x12000': 0x3067n,
  '0x13000': 0x4067n,
  '0x13008': 0x5067n,
}
const space = (facts: Facts = {}): NestedSpace => ({ format: 'long4', host: host(facts), nCR3: bv(64, 0x1000) })
const paging = (format: PagingFormat, facts: Facts = {}, cr3 = 0n, writeProtect = true): GuestPaging => ({
  kind: 'on',
  format,
  cr3: bv(64, cr3),
  rules: host(facts),
  writeProtect: bool(writeProtect),
})
interface Case {
  words?: Record<string, bigint>
  linear?: bigint
  access?: Access
  user?: boolean
  guest?: GuestPaging
  facts?: Facts
  bytes?: number
}
function run({ words = {}, linear = 0x123n, access = 'read', user = false, guest, facts, bytes = 1 }: Case) {
  const seen: string[] = []
  const read = memoryOf({ ...nested, ...guestTables, ...words }, seen)
  const request = { linear: linearAddress(linear), access, user: bool(user) }
  const span = guestAccess(space(facts), guest ?? paging('long4'), read, request, bytes)
  const marks = (updates: typeof span.first.updates) =>
    updates.map((u) => `${((u.table.value! << 12n) | (u.index.value! << 3n)).toString(16)} ${u.set.value!.toString(16)}`)
  return { result: decodeSpan(span), updates: marks(span.first.updates), maybe: marks(span.first.maybe), seen }
}
const brief = (r: GuestResult): string => {
  if (r.kind === 'translated') return r.parts.map((p) => p.hpa.toString(16)).join(' ')
  if (r.kind === 'npf') return `npf ${r.exitinfo1.toString(16)} ${r.exitinfo2.toString(16)}`
  return `pf ${r.errorCode.toString(16)} ${r.address.toString(16)}`
}
const shown = (c: Case): string => brief(run(c).result)

const order = suite('the two-dimensional walk')
order('each guest entry is read after its own nested walk, the page comes last', () => {
  const { result, seen } = run({})
  assert.is(brief(result), '14123')
  const walk = (leaf: string) => ['nested 4 0x1000', 'nested 3 0x2000', 'nested 2 0x3000', `nested 1 ${leaf}`]
  assert.equal(seen, [
    ...walk('0x4000'),
    'guest 4 0x10000',
    ...walk('0x4008'),
    'guest 3 0x11000',
    ...walk('0x4010'),
    'guest 2 0x12000',
    ...walk('0x4018'),
    'guest 1 0x13000',
    ...walk('0x4020'),
  ])
})
order('a read-only nested page cannot hold guest tables: a write fault, even for a read with A set', () => {
  assert.is(shown({ words: { '0x4010': 0x12065n } }), 'npf 200000007 2000')
  assert.is(shown({ words: { '0x4010': 0x12066n }, access: 'fetch' }), 'npf 200000006 2000')
  assert.is(shown({ words: { '0x4010': 0x8000_0000_0001_2067n }, access: 'fetch' }), '14123')
})
order('a nested fault on a table wins over guest faults below, a guest fault over the final nested fault', () => {
  assert.is(shown({ words: { '0x4018': 0x13066n, '0x13000': 0n } }), 'npf 200000006 3000')
  assert.is(shown({ words: { '0x4020': 0x14066n, '0x13000': 0n } }), 'pf 0 123')
  assert.is(shown({ words: { '0x4020': 0x14066n } }), 'npf 100000004 4123')
})
order('guest permissions: U/S, R/W with WP, NX; the error code has I/D only with EFER.NXE', () => {
  assert.is(shown({ words: { '0x12000': 0x3063n }, user: true }), 'pf 5 123')
  assert.is(shown({ words: { '0x12000': 0x3063n } }), '14123')
  assert.is(shown({ words: { '0x13000': 0x4065n }, access: 'write' }), 'pf 3 123')
  assert.is(shown({ words: { '0x13000': 0x4065n }, access: 'write', guest: paging('long4', {}, 0n, false) }), '14123')
  assert.is(
    shown({ words: { '0x13000': 0x4065n }, access: 'write', user: true, guest: paging('long4', {}, 0n, false) }),
    'pf 7 123',
  )
  assert.is(shown({ words: { '0x13000': 0x8000_0000_0000_4067n }, access: 'fetch', user: true }), 'pf 15 123')
  assert.is(shown({ words: { '0x13000': 0x8000_0000_0000_4067n }, guest: paging('long4', { nxe: false }) }), 'pf 9 123')
  assert.is(shown({ words: { '0x13000': 0n }, access: 'fetch', guest: paging('long4', { nxe: false }) }), 'pf 0 123')
  assert.is(shown({ words: { '0x13000': 0n }, access: 'fetch' }), 'pf 10 123')
})
order('guest pages of 2 MiB and 1 GiB', () => {
  assert.is(shown({ words: { '0x12000': 0xe7n }, linear: 0x5123n }), '15123')
  assert.is(shown({ words: { '0x11000': 0xe7n }, linear: 0x7123n }), '17123')
  assert.is(shown({ words: { '0x11000': 0xe7n }, guest: paging('long4', { page1g: false }) }), 'pf 9 123')
})
order('paging off: the linear address is guest-physical', () => {
  assert.is(shown({ guest: { kind: 'off' }, linear: 0x7008n }), '17008')
  assert.is(shown({ guest: { kind: 'off' }, linear: 0x8008n, access: 'write' }), 'npf 100000006 8008')
})
order('five levels', () => {
  const words = { '0x10000': 0x6067n, '0x16000': 0x1067n }
  assert.is(shown({ words, guest: paging('long5') }), '14123')
})
order('GMET: a supervisor fetch needs U/S=0, a guest table still counts as data', () => {
  const facts = { gmet: true }
  assert.is(shown({ access: 'fetch', facts }), 'npf 100000015 4123')
  assert.is(shown({ access: 'fetch', user: true, facts }), '14123')
  assert.is(shown({ access: 'fetch', facts, words: { '0x4020': 0x14063n } }), '14123')
})
order.run()

const formats = suite('PAE and legacy guests')
formats('PAE pointer entries are read on demand, through the nested tables, and checked then', () => {
  const words = { '0x10020': 0x2001n, '0x12000': 0x3067n, '0x13000': 0x4067n }
  const guest = paging('pae', { m: 40 }, 0x20n)
  assert.is(shown({ words, guest }), '14123')
  assert.is(shown({ words: { ...words, '0x4000': 0x10065n }, guest }), 'npf 200000007 20')
  assert.is(shown({ words: { ...words, '0x10020': 0x2003n }, guest }), 'pf 9 123')
  assert.is(shown({ words: { ...words, '0x10020': 0x2000n }, guest }), 'pf 0 123')
  // The pointer entry of the second gigabyte.
  assert.is(shown({ words, guest, linear: 0x4000_0000n }), 'pf 0 40000000')
  assert.equal(run({ words: { ...words, '0x12000': 0x3007n }, guest }).updates, ['12000 20'])
})
formats('legacy entries are 32 bits, two to a word; 4-MiB pages need PSE', () => {
  const words = { '0x10000': 0x3067n << 32n, '0x13000': (0x5067n << 32n) | 0x4067n }
  const guest = paging('legacy', { pse: true })
  const linear = (1n << 22n) | (1n << 12n) | 0x7n
  assert.is(shown({ words, guest, linear }), '15007')
  assert.is(shown({ words, guest, linear: 1n << 22n }), '14000')
  assert.is(shown({ words: { '0x10000': 0xe7n << 32n }, guest, linear }), '11007')
  assert.is(
    shown({ words: { '0x10000': 0xe7n << 32n }, guest: paging('legacy', { pse: false }), linear }),
    '10007',
    'the directory read as a table',
  )
  const clean = { '0x10000': 0x3007n << 32n, '0x13000': 0x5007n << 32n }
  assert.equal(run({ words: clean, guest, linear, access: 'write' }).updates, ['10000 2000000000', '13000 6000000000'])
})
formats.run()

const marks = suite('A and D bits over two dimensions')
const clean = { '0x10000': 0x1007n, '0x11000': 0x2027n, '0x12000': 0x3007n, '0x13000': 0x4007n }
marks('guest entries are marked before the final translation fails', () => {
  const { result, updates } = run({ words: { ...clean, '0x4020': 0x14065n }, access: 'write' })
  assert.is(brief(result), 'npf 100000007 4123')
  assert.equal(updates, ['10000 20', '12000 20', '13000 60'])
})
marks('a guest fault marks no guest entry for certain; those above it may be', () => {
  const { updates, maybe } = run({ words: { ...clean, '0x13000': 0x4005n }, access: 'write' })
  assert.equal([updates, maybe], [[], ['10000 20', '12000 20']])
})
marks('the nested leaf of a guest table becomes dirty, also for a read', () => {
  assert.equal(run({ words: { '0x4010': 0x12027n } }).updates, ['4010 60'])
  assert.equal(run({ words: { '0x4020': 0x14007n } }).updates, ['4020 20'])
})
marks('a table that maps itself shows the bits just set', () => {
  // Guest page 4 is the nested leaf table itself: reading the nested entry of page 5 through it.
  const self = { '0x4020': 0x4007n, '0x13000': 0x4067n }
  const { updates } = run({ words: self, access: 'write' })
  assert.equal(updates, ['4020 60'])
})
marks.run()

const straddle = suite('accesses over a page boundary')
straddle('both pages; the lower one first', () => {
  const at = { linear: 0xffcn, bytes: 8 }
  assert.is(shown(at), '14ffc 15000')
  assert.is(shown({ linear: 0xff8n, bytes: 8 }), '14ff8')
  assert.is(shown({ ...at, words: { '0x4028': 0x15066n } }), 'npf 100000004 5000')
  assert.is(shown({ ...at, words: { '0x4020': 0x14066n, '0x4028': 0x15066n } }), 'npf 100000004 4ffc')
  assert.is(shown({ ...at, words: { '0x13008': 0n } }), 'pf 0 1000')
})
straddle('symbolic offsets: crossing is a condition', () => {
  const linear = bvVar<'guest linear'>('linear', 64)
  const span = guestAccess(space(), paging('long4'), fromArray, { linear, access: 'read', user: bool(false) }, 8)
  assert.is(span.crosses.value, undefined)
  assert.ok(span.second !== undefined)
})
straddle.run()

const agreement = suite('symbolic and concrete two-dimensional walks')
for (const [guestFormat, nestedFormat] of [
  ['legacy', 'legacy'],
  ['pae', 'long4'],
  ['long4', 'pae'],
] as const)
  agreement(`${guestFormat} guest under ${nestedFormat} tables`, () => {
    const rules = symbolicHost()
    const symbolic: NestedSpace = { format: nestedFormat, host: rules, nCR3: bvVar('nCR3', 64) }
    const wp = boolVar('writeProtect')
    const guest = { kind: 'on', format: guestFormat, cr3: bvVar('cr3', 64), rules, writeProtect: wp } as const
    const request = { linear: bvVar<'guest linear'>('linear', 64), access: 'write', user: boolVar('user') } as const
    const o = guestWalk(symbolic, guest, fromArray, request)
    assert.ok(sizeOf([o.translated, o.hpa]) < 200_000)
    fc.assert(
      fc.property(environment, (env) => {
        const e = new Evaluator(env.get)
        const concreteHost = hostIn(e, rules)
        const c = guestWalk(
          { format: nestedFormat, host: concreteHost, nCR3: constantIn(e, symbolic.nCR3) },
          { ...guest, cr3: constantIn(e, guest.cr3), rules: concreteHost, writeProtect: constantIn(e, wp) },
          fromReadable(env.mem),
          { linear: constantIn(e, request.linear), access: 'write', user: constantIn(e, request.user) },
        )
        const outcomes = ['translated', 'npf', 'pageFault'] as const
        for (const field of outcomes) assert.is(e.bool(o[field]), c[field].value, field)
        assert.is(outcomes.filter((f) => c[f].value === true).length, 1)
        const expected = decodeGuest(c)
        if (expected.kind === 'translated') assert.is(e.bv(o.hpa), expected.parts[0]!.hpa)
        if (expected.kind === 'npf') assert.is(e.bv(o.nested.exitinfo1), expected.exitinfo1)
        if (expected.kind === 'npf') assert.is(e.bv(o.nested.exitinfo2), expected.exitinfo2)
        if (expected.kind === 'page-fault') assert.is(e.bv(o.errorCode), expected.errorCode)
        const after = (updates: typeof o.updates) => {
          const words = new Map<string, bigint>()
          for (const u of updates)
            if (e.bool(u.when)) {
              const key = `${e.bv(u.table)}.${e.bv(u.index)}`
              words.set(key, (words.get(key) ?? 0n) | e.bv(u.set))
            }
          return [...words].sort()
        }
        assert.equal(after(o.updates), after(c.updates))
      }),
      { numRuns: 80 },
    )
  })
agreement.run()

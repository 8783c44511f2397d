import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { bool, bv, bvVar } from '../../src/model/term.ts'
import { Evaluator } from '../../src/model/evaluate.ts'
import { guestAddress, hostFrame, index9 } from '../../src/x86/address.ts'
import { accessedDirty, overlay } from '../../src/x86/accessed-dirty.ts'
import { decodeNested, type NestedSpace, nestedTranslate, npfExitInfo1 } from '../../src/x86/nested-access.ts'
import type { Access, ReadEntry } from '../../src/x86/npt.ts'
import { levels, nestedFormats, pagingFormats, reservedRoot } from '../../src/x86/paging.ts'
import { constantIn, environment, type Facts, fromArray, fromReadable, host, hostIn, memoryOf, symbolicHost } from './machine.ts'

const tree = { '0x1000': 0x2067n, '0x2000': 0x3067n, '0x3000': 0x4067n }
const space = (facts: Facts = {}, nCR3 = 0x1000n, format: NestedSpace['format'] = 'long4'): NestedSpace => ({
  format,
  host: host(facts),
  nCR3: bv(64, nCR3),
})
const run = (leaf: bigint, access: Access, kind: 'final' | 'guest-table' = 'final', facts: Facts = {}) =>
  decodeNested(nestedTranslate(space(facts), memoryOf({ ...tree, '0x4000': leaf }), guestAddress(0x123), access, kind))

const access = suite('one nested access')
access('EXITINFO1: P, RW, US, RSV, ID and which address it was', () => {
  const code = (leaf: bigint, a: Access, kind: 'final' | 'guest-table' = 'final', facts: Facts = {}) => {
    const r = run(leaf, a, kind, facts)
    return r.kind === 'npf' ? `${r.cause} ${r.exitinfo1.toString(16)}` : r.kind
  }
  assert.is(code(0x9066n, 'read'), 'not-present 100000004')
  assert.is(code(0x9066n, 'write'), 'not-present 100000006')
  assert.is(code(0x9066n, 'fetch'), 'not-present 100000014')
  assert.is(code(0x9065n, 'write'), 'permission 100000007')
  assert.is(code(0x9065n, 'read'), 'translated')
  assert.is(code(0x9063n, 'read'), 'permission 100000005')
  assert.is(code(0x8000_0000_0000_9067n, 'fetch'), 'permission 100000015')
  assert.is(code(0x8000_0000_0000_9067n, 'read', 'final', { nxe: false }), 'reserved 10000000d')
  assert.is(code(0x0001_0000_0000_9067n, 'write'), 'reserved 10000000f')
  assert.is(code(0x9065n, 'write', 'guest-table'), 'permission 200000007')
  assert.is(npfExitInfo1.show(0x2_0000_0007n), 'P=1 RW=1 US=1 GUEST_TABLE=1')
})
access('EXITINFO2 has the offset in the page; a translation keeps it', () => {
  const fault = run(0x9066n, 'read')
  assert.is(fault.kind === 'npf' && fault.exitinfo2, 0x123n)
  const good = run(0x9067n, 'read')
  assert.is(good.kind === 'translated' && good.hpa, 0x9123n)
})
access('a fault below wins over a permission defect above, and reports its own level', () => {
  const read = memoryOf({ '0x1000': 0x2061n, '0x2000': 0x3067n, '0x3000': 0x0n })
  const r = decodeNested(nestedTranslate(space(), read, guestAddress(0), 'write', 'final'))
  assert.equal(r.kind === 'npf' && [r.cause, r.level], ['not-present', 2])
})
access('above the translatable width: a fault, or the bits are ignored (P_GPA_TRUNC)', () => {
  const read = memoryOf({ ...tree, '0x4000': 0x9067n })
  const far = guestAddress((1n << 48n) | 0x10n)
  const strict = decodeNested(nestedTranslate(space(), read, far, 'read', 'final'))
  assert.equal(strict.kind === 'npf' && [strict.cause, strict.exitinfo1], ['beyond-width', 0x1_0000_0004n])
  const truncating = decodeNested(nestedTranslate(space({ trunc: true }), read, far, 'read', 'final'))
  assert.equal(truncating, { kind: 'translated', hpa: 0x9010n })
})
access('a PAE root begins at nCR3 bits 11:5, a legacy entry is half a word', () => {
  const pae = memoryOf({ '0x1028': 0x2001n, '0x2000': 0x3067n, '0x3000': 0x4067n })
  const at = guestAddress(1n << 30n)
  assert.equal(decodeNested(nestedTranslate(space({}, 0x1020n, 'pae'), pae, at, 'read', 'final')), {
    kind: 'translated',
    hpa: 0x4000n,
  })
  const legacy = memoryOf({ '0x1000': 0x2067n << 32n, '0x2000': 0x5067n << 32n })
  const page = guestAddress((1n << 22n) | (1n << 12n) | 0x7n)
  assert.equal(decodeNested(nestedTranslate(space({}, 0x1000n, 'legacy'), legacy, page, 'read', 'final')), {
    kind: 'translated',
    hpa: 0x5007n,
  })
})
access('an encrypted root, table and leaf: each is read through its own view', () => {
  const C = 1n << 47n
  const words = {
    [`0x${(C | 0x1000n).toString(16)}`]: 0x2067n | C,
    [`0x${(C | 0x2000n).toString(16)}`]: 0x3067n,
    '0x3000': 0x4067n | C,
    [`0x${(C | 0x4000n).toString(16)}`]: 0x9067n | C,
  }
  const o = nestedTranslate(space({ m: 43, cBit: 47 }, C | 0x1000n), memoryOf(words), guestAddress(0x10), 'read', 'final')
  assert.equal(decodeNested(o), { kind: 'translated', hpa: 0x9010n })
  assert.is(o.view.value, (C | 0x9000n) >> 12n)
})
access('nCR3: bits at or above MAXPHYADDR must be zero, the C-bit may be set', () => {
  const reserved = (nCR3: bigint, facts: Facts) => reservedRoot(host(facts), bv(64, nCR3)).value
  assert.is(reserved(0x1fffn, { m: 40 }), false)
  for (let bit = 40n; bit < 64n; bit++) assert.is(reserved(1n << bit, { m: 40 }), true, `bit ${bit}`)
  assert.is(reserved(1n << 47n, { m: 43, cBit: 47 }), false)
})
access('the host mode that the walk takes over', () => {
  const mode = (pg: boolean, pae: boolean, lma: boolean, la57: boolean) => {
    const formats = nestedFormats({ pg: bool(pg), pae: bool(pae), lma: bool(lma), la57: bool(la57) })
    return Object.entries(formats)
      .filter(([, b]) => b.value === true)
      .map(([name]) => name)
  }
  assert.equal(mode(false, true, true, true), ['off'])
  assert.equal(mode(true, false, false, false), ['legacy'])
  assert.equal(mode(true, true, false, true), ['pae'])
  assert.equal(mode(true, true, true, false), ['long4'])
  assert.equal(mode(true, true, true, true), ['long5'])
})
access.run()

const marks = suite('accessed and dirty bits')
const changes = (leaf: bigint, a: Access) => {
  const o = nestedTranslate(
    space(),
    memoryOf({ '0x1000': 0x2007n, '0x2000': 0x3027n, '0x3000': 0x4007n, '0x4000': leaf }),
    guestAddress(0),
    a,
    'final',
  )
  const list = (us: typeof o.updates) => us.map((u) => `${(u.table.value! << 12n).toString(16)} ${u.set.value!.toString(16)}`)
  return { updates: list(o.updates), maybe: list(o.maybe) }
}
marks('a read marks A where it is clear, a write D on the leaf too', () => {
  assert.equal(changes(0x9007n, 'read').updates, ['1000 20', '3000 20', '4000 20'])
  assert.equal(changes(0x9027n, 'write').updates, ['1000 20', '3000 20', '4000 60'])
  assert.equal(changes(0x9027n, 'read').updates, ['1000 20', '3000 20'])
})
marks('a failing walk marks nothing for certain, and its tables at most', () => {
  assert.equal(changes(0x9005n, 'write'), { updates: [], maybe: ['1000 20', '3000 20'] })
  assert.equal(changes(0x0n, 'read'), { updates: [], maybe: ['1000 20', '3000 20'] })
})
marks('no A bit in a PAE pointer entry; the half word of a legacy entry', () => {
  const pae = memoryOf({ '0x1000': 0x2001n, '0x2000': 0x3007n, '0x3000': 0x4007n })
  const o = nestedTranslate(space({}, 0x1000n, 'pae'), pae, guestAddress(0), 'write', 'final')
  assert.equal(
    o.updates.map((u) => [u.table.value, u.set.value]),
    [
      [2n, 0x20n],
      [3n, 0x60n],
    ],
  )
  const legacy = memoryOf({ '0x1000': 0x2007n << 32n, '0x2000': 0x5007n })
  const l = nestedTranslate(space({}, 0x1000n, 'legacy'), legacy, guestAddress(1n << 22n), 'write', 'final')
  assert.equal(
    l.updates.map((u) => [u.table.value, u.set.value]),
    [
      [1n, 0x20n << 32n],
      [2n, 0x60n],
    ],
  )
})
marks('memory after constant updates is the same whether looked up or written as conditions', () => {
  const read: ReadEntry = memoryOf({ '0x1000': 0x1n, '0x1008': 0x2n })
  const known = [{ when: bool(true), table: hostFrame(1), index: index9(1), set: bv(64, 0x40) }]
  const open = [{ when: bvVar('x', 1).eq(1), table: hostFrame(1), index: index9(1), set: bv(64, 0x40) }]
  const place = { walk: 'nested', level: 1 } as const
  assert.is(overlay(read, known)(hostFrame(1), index9(1), place).value, 0x42n)
  assert.is(overlay(read, known)(hostFrame(1), index9(0), place).value, 0x1n)
  const at = (x: bigint) => new Evaluator(() => x).bv(overlay(read, open)(hostFrame(1), index9(1), place))
  assert.equal([at(0n), at(1n)], [0x2n, 0x42n])
  assert.equal(accessedDirty('long4', [], bool(true), true), [])
})
marks.run()

const agreement = suite('symbolic and concrete nested accesses')
for (const format of pagingFormats)
  agreement(`${format}: outcome, codes, address and updates`, () => {
    const rules = symbolicHost()
    const symbolicSpace: NestedSpace = { format, host: rules, nCR3: bvVar('nCR3', 64) }
    const gpa = bvVar<'guest page'>('page', 45).concat(bv(12, 0x123)).as<'guest address'>()
    const accesses = (['read', 'write', 'fetch'] as const).map(
      (a) => [a, nestedTranslate(symbolicSpace, fromArray, gpa, a, 'final')] as const,
    )
    fc.assert(
      fc.property(environment, (env) => {
        const e = new Evaluator(env.get)
        const concrete: NestedSpace = { format, host: hostIn(e, rules), nCR3: constantIn(e, symbolicSpace.nCR3) }
        for (const [a, o] of accesses) {
          const c = nestedTranslate(concrete, fromReadable(env.mem), constantIn(e, gpa), a, 'final')
          const outcomes = ['translated', 'notPresent', 'reserved', 'permission', 'beyondWidth'] as const
          for (const field of outcomes) assert.is(e.bool(o[field]), c[field].value, `${a} ${field}`)
          assert.is(outcomes.filter((f) => c[f].value === true).length, 1, 'exactly one outcome')
          assert.is(e.bv(o.exitinfo1), c.exitinfo1.value)
          if (c.translated.value === true) assert.is(e.bv(o.hpa), c.hpa.value)
          const after = (updates: typeof o.updates) =>
            updates.filter((u) => e.bool(u.when)).map((u) => [e.bv(u.table), e.bv(u.index), e.bv(u.set)].join())
          assert.equal(after(o.updates), after(c.updates), `${a} updates, ${levels[format]} levels`)
          assert.equal(after(o.maybe), after(c.maybe))
        }
      }),
      { numRuns: 100 },
    )
  })
agreement.run()

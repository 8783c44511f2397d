// Layouts: one description, five readings that agree (decode, encode, of, show, diff), for random layouts and values.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bits, type Field, type Fields, flag, type Layout, layout } from '../../src/model/layout.ts'
import { type Bool, bv, type Bv, bvVar } from '../../src/model/term.ts'
import type { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'

const layouts = suite('layouts')

/** Fields from the lowest bit up, with gaps, declared in any order. */
function randomLayout(c: Choices): Layout {
  const width = c.within(1, 70)
  const fields: [string, Field][] = []
  for (let low = c.below(3); low < width; low += c.below(3)) {
    const high = Math.min(width - 1, low + c.below(12))
    fields.push([`f${low}`, high === low && c.chance(50) ? flag(low, 'APM 5.3') : bits(high, low, 'APM 5.3')])
    low = high + 1
  }
  return layout('R', width, Object.fromEntries(c.chance(50) ? fields : fields.reverse()))
}
const maskOf = ({ high, low }: Field): bigint => 2n ** BigInt(high + 1) - 2n ** BigInt(low)
const covered = (fields: Fields): bigint => Object.values(fields).reduce((mask, field) => mask | maskOf(field), 0n)
const numberOf = (field: Bool | Bv): bigint => BigInt(field.value!)

const withValues = (choices: Choices) => {
  const made = randomLayout(choices)
  return { made, a: choices.bitVector(made.width), b: choices.bitVector(made.width) }
}
const print = ({ made, a, b }: ReturnType<typeof withValues>) =>
  `${made.width} bits ${JSON.stringify(made.fields)} with ${a}, ${b}`

layouts('decode, of and encode agree', () => {
  forAll(800, withValues, print, ({ made, a }) => {
    const decoded = made.decode(a)
    const view = made.of(bv(made.width, a))
    assert.equal(Object.keys(decoded), Object.keys(made.fields))
    for (const [name, field] of Object.entries(made.fields)) {
      assert.is(decoded[name], (a & maskOf(field)) / 2n ** BigInt(field.low), name)
      assert.is(numberOf(view[name]!), decoded[name], name)
      assert.is(view[name]!.sort.kind, field.kind === 'flag' ? 'bool' : 'bv')
    }
    assert.is(made.encode(decoded), a & covered(made.fields))
    assert.equal(made.decode(made.encode(decoded)), decoded)
  })
})

layouts('show names every set bit, diff every changed field', () => {
  const number = (text: string) => BigInt(text)
  forAll(800, withValues, print, ({ made, a, b }) => {
    const shown = made.show(a) === '0' ? [] : made.show(a).split(' ')
    const read: Record<string, bigint> = {}
    let other = 0n
    for (const part of shown) {
      const [name, text] = part.split('=') as [string, string]
      if (name === 'other') other = number(text)
      else read[name] = number(text)
    }
    assert.is(made.encode(read) | other, a)
    assert.is(other & covered(made.fields), 0n)
    assert.equal(
      Object.keys(read),
      Object.entries(made.decode(a))
        .filter(([, v]) => v !== 0n)
        .map(([name]) => name),
    )

    const patched: Record<string, bigint> = { ...made.decode(a), reserved: a & ~covered(made.fields) }
    for (const part of made.diff(a, b).split(', ').filter(Boolean)) {
      const [, name, before, after] = /^R\.(\w+) (\w+)->(\w+)$/.exec(part) as unknown as [string, string, string, string]
      assert.is(number(before), patched[name])
      assert.is.not(before, after)
      patched[name] = number(after)
    }
    assert.equal(patched, { ...made.decode(b), reserved: b & ~covered(made.fields) })
    assert.is(made.diff(a, a), '')
  })
})

layouts('printing: flags as bits, numbers in hex, unnamed bits apart', () => {
  const pte = layout('PTE', 64, { P: flag(0), RW: flag(1), Address: bits(51, 12), NX: flag(63) })
  assert.is(pte.show(0x5003n), 'P=1 RW=1 Address=0x5')
  assert.is(pte.show(0n), '0')
  assert.is(pte.show(0x11n), 'P=1 other=0x10')
  assert.is(pte.diff(0x5001n, 0x6000n), 'PTE.P 1->0, PTE.Address 0x5->0x6')
  assert.is(pte.diff(0x1n, 0x11n), 'PTE.reserved 0x0->0x10')
  assert.is(pte.encode({ P: true, RW: 0, Address: 5n }), 0x5001n)
})

layouts('a view of a symbolic register reads its bits', () => {
  const register = bvVar('r', 16)
  const view = layout('R', 16, { low: bits(7, 0), top: flag(15) }).of(register)
  assert.ok(Object.is(view.low, register.bits(7, 0)))
  assert.ok(Object.is(view.top, register.bit(15)))
})

layouts('fields that overlap, or lie outside, are refused', () => {
  assert.throws(() => layout('R', 8, { a: bits(3, 0), b: bits(7, 3) }), /R\.b: bits 7:3 overlap another field/)
  assert.throws(() => layout('R', 8, { a: flag(2), b: flag(2) }), /R\.b: bits 2:2 overlap/)
  assert.throws(() => layout('R', 8, { a: bits(8, 0) }), /R\.a: bits 8:0 do not fit in 8/)
  assert.throws(() => layout('R', 8, { a: bits(2, 3) }), RangeError)
  assert.throws(() => layout('R', 8, { a: bits(2, -1) }), RangeError)
  forAll(
    300,
    randomLayout,
    ({ fields }) => JSON.stringify(fields),
    (made) => {
      for (const { high, low } of Object.values(made.fields)) {
        assert.throws(() => layout('R', made.width, { ...made.fields, more: flag(high) }), /overlap/)
        assert.throws(() => layout('R', made.width, { ...made.fields, more: bits(made.width - 1, low) }), /overlap/)
      }
    },
  )
})

layouts('values that do not fit, and unknown fields, are refused', () => {
  const small = layout('R', 8, { a: bits(3, 0), b: flag(7) })
  assert.throws(() => small.encode({ a: 16 }), /R\.a: 16 does not fit/)
  assert.throws(() => small.encode({ a: -1 }), /R\.a: -1 does not fit/)
  assert.throws(() => small.encode({ b: 2n }), /R\.b: 2 does not fit/)
  const unknown: Record<string, number> = { c: 1 }
  assert.throws(() => small.encode(unknown), /R has no field c/)
  assert.throws(() => small.of(bvVar('w', 9)), /R has 8 bits, the term has 9/)
})

layouts.run()

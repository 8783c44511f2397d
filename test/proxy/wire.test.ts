// Reports as bytes: one way to write each, nothing else is read; tags; challenges.

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { admit, encodeChallenge, type PlatformState } from '../../src/proxy/challenge.ts'
import { opened, sealed, TAG_BYTES, tagOf } from '../../src/proxy/mac.ts'
import type { Report } from '../../src/proxy/report.ts'
import { decodeReport, encodeReport } from '../../src/proxy/wire.ts'
import { seed } from '../support/property.ts'
import { anyNonce, anyReport, COMPLETE, KEY, NONCE, OTHER_KEY, PLATFORM } from './samples.ts'

const decoded = (bytes: Uint8Array): Report => {
  const read = decodeReport(bytes)
  if (!read.ok) throw new Error(read.fault.kind)
  return read.value
}
const fault = (bytes: Uint8Array): string => {
  const read = decodeReport(bytes)
  return read.ok ? 'read' : read.fault.kind
}

const wire = suite('reports as bytes')

wire('what is written is read', () => {
  assert.equal(decoded(encodeReport(COMPLETE)), COMPLETE)
  fc.assert(
    fc.property(anyReport, (report) => assert.equal(decoded(encodeReport(report)), report)),
    { seed, numRuns: 300 },
  )
})

wire('what is read is written the same: no two texts of one report', () => {
  const damage = fc.tuple(anyReport, fc.nat(), fc.integer({ min: 1, max: 255 }))
  let readable = 0
  fc.assert(
    fc.property(damage, ([report, where, change]) => {
      const bytes = encodeReport(report)
      bytes[where % bytes.length]! ^= change
      const read = decodeReport(bytes)
      if (!read.ok) return
      readable++
      assert.equal(encodeReport(read.value), bytes)
    }),
    { seed, numRuns: 1000 },
  )
  assert.ok(readable > 100, `${readable} damaged reports could be read at all`)
})

wire('cut off anywhere, or longer than it is, it is none', () => {
  const bytes = encodeReport(COMPLETE)
  for (let length = 0; length < bytes.length; length++) assert.is(fault(bytes.subarray(0, length)), 'truncated', `${length}`)
  assert.is(fault(Buffer.concat([bytes, Buffer.of(0)])), 'trailing')
  assert.is(fault(Buffer.alloc(600)), 'not-a-report')
  const version = Buffer.from(bytes)
  version[7] = 2
  assert.is(fault(version), 'other-version')
})

wire('values without a meaning are none', () => {
  const change = (report: Report, from: Buffer, to: Buffer): string => {
    const bytes = encodeReport(report)
    const at = bytes.lastIndexOf(from)
    assert.ok(at > 0)
    to.copy(bytes, at)
    return fault(bytes)
  }
  const page = (n: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(n)
    return bytes
  }
  assert.is(change(COMPLETE, page(0x10fd65000n), page(0x10fd65001n)), 'bad-value')
  assert.is(change(COMPLETE, page(0x10fd65000n), page(1n << 52n)), 'bad-value')
  assert.is(change(COMPLETE, page(22270n), page(1n << 53n)), 'bad-value')
  const bytes = encodeReport(COMPLETE)
  // After the nonce, platform and sequence number: status, coverage, threads.
  const header = 6 + 2 + 32 + 16 + 8
  for (const [offset, byte] of [
    [0, 14],
    [1, 0x40],
    [5, 3],
  ] as const) {
    const bad = Buffer.from(bytes)
    bad[header + offset] = byte
    assert.is(fault(bad), 'bad-value', `${offset}`)
  }
})

wire('lists have one order', () => {
  assert.throws(() => encodeReport({ ...COMPLETE, samples: [...COMPLETE.samples].reverse() }), /cannot be written: not-canonical/)
  const space = { ...COMPLETE.spaces[1]!, vmcbs: ['0x2000', '0x1000'] }
  assert.throws(() => encodeReport({ ...COMPLETE, spaces: [space] }), /not-canonical/)
  assert.throws(() => encodeReport({ ...COMPLETE, spaces: [{ ...space, vmcbs: ['0x1000', '0x1000'] }] }), /not-canonical/)
})
wire.run()

const macs = suite('tags')

macs('HMAC-SHA-256 over the purpose and the body', () => {
  const expected = createHmac('sha256', KEY).update('smmcheck report/1\0body').digest()
  assert.equal(tagOf(KEY, 'report', Buffer.from('body')), expected)
  // RFC 4231, test case 2, of the primitive that this rests on.
  assert.is(
    createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest('hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

macs('one changed bit anywhere, another key or another purpose: not authentic', () => {
  const message = sealed(KEY, 'report', encodeReport(COMPLETE))
  assert.ok(opened(KEY, 'report', message).authentic)
  assert.not.ok(opened(OTHER_KEY, 'report', message).authentic)
  assert.not.ok(opened(KEY, 'challenge', message).authentic)
  for (let bit = 0; bit < 8 * message.length; bit++) {
    const changed = Buffer.from(message)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    assert.not.ok(opened(KEY, 'report', changed).authentic, `bit ${bit}`)
  }
  for (let length = 0; length < message.length; length++)
    assert.not.ok(opened(KEY, 'report', message.subarray(0, length)).authentic)
})
macs.run()

const challenges = suite('challenges')
const STATE: PlatformState = { platform: PLATFORM, proxy: NONCE.proxy, counter: 2n, sequence: 1n }
const admitted = (message: Uint8Array, state = STATE, key = KEY): string => {
  const result = admit(state, key, message)
  return result.ok ? 'admitted' : result.refusal.kind
}

challenges('what a proxy asks is admitted once, and counted', () => {
  const result = admit(STATE, KEY, encodeChallenge(KEY, NONCE))
  assert.equal(result, { ok: true, nonce: NONCE, state: { ...STATE, counter: 3n, sequence: 2n } })
  if (result.ok) assert.is(admitted(encodeChallenge(KEY, NONCE), result.state), 'answered-before')
  fc.assert(
    fc.property(anyNonce, (nonce) => {
      const state = { ...STATE, proxy: nonce.proxy, counter: nonce.counter - 1n }
      assert.is(admitted(encodeChallenge(KEY, nonce), state), 'admitted')
      assert.is(admitted(encodeChallenge(KEY, nonce), { ...state, counter: nonce.counter }), 'answered-before')
    }),
    { seed, numRuns: 50 },
  )
})

challenges('what nobody with the key asked is not', () => {
  const message = encodeChallenge(KEY, NONCE)
  assert.is(admitted(message, STATE, OTHER_KEY), 'wrong-mac')
  for (let at = 0; at < message.length; at++) {
    const changed = Buffer.from(message)
    changed[at]! ^= 0x80
    assert.is.not(admitted(changed), 'admitted', `${at}`)
    assert.is(admitted(message.subarray(0, at)), 'malformed')
  }
  assert.is(message.length, 40 + TAG_BYTES)
  assert.is(admitted(encodeChallenge(KEY, { ...NONCE, proxy: 8n })), 'other-proxy')
  // A report is no challenge, whoever wrote it.
  assert.is.not(admitted(sealed(KEY, 'report', encodeReport(COMPLETE))), 'admitted')
})
challenges.run()

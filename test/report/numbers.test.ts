import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytesText, grouped, plural } from '../../src/report/numbers.ts'

const test = suite('numbers')

test('thousands are grouped', () => {
  for (const [n, text] of [
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
    [2 ** 53 - 1, '9,007,199,254,740,991'],
  ] as const) {
    assert.is(grouped(n), text)
  }
})

test('bytes in the largest unit, exact when whole', () => {
  for (const [n, text] of [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [2 ** 20 - 1, '1023.9 KiB'],
    [66084864, '63.0 MiB'],
    [3 * 2 ** 30, '3 GiB'],
    [2 ** 52, '4 PiB'],
    [2 ** 63, '8192 PiB'],
  ] as const) {
    assert.is(bytesText(n), text)
  }
})

test('one thing, two things', () => {
  assert.is(plural(1, 'frame'), '1 frame')
  assert.is(plural(0, 'frame'), '0 frames')
  assert.is(plural(2000, 'frame'), '2,000 frames')
})

test.run()

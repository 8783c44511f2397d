// The same random memory written as ELF core, LiME and raw image, plain and gzipped, reads back byte for byte.
import * as fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeImageError } from '../../../src/executor/image/errors.ts'
import { openImage } from '../../../src/executor/image/open.ts'
import { elfFile, limeFile, type Piece, scratch } from './writers.ts'

const put = scratch()
const LIMIT = 0x8000

/** Disjoint pieces in any order; some touch, some leave words and pages incomplete. */
const memories: fc.Arbitrary<readonly Piece[]> = fc
  .array(fc.tuple(fc.nat({ max: 0x1100 }), fc.uint8Array({ minLength: 1, maxLength: 0x1800 })), { minLength: 1, maxLength: 8 })
  .chain((parts) => {
    let at = 0
    const pieces: Piece[] = []
    for (const [gap, bytes] of parts) {
      // Small gaps often, so that pieces touch and share words.
      const start = at + (gap % 5 === 0 ? 0 : gap % 7 === 0 ? gap % 16 : gap)
      if (start + bytes.length > LIMIT) break
      pieces.push({ start, bytes })
      at = start + bytes.length
    }
    return fc.shuffledSubarray(pieces, { minLength: pieces.length, maxLength: pieces.length })
  })
  .filter((pieces) => pieces.length > 0)

interface Expected {
  readonly bytes: Uint8Array
  readonly present: Uint8Array
}

function flatten(pieces: readonly Piece[]): Expected {
  const bytes = new Uint8Array(LIMIT)
  const present = new Uint8Array(LIMIT)
  for (const piece of pieces) {
    bytes.set(piece.bytes, piece.start)
    present.fill(1, piece.start, piece.start + piece.bytes.length)
  }
  return { bytes, present }
}

async function check(path: string, { bytes, present }: Expected): Promise<void> {
  const result = await openImage(path)
  if (!result.ok) throw new Error(describeImageError(result.error))
  const { memory } = result
  const words = new DataView(bytes.buffer)
  for (let pa = 0; pa < LIMIT; pa += 8) {
    const whole = !present.subarray(pa, pa + 8).includes(0)
    const word = memory.read64(pa)
    if (word !== (whole ? words.getBigUint64(pa, true) : undefined)) assert.unreachable(`word at ${pa}: ${word}`)
  }
  const frames = new Set(memory.frames())
  for (let frame = 0; frame < LIMIT / 4096; frame++) {
    const whole = !present.subarray(frame * 4096, frame * 4096 + 4096).includes(0)
    assert.is(frames.has(frame), whole)
    const page = memory.page(frame)
    assert.is(page !== undefined, whole)
    if (page !== undefined) {
      assert.equal(new Uint8Array(page.buffer, page.byteOffset, 4096), bytes.slice(frame * 4096, frame * 4096 + 4096))
    }
  }
  const into = new Uint8Array(3 * 4096)
  for (let frame = 0; frame < LIMIT / 4096; frame++) {
    const copied = memory.copy(frame, into)
    assert.is(copied > 0, frames.has(frame), 'a frame that is whole begins a copy')
    assert.equal(into.slice(0, copied * 4096), bytes.slice(frame * 4096, (frame + copied) * 4096))
    for (let n = 0; n < copied; n++) assert.ok(frames.has(frame + n))
  }
  const inRanges = new Uint8Array(LIMIT)
  for (const { start, end } of memory.ranges) inRanges.fill(1, start, end)
  assert.equal(inRanges, present)
  for (const [i, range] of memory.ranges.entries())
    assert.ok(range.start > (memory.ranges[i - 1]?.end ?? -1), 'ascending and merged')
  memory.close()
}

const test = suite('image: formats')

test('ELF, LiME and raw agree with the memory they were written from', async () => {
  const options = fc.record({
    gap: fc.nat({ max: 9 }),
    extended: fc.boolean(),
    absentTail: fc.nat({ max: 9000 }),
    gzipped: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(memories, options, async (pieces, { gzipped, ...elf }) => {
      const expected = flatten(pieces)
      const pack = (bytes: Uint8Array): Uint8Array => (gzipped ? gzipSync(bytes, { level: 1 }) : bytes)
      await check(put('image.elf', pack(elfFile(pieces, elf).bytes)), expected)
      await check(put('image.lime', pack(limeFile(pieces))), expected)
      // A raw file is one run from address 0: what lies between the pieces is in it, as zeros.
      const size = Math.max(...pieces.map(({ start, bytes }) => start + bytes.length))
      const present = new Uint8Array(LIMIT).fill(1, 0, size)
      await check(put('image.raw', pack(expected.bytes.subarray(0, size))), { bytes: expected.bytes, present })
    }),
    { numRuns: 60 },
  )
})

test.run()

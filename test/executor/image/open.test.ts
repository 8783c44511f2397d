import { mkdirSync, openSync, truncateSync, writeSync, closeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ACCEPTED_FORMATS, describeImageError, type ImageErrorKind } from '../../../src/executor/image/errors.ts'
import type { PhysicalMemory } from '../../../src/executor/image/memory.ts'
import { openImage, type OpenOptions } from '../../../src/executor/image/open.ts'
import { elfFile, limeFile, type Piece, scratch } from './writers.ts'

const put = scratch()

const pattern = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31 + (i >> 8)) & 0xff)
const PIECES: readonly Piece[] = [
  { start: 0x1000, bytes: pattern(0x1000, 1) },
  { start: 0x2000, bytes: pattern(0x2000, 2) },
  { start: 0x1_0000_0000, bytes: pattern(0x1000, 3) },
]

async function opened(path: string, options?: OpenOptions): Promise<PhysicalMemory> {
  const result = await openImage(path, options)
  if (!result.ok) throw new Error(describeImageError(result.error))
  return result.memory
}

async function refused(path: string, kind: ImageErrorKind, says: RegExp, options?: OpenOptions): Promise<void> {
  const result = await openImage(path, options)
  if (result.ok) throw new Error(`${path} was opened, expected ${kind}`)
  const sentence = describeImageError(result.error)
  assert.is(result.error.kind, kind, sentence)
  assert.match(sentence, says)
  assert.ok(sentence.startsWith(`${path}: `) && sentence.endsWith('.') && !sentence.includes('\n'), sentence)
}

const elf = suite('image: ELF64 core')

elf('reads what was written, with the quirks of QEMU', async () => {
  const path = put('quirks.elf', elfFile(PIECES, { ehsize: 8, machine: 3, gap: 5 }).bytes)
  const memory = await opened(path)
  assert.is(memory.format, 'elf64-core')
  assert.equal(memory.ranges, [
    { start: 0x1000, end: 0x4000 },
    { start: 0x1_0000_0000, end: 0x1_0000_1000 },
  ])
  assert.equal([...memory.frames()], [1, 2, 3, 0x10_0000])
  for (const { start, bytes } of PIECES) {
    const view = new DataView(bytes.buffer)
    for (let at = 0; at < bytes.length; at += 8) assert.is(memory.read64(start + at), view.getBigUint64(at, true))
    assert.is(memory.page(start / 4096)?.getUint32(0, true), view.getUint32(0, true))
  }
  memory.close()
})

elf('absent is absent, not zero', async () => {
  const memory = await opened(put('absent.elf', elfFile(PIECES, { absentTail: 0x1000 }).bytes))
  for (const pa of [0, 0xff8, 0x4000, 0xffff_fff8, 0x1_0000_1000, 2 ** 52 - 8, 2 ** 52]) assert.is(memory.read64(pa), undefined)
  assert.is(memory.page(0), undefined)
  assert.is(memory.page(4), undefined)
})

elf('a page that is there in part gives its whole words only, and is no page', async () => {
  const memory = await opened(put('part.elf', elfFile([{ start: 0x1004, bytes: pattern(20, 4) }]).bytes))
  assert.is(memory.read64(0x1000), undefined)
  assert.is(typeof memory.read64(0x1008), 'bigint')
  assert.is(typeof memory.read64(0x1010), 'bigint')
  assert.is(memory.read64(0x1018), undefined)
  assert.is(memory.page(1), undefined)
  assert.equal([...memory.frames()], [])
})

elf('a page put together from several segments is whole', async () => {
  const bytes = pattern(0x1000, 5)
  const pieces = [
    { start: 0x5e00, bytes: bytes.slice(0xe00) },
    { start: 0x5000, bytes: bytes.slice(0, 0x7fc) },
    { start: 0x57fc, bytes: bytes.slice(0x7fc, 0xe00) },
  ]
  const memory = await opened(put('jigsaw.elf', elfFile(pieces).bytes))
  assert.equal(memory.ranges, [{ start: 0x5000, end: 0x6000 }])
  assert.equal([...memory.frames()], [5])
  const page = memory.page(5)!
  assert.equal(new Uint8Array(page.buffer, page.byteOffset, page.byteLength), bytes)
  assert.is(memory.read64(0x57f8), new DataView(bytes.buffer).getBigUint64(0x7f8, true))
})

elf('an address that is no multiple of 8 is the mistake of the caller', async () => {
  const memory = await opened(put('align.elf', elfFile(PIECES).bytes))
  assert.throws(() => memory.read64(0x1004), /0x1004, which is not a multiple of 8/)
})

elf('the number of program headers may be in section 0 (PN_XNUM)', async () => {
  const few = await opened(put('xnum.elf', elfFile(PIECES, { extended: true }).bytes))
  assert.equal([...few.frames()], [1, 2, 3, 0x10_0000])
  const pieces = Array.from({ length: 70_000 }, (_, i) => ({ start: i * 16, bytes: pattern(8, i) }))
  const many = await opened(put('many.elf', elfFile(pieces, { extended: true }).bytes))
  assert.is(many.ranges.length, 70_000)
  assert.is(many.read64(69_999 * 16), new DataView(pieces[69_999]!.bytes.buffer).getBigUint64(0, true))
  assert.is(many.read64(69_999 * 16 + 8), undefined)
  await refused(
    put('xnum-none.elf', elfFile(PIECES, { extended: true, sections: false }).bytes),
    'unsupported-elf',
    /no section header/,
  )
})

elf('program headers may be longer than ours', async () => {
  const memory = await opened(put('long.elf', elfFile(PIECES, { phentsize: 72 }).bytes))
  assert.equal([...memory.frames()], [1, 2, 3, 0x10_0000])
})

elf('a file cut before the end of any part is refused', async () => {
  for (const extended of [false, true]) {
    const { bytes, boundaries } = elfFile(PIECES, { extended })
    for (const { part, end } of boundaries) {
      for (const size of new Set([end - 1, Math.max(end - 40, 4)])) {
        if (part === 'the notes' && size < end - 32) continue
        await refused(put(`cut-${part}-${size}.elf`, bytes.subarray(0, size)), 'truncated', new RegExp(`the file at ${size}\\)`))
      }
    }
  }
})

elf('the same addresses twice: the same bytes of the file are fine, other bytes are not', async () => {
  const file = elfFile([PIECES[0]!, PIECES[1]!, { start: 0x1000, bytes: new Uint8Array(0x1000) }])
  await refused(put('twice.elf', file.bytes), 'overlapping-segments', /0x1000 to 0x2000/)
  // What a dump by virtual address does: program header 3 names the bytes of program header 1 again.
  const first = 64 + 128 + 56
  file.bytes.copy(file.bytes, first + 2 * 56 + 8, first + 8, first + 16)
  const memory = await opened(put('again.elf', file.bytes))
  assert.equal([...memory.frames()], [1, 2, 3])
})

elf('other ELF files are refused with the reason', async () => {
  const { bytes } = elfFile(PIECES)
  const changed = (name: string, at: number, value: number, width = 1): string => {
    const copy = Buffer.from(bytes)
    copy.writeUIntLE(value, at, width)
    return put(name, copy)
  }
  await refused(changed('elf32', 4, 1), 'unsupported-elf', /not of class ELF64/)
  await refused(changed('big', 5, 2), 'unsupported-elf', /not little-endian/)
  await refused(changed('arm', 18, 183), 'unsupported-elf', /another machine \(e_machine 183\)/)
  await refused(changed('exec', 16, 2), 'unsupported-elf', /type is 2, not 4/)
  await refused(changed('phentsize', 54, 32, 2), 'unsupported-elf', /32 bytes/)
  await refused(changed('phnum', 56, 0, 2), 'no-memory', /no program headers/)
  await refused(changed('notes-only', 56, 1, 2), 'no-memory', /no segment has a byte/)
  const paddr = 64 + 128 + 56 + 24
  await refused(changed('paddr', paddr + 6, 0x10), 'unsupported-elf', /beyond 52-bit/)
  await refused(changed('memsz', paddr + 17, 0x0f), 'unsupported-elf', /more bytes in the file than in memory/)
})

elf('a mapping without a physical address is left out, as in /proc/kcore', async () => {
  const { bytes } = elfFile(PIECES)
  bytes.fill(0xff, 64 + 128 + 56 + 24, 64 + 128 + 56 + 32)
  assert.equal([...(await opened(put('kcore', bytes))).frames()], [2, 3, 0x10_0000])
})

elf.run()

const lime = suite('image: LiME')

lime('reads what was written', async () => {
  const memory = await opened(put('a.lime', limeFile(PIECES)))
  assert.is(memory.format, 'lime')
  assert.equal([...memory.frames()], [1, 2, 3, 0x10_0000])
  assert.is(memory.read64(0x2008), new DataView(PIECES[1]!.bytes.buffer).getBigUint64(8, true))
})

lime('is refused when cut, of another version, or broken between ranges', async () => {
  const bytes = limeFile(PIECES)
  for (const size of [4, 31, 32, 33, 32 + 0xfff, 32 + 0x1000 + 1, bytes.length - 1]) {
    await refused(put(`cut-${size}.lime`, bytes.subarray(0, size)), 'truncated', new RegExp(`the file at ${size}\\)`))
  }
  const changed = (at: number, value: number): string => {
    const copy = Buffer.from(bytes)
    copy[at] = value
    return put(`lime-${at}`, copy)
  }
  await refused(changed(4, 2), 'unsupported-lime', /version 2/)
  await refused(changed(0x1020, 0), 'unsupported-lime', /range header 1, at byte 4128, begins with 0x4c694d00/)
  await refused(changed(17, 0), 'unsupported-lime', /runs from 0x1000 to 0xff/)
  await refused(
    put('overlap', limeFile([PIECES[0]!, { start: 0x1ff8, bytes: pattern(16, 9) }])),
    'overlapping-segments',
    /0x1ff8 to 0x2000/,
  )
})

lime.run()

const raw = suite('image: raw')

raw('the offset is the address; only by name or when told', async () => {
  const bytes = pattern(0x2804, 6)
  const words = new DataView(bytes.buffer)
  for (const name of ['host.raw', 'host.BIN', 'host.img']) {
    const memory = await opened(put(name, bytes))
    assert.is(memory.format, 'raw')
    assert.equal([...memory.frames()], [0, 1])
    assert.is(memory.read64(0x27f8), words.getBigUint64(0x27f8, true))
    assert.is(memory.read64(0x2800), undefined)
  }
  await refused(put('host.dat', bytes), 'not-an-image', /not named as a raw one/)
  assert.is((await opened(put('host.dat', bytes), { format: 'raw' })).format, 'raw')
  assert.is((await opened(put('core.raw', elfFile(PIECES).bytes))).format, 'elf64-core', 'a raw name does not hide an ELF core')
  assert.is((await opened(put('core.raw', elfFile(PIECES).bytes), { format: 'raw' })).format, 'raw')
})

raw.run()

const gzip = suite('image: gzip')

gzip('any format, also of several members', async () => {
  const core = elfFile(PIECES).bytes
  assert.is((await opened(put('a.elf.gz', gzipSync(core)))).format, 'elf64-core')
  assert.is((await opened(put('no-suffix', gzipSync(limeFile(PIECES))))).format, 'lime')
  const members = Buffer.concat([gzipSync(core.subarray(0, 1000)), gzipSync(core.subarray(1000))])
  assert.equal([...(await opened(put('members.gz', members))).frames()], [1, 2, 3, 0x10_0000])
  assert.is((await opened(put('a.raw.gz', gzipSync(pattern(64, 1))))).format, 'raw')
})

gzip('pages may lie across the blocks that the inflated image is kept in', async () => {
  const bytes = pattern(9 * 2 ** 20, 8)
  const memory = await opened(put('blocks.lime.gz', gzipSync(limeFile([{ start: 0, bytes }]), { level: 1 })))
  const words = new DataView(bytes.buffer)
  for (const at of [0, 4 * 2 ** 20 - 40, 4 * 2 ** 20 - 32, 8 * 2 ** 20 - 32, 8 * 2 ** 20, 9 * 2 ** 20 - 8]) {
    assert.is(memory.read64(at), words.getBigUint64(at, true))
  }
  assert.is([...memory.frames()].length, 9 * 256)
})

gzip('cut short anywhere, or damaged', async () => {
  const whole = gzipSync(elfFile(PIECES).bytes)
  for (const size of [3, 9, 10, 11, 100, whole.length >> 1, whole.length - 9, whole.length - 8, whole.length - 1]) {
    await refused(put('cut.gz', whole.subarray(0, size)), 'bad-gzip', /unexpected end of file/)
  }
  const damaged = Buffer.from(whole)
  damaged[whole.length - 6]! ^= 1
  await refused(put('damaged.gz', damaged), 'bad-gzip', /incorrect data check/)
})

gzip('no image inside, or too much of it', async () => {
  await refused(put('text.gz', gzipSync('hello')), 'not-an-image', /accepted are ELF64 cores/)
  await refused(put('nothing.gz', gzipSync('')), 'not-an-image', /empty/)
  await refused(put('never.gz', Buffer.from('\x1f\x8b none', 'latin1')), 'not-an-image', /begins like gzip, but is none/)
  await refused(put('twice.gz', gzipSync(gzipSync('hello'))), 'not-an-image', /gzipped inside gzip/)
  await refused(put('bomb.gz', gzipSync(new Uint8Array(100_000))), 'too-large', /more than 4096 bytes; gunzip it first/, {
    inflateLimit: 4096,
  })
})

gzip.run()

const files = suite('image: files')

files('what is no image is refused with the accepted formats', async () => {
  const path = put('text.txt', 'hello\n')
  await refused(path, 'not-an-image', /neither an ELF nor a LiME file/)
  const result = await openImage(path)
  assert.ok(!result.ok && describeImageError(result.error).includes(ACCEPTED_FORMATS))
  await refused(put('empty.elf', ''), 'not-an-image', /it is empty/)
  await refused(put('empty.raw', ''), 'not-an-image', /it is empty/)
  await refused(put('short', '\x7fE'), 'not-an-image', /neither/)
  await refused(put('kdump', 'KDUMP   \x06'), 'not-an-image', /kdump-compressed/)
  await refused(put('text.elf', 'hello\n'), 'not-an-image', /does not begin as an ELF file does/, { format: 'elf64-core' })
  await refused(put('text.lime', 'hello\n'), 'truncated', /range header 0/, { format: 'lime' })
})

files('a path that leads to no readable file', async () => {
  const path = put('here', 'x')
  await refused(`${path}.gone`, 'not-found', /no such file/)
  await refused(join(path, 'below'), 'not-found', /no such file/)
  mkdirSync(`${path}.d`)
  await refused(dirname(path), 'unreadable', /is a directory/)
  await refused('/dev/null', 'unreadable', /not a regular file/)
})

files('a file of many GiB is not loaded', async () => {
  const path = put('large.raw', '')
  truncateSync(path, 20 * 2 ** 30)
  const fd = openSync(path, 'r+')
  const far = 17 * 2 ** 30 + 0x1000
  writeSync(fd, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 0, 8, far)
  closeSync(fd)
  const memory = await opened(path)
  assert.is(memory.read64(far), 0x0807060504030201n)
  assert.is(memory.read64(far + 8), 0n, 'a hole in a raw file reads as zero: the file says so')
  assert.is(memory.read64(20 * 2 ** 30), undefined)
  assert.ok(process.memoryUsage().arrayBuffers < 2 ** 28)
  memory.close()
})

files.run()

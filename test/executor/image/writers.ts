// Writes memory images of each format from given segments, for tests. The ELF writer can imitate QEMU's quirks.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Piece {
  readonly start: number
  readonly bytes: Uint8Array
}

export interface ElfOptions {
  readonly ehsize?: number
  readonly machine?: number
  readonly type?: number
  /** Count program headers in section 0, as for 65535 and more. */
  readonly extended?: boolean
  readonly phentsize?: number
  /** Extra memory behind every segment that is not in the file. */
  readonly absentTail?: number
  /** Section names at the end of the file, as QEMU writes them. */
  readonly sections?: boolean
  /** Bytes between the notes and the first segment: memory is not page aligned in the file. */
  readonly gap?: number
}

export interface ElfFile {
  readonly bytes: Buffer
  /** Ends of the parts of the file, in order: a file cut right before one of them lacks that part. */
  readonly boundaries: readonly { readonly part: string; readonly end: number }[]
}

const NOTES = Buffer.from('a note that nobody reads........')
const NAMES = Buffer.from('\0.shstrtab\0')

export function elfFile(pieces: readonly Piece[], options: ElfOptions = {}): ElfFile {
  const phentsize = options.phentsize ?? 56
  const sections = options.sections ?? true
  const count = pieces.length + 1
  const sectionBytes = sections ? 128 : 0
  const headerEnd = 64
  const programsAt = headerEnd + sectionBytes
  const notesAt = programsAt + count * phentsize
  let at = notesAt + NOTES.length + (options.gap ?? 0)
  const placed = pieces.map((piece) => {
    const offset = at
    at += piece.bytes.length
    return { piece, offset }
  })
  const namesAt = at
  const bytes = Buffer.alloc(namesAt + (sections ? NAMES.length : 0))
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.writeUInt16LE(options.type ?? 4, 16)
  bytes.writeUInt16LE(options.machine ?? 62, 18)
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(BigInt(programsAt), 32)
  bytes.writeBigUInt64LE(sections ? BigInt(headerEnd) : 0n, 40)
  bytes.writeUInt16LE(options.ehsize ?? 64, 52)
  bytes.writeUInt16LE(phentsize, 54)
  bytes.writeUInt16LE(options.extended === true ? 0xffff : count, 56)
  bytes.writeUInt16LE(64, 58)
  bytes.writeUInt16LE(sections ? 2 : 0, 60)
  if (sections) {
    if (options.extended === true) bytes.writeUInt32LE(count, headerEnd + 44)
    bytes.writeUInt32LE(3, headerEnd + 64 + 4)
    bytes.writeBigUInt64LE(BigInt(namesAt), headerEnd + 64 + 24)
    bytes.writeBigUInt64LE(BigInt(NAMES.length), headerEnd + 64 + 32)
    NAMES.copy(bytes, namesAt)
  }
  const programHeader = (
    index: number,
    type: number,
    offset: number,
    address: number,
    fileSize: number,
    memorySize: number,
  ): void => {
    const header = programsAt + index * phentsize
    bytes.writeUInt32LE(type, header)
    bytes.writeBigUInt64LE(BigInt(offset), header + 8)
    bytes.writeBigUInt64LE(BigInt(address), header + 24)
    bytes.writeBigUInt64LE(BigInt(fileSize), header + 32)
    bytes.writeBigUInt64LE(BigInt(memorySize), header + 40)
  }
  programHeader(0, 4, notesAt, 0, NOTES.length, NOTES.length)
  NOTES.copy(bytes, notesAt)
  for (const [i, { piece, offset }] of placed.entries()) {
    programHeader(i + 1, 1, offset, piece.start, piece.bytes.length, piece.bytes.length + (options.absentTail ?? 0))
    bytes.set(piece.bytes, offset)
  }
  const boundaries = [
    { part: 'the ELF header', end: headerEnd },
    { part: 'the program headers', end: notesAt },
    { part: 'the notes', end: notesAt + NOTES.length },
    ...placed.map(({ piece, offset }, i) => ({ part: `segment ${i}`, end: offset + piece.bytes.length })),
    ...(sections ? [{ part: 'the section names', end: bytes.length }] : []),
  ]
  return { bytes, boundaries }
}

export function limeFile(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.flatMap(({ start, bytes }) => {
      const header = Buffer.alloc(32)
      header.writeUInt32LE(0x4c694d45, 0)
      header.writeUInt32LE(1, 4)
      header.writeBigUInt64LE(BigInt(start), 8)
      header.writeBigUInt64LE(BigInt(start + bytes.length - 1), 16)
      return [header, Buffer.from(bytes)]
    }),
  )
}

/** A scratch folder, gone when the process ends. */
export function scratch(): (name: string, content: Uint8Array | string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'smmcheck-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return (name, content) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
}

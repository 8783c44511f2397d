// Covers: the memory segments of an ELF64 core as QEMU's dump-guest-memory and virsh dump --memory-only write it.
// Leaves out: notes (registers of the host's CPUs come from the machine file), virtual addresses, ELF32, big-endian, kdump-compressed.
// Sources: System V gABI chapters 4, 5; elf(5); QEMU docs and behaviour: dump-guest-memory.
// Liberties: e_ehsize is not read (QEMU 7.2 writes 8), and EM_386 serves as EM_X86_64 (the first CPU was in a guest outside long mode).
import type { ImageFault } from './errors.ts'
import { PHYSICAL_LIMIT, type Segment, hex } from './segments.ts'
import type { ByteSource } from './source.ts'

const HEADER_BYTES = 64
const PROGRAM_HEADER_BYTES = 56
const SECTION_HEADER_BYTES = 64
const ELFCLASS64 = 2
const ELFDATA2LSB = 1
const ET_CORE = 4
const EM_386 = 3
const EM_X86_64 = 62
const PT_LOAD = 1
const SHT_NULL = 0
const SHT_NOBITS = 8
/** e_phnum when there are more program headers than it can say; the number is then sh_info of section 0. */
const PN_XNUM = 0xffff
/** p_paddr of mappings that have no physical address, as /proc/kcore writes it. */
const NO_ADDRESS = 0xffff_ffff_ffff_ffffn

export const isElf = (head: Uint8Array): boolean => head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46

interface Table {
  readonly offset: number
  readonly entryBytes: number
  readonly count: number
}

// File offsets and sizes above 2^53 lose low bits here, but such a number is beyond the end of any file all the same.
const u64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true))

const viewOf = (source: ByteSource, offset: number, length: number): DataView => {
  const bytes = source.bytes(offset, length)
  return new DataView(bytes.buffer, bytes.byteOffset, length)
}

const cutShort = (what: string, end: number, source: ByteSource): ImageFault => ({
  kind: 'truncated',
  detail: `${what} ends at byte ${end}, the file at ${source.size}`,
})

const unsupported = (detail: string): ImageFault => ({ kind: 'unsupported-elf', detail })

export function elfSegments(source: ByteSource): readonly Segment[] | ImageFault {
  if (source.size < HEADER_BYTES) return cutShort('the ELF header', HEADER_BYTES, source)
  const header = viewOf(source, 0, HEADER_BYTES)
  if (header.getUint8(4) !== ELFCLASS64) return unsupported('it is not of class ELF64')
  if (header.getUint8(5) !== ELFDATA2LSB) return unsupported('it is not little-endian')
  const type = header.getUint16(16, true)
  if (type !== ET_CORE) return unsupported(`its type is ${type}, not 4 (core)`)

  const machine = header.getUint16(18, true)
  if (machine !== EM_386 && machine !== EM_X86_64)
    return unsupported(`it is of another machine (e_machine ${machine}), not of an x86 host`)

  const sections: Table = { offset: u64(header, 40), entryBytes: header.getUint16(58, true), count: header.getUint16(60, true) }
  const programs = programTable(source, header, sections)
  if ('kind' in programs) return programs
  const segments = loadSegments(source, programs)
  if ('kind' in segments) return segments
  return sectionFault(source, sections) ?? segments
}

function programTable(source: ByteSource, header: DataView, sections: Table): Table | ImageFault {
  const offset = u64(header, 32)
  const entryBytes = header.getUint16(54, true)
  let count = header.getUint16(56, true)
  if (count === 0 || offset === 0) return { kind: 'no-memory', detail: 'the core has no program headers' }
  if (entryBytes < PROGRAM_HEADER_BYTES) return unsupported(`program headers of ${entryBytes} bytes`)
  if (count === PN_XNUM) {
    if (sections.offset === 0) return unsupported('it has 65535 program headers or more and no section header that counts them')
    const end = sections.offset + SECTION_HEADER_BYTES
    if (end > source.size) return cutShort('section header 0', end, source)
    count = viewOf(source, sections.offset, SECTION_HEADER_BYTES).getUint32(44, true)
  }
  const end = offset + count * entryBytes
  if (end > source.size) return cutShort(`the table of ${count} program headers`, end, source)
  return { offset, entryBytes, count }
}

function loadSegments(source: ByteSource, table: Table): readonly Segment[] | ImageFault {
  const segments: Segment[] = []
  for (let i = 0; i < table.count; i++) {
    const entry = viewOf(source, table.offset + i * table.entryBytes, PROGRAM_HEADER_BYTES)
    const offset = u64(entry, 8)
    const bytes = u64(entry, 32)
    const isLoad = entry.getUint32(0, true) === PT_LOAD
    if (bytes > 0 && offset + bytes > source.size) {
      return cutShort(
        `program header ${i} (${isLoad ? `memory at ${hex(u64(entry, 24))}` : 'not memory'})`,
        offset + bytes,
        source,
      )
    }
    if (!isLoad || entry.getBigUint64(24, true) === NO_ADDRESS) continue
    const start = u64(entry, 24)
    if (bytes > u64(entry, 40)) return unsupported(`program header ${i} has more bytes in the file than in memory`)
    if (start + bytes > PHYSICAL_LIMIT)
      return unsupported(`program header ${i} lies at ${hex(start)}, beyond 52-bit physical addresses`)
    // Memory past p_filesz (QEMU's filter, or a hole) is absent: the dump does not say that it was zero.
    segments.push({ start, end: start + bytes, offset })
  }
  return segments
}

/** QEMU writes its section names last: a file that lacks them was cut, and nothing vouches for the rest. */
function sectionFault(source: ByteSource, table: Table): ImageFault | undefined {
  if (table.offset === 0 || table.count === 0) return undefined
  if (table.entryBytes < SECTION_HEADER_BYTES) return unsupported(`section headers of ${table.entryBytes} bytes`)
  const end = table.offset + table.count * table.entryBytes
  if (end > source.size) return cutShort(`the table of ${table.count} section headers`, end, source)
  for (let i = 0; i < table.count; i++) {
    const entry = viewOf(source, table.offset + i * table.entryBytes, SECTION_HEADER_BYTES)
    const type = entry.getUint32(4, true)
    if (type === SHT_NULL || type === SHT_NOBITS) continue
    const last = u64(entry, 24) + u64(entry, 32)
    if (last > source.size) return cutShort(`section ${i}`, last, source)
  }
  return undefined
}

// Covers: opening a host memory image: gzip or not, which format, and the failures that are to be expected.
// Leaves out: what is in the memory; nothing here knows of page tables or virtual machines.
import { closeSync, fstatSync, openSync } from 'node:fs'
import { match } from 'ts-pattern'
import { readFault } from '../../files/read.ts'
import { elfSegments, isElf } from './elf.ts'
import type { ImageError, ImageFault } from './errors.ts'
import { inflate, isGzip } from './gzip.ts'
import { isLime, limeSegments } from './lime.ts'
import { type ImageFormat, PagedMemory, type PhysicalMemory } from './memory.ts'
import { isRawName, rawSegments } from './raw.ts'
import { arrange } from './segments.ts'
import { type ByteSource, FileSource } from './source.ts'

export interface OpenOptions {
  /** Take the file for this format whatever it looks like. Default: by magic number, then by name. */
  readonly format?: ImageFormat
  /** Refuse a gzipped image that inflates to more bytes than this. Default: 4 GiB. */
  readonly inflateLimit?: number
}

export type OpenResult =
  | { readonly ok: true; readonly memory: PhysicalMemory }
  | { readonly ok: false; readonly error: ImageError }

const INFLATE_LIMIT = 4 * 2 ** 30
const HEAD_BYTES = 16

/** Common files that are taken for memory images; the hint says what to do instead. */
const LOOK_ALIKES: readonly (readonly [magic: string, hint: string])[] = [
  ['KDUMP   ', 'it is a kdump-compressed dump: dump without a compression option'],
  ['makedumpfile', 'it is in the flattened format of makedumpfile: rearrange it with makedumpfile -R'],
  ['LibvirtQemudSave', 'it is a libvirt save file: use virsh dump --memory-only'],
  ['QEVM', 'it is a QEMU migration stream: use dump-guest-memory'],
  ['PAGEDU64', 'it is a Windows crash dump'],
  ['\xfd7zXZ', 'it is compressed with xz: unpack it first'],
  ['(\xb5/\xfd', 'it is compressed with zstd: unpack it first'],
  ['BZh', 'it is compressed with bzip2: unpack it first'],
  ['\x1f\x8b\x08', 'it is gzipped inside gzip: unpack it first'],
  ['\x1f\x8b', 'it begins like gzip, but is none: compress the image again'],
]

export async function openImage(path: string, options: OpenOptions = {}): Promise<OpenResult> {
  const opened = openFile(path)
  if ('kind' in opened) return { ok: false, error: { ...opened, path } }
  const { fd, size } = opened
  const file = new FileSource(fd, size)
  let keepOpen = false
  try {
    const gzipped = isGzip(file.bytes(0, Math.min(size, HEAD_BYTES)))
    const source = gzipped ? await inflate(fd, options.inflateLimit ?? INFLATE_LIMIT) : file
    const memory = 'kind' in source ? source : read(source, path, options.format)
    if ('kind' in memory) return { ok: false, error: { ...memory, path } }
    keepOpen = !gzipped
    return { ok: true, memory }
  } catch (error) {
    // A failing disk or network share, not a defect of ours.
    if (error instanceof Error && 'syscall' in error)
      return { ok: false, error: { kind: 'unreadable', detail: error.message, path } }
    throw error
  } finally {
    if (!keepOpen) file.close()
  }
}

function openFile(path: string): { readonly fd: number; readonly size: number } | ImageFault {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    return readFault(error)
  }
  const status = fstatSync(fd)
  if (status.isFile()) return { fd, size: status.size }
  closeSync(fd)
  return { kind: 'unreadable', detail: status.isDirectory() ? 'it is a directory' : 'it is not a regular file' }
}

function read(source: ByteSource, path: string, told: ImageFormat | undefined): PhysicalMemory | ImageFault {
  if (source.size === 0) return { kind: 'not-an-image', detail: 'it is empty' }
  const format = told ?? recognise(source, path)
  if (typeof format !== 'string') return format
  if (format === 'elf64-core' && !isElf(source.bytes(0, Math.min(source.size, HEAD_BYTES)))) {
    return { kind: 'not-an-image', detail: 'it does not begin as an ELF file does' }
  }
  const segments = match(format)
    .with('elf64-core', () => elfSegments(source))
    .with('lime', () => limeSegments(source))
    .with('raw', () => rawSegments(source))
    .exhaustive()
  if ('kind' in segments) return segments
  const arranged = arrange(segments)
  if (arranged.kind !== 'arranged') return arranged
  if (arranged.ranges.length === 0) return { kind: 'no-memory', detail: 'no segment has a byte of memory in the file' }
  return new PagedMemory(format, source, arranged.segments, arranged.ranges)
}

function recognise(source: ByteSource, path: string): ImageFormat | ImageFault {
  const head = source.bytes(0, Math.min(source.size, HEAD_BYTES))
  if (isElf(head)) return 'elf64-core'
  if (isLime(head)) return 'lime'
  if (isRawName(path)) return 'raw'
  const text = Buffer.from(head).toString('latin1')
  const alike = LOOK_ALIKES.find(([magic]) => text.startsWith(magic))
  return { kind: 'not-an-image', detail: alike?.[1] ?? 'neither an ELF nor a LiME file, and not named as a raw one' }
}

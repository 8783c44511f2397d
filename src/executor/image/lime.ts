// Covers: the ranges of a LiME image: headers of 32 bytes, each followed by the bytes of its range.
// Leaves out: LiME's padded and raw formats, which have no headers (raw.ts).
// Source: the format description in the LiME project's doc/README (magic, version, s_addr, e_addr inclusive, reserved).
import type { ImageFault } from './errors.ts'
import { PHYSICAL_LIMIT, type Segment, hex } from './segments.ts'
import type { ByteSource } from './source.ts'

const HEADER_BYTES = 32
const MAGIC = 0x4c694d45
const VERSION = 1

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

export const isLime = (head: Uint8Array): boolean => head.length >= 4 && viewOf(head).getUint32(0, true) === MAGIC

export function limeSegments(source: ByteSource): readonly Segment[] | ImageFault {
  const segments: Segment[] = []
  for (let at = 0; at < source.size; ) {
    const name = `range header ${segments.length}`
    const offset = at + HEADER_BYTES
    if (offset > source.size) return { kind: 'truncated', detail: `${name} ends at byte ${offset}, the file at ${source.size}` }
    const header = viewOf(source.bytes(at, HEADER_BYTES))
    const magic = header.getUint32(0, true)
    const version = header.getUint32(4, true)
    if (magic !== MAGIC) return { kind: 'unsupported-lime', detail: `${name}, at byte ${at}, begins with ${hex(magic)}` }
    if (version !== VERSION) return { kind: 'unsupported-lime', detail: `${name} has version ${version}` }
    const start = Number(header.getBigUint64(8, true))
    const end = Number(header.getBigUint64(16, true)) + 1
    if (end <= start || end > PHYSICAL_LIMIT) {
      return { kind: 'unsupported-lime', detail: `${name} runs from ${hex(start)} to ${hex(end - 1)}` }
    }
    at = offset + end - start
    if (at > source.size) {
      return {
        kind: 'truncated',
        detail: `range ${segments.length} (memory at ${hex(start)}) ends at byte ${at}, the file at ${source.size}`,
      }
    }
    segments.push({ start, end, offset })
  }
  return segments
}

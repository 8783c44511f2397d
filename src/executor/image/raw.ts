// Covers: raw images: the byte at file offset n is the byte at physical address n.
// Leaves out: guessing. Any file can pass for a raw image, so the name (or the caller) must say that it is one.
import { PHYSICAL_LIMIT, type Segment } from './segments.ts'
import type { ByteSource } from './source.ts'
import type { ImageFault } from './errors.ts'

/** The image may be gzipped besides: `host.raw.gz`. */
export const isRawName = (path: string): boolean => /\.(raw|bin|img)(\.gz)?$/i.test(path)

export function rawSegments(source: ByteSource): readonly Segment[] | ImageFault {
  if (source.size > PHYSICAL_LIMIT)
    return { kind: 'too-large', detail: `${source.size} bytes are more than 52-bit addresses reach` }
  return [{ start: 0, end: source.size, offset: 0 }]
}

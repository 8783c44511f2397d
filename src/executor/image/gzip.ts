// Covers: inflating a gzipped image of any format into memory, in blocks. RFC 1952.
// Leaves out: seeking in a gzip stream; a very large image has to be gunzipped first, plain files are read page by page.
import { readSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { ImageFault } from './errors.ts'
import { BLOCK_BYTES, BlockSource } from './source.ts'

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8

class TooLarge extends Error {}

// Not a read stream: when a pipeline fails it closes the file under its owner.
function* contents(fd: number): Iterable<Uint8Array> {
  for (let at = 0; ; ) {
    const chunk = new Uint8Array(1 << 18)
    const n = readSync(fd, chunk, 0, chunk.length, at)
    if (n === 0) return
    at += n
    yield chunk.subarray(0, n)
  }
}

/** Reads `fd` from its beginning and leaves it open. */
export async function inflate(fd: number, limit: number): Promise<BlockSource | ImageFault> {
  const blocks: Uint8Array[] = []
  let size = 0
  let block = new Uint8Array(0)
  let filled = 0
  const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > limit) throw new TooLarge()
      for (let at = 0; at < chunk.length; ) {
        if (filled === block.length) {
          block = new Uint8Array(BLOCK_BYTES)
          blocks.push(block)
          filled = 0
        }
        const piece = chunk.subarray(at, at + block.length - filled)
        block.set(piece, filled)
        filled += piece.length
        at += piece.length
      }
    }
  }
  try {
    await pipeline(contents(fd), createGunzip({ chunkSize: 1 << 18 }), collect)
    return new BlockSource(blocks, size)
  } catch (error) {
    if (error instanceof TooLarge) return { kind: 'too-large', detail: `inflates to more than ${limit} bytes` }
    const { code = '', message } = error as NodeJS.ErrnoException
    return code.startsWith('Z_') ? { kind: 'bad-gzip', detail: message } : { kind: 'unreadable', detail: message }
  }
}

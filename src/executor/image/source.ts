// Covers: random access to the bytes of an image file, on disk (never loaded whole) or inflated in memory.
// Leaves out: caching of pages (memory.ts); formats.
import { closeSync, readSync } from 'node:fs'

export interface ByteSource {
  readonly size: number
  /** Exactly `length` bytes from `offset`, both inside the file. The bytes returned never change afterwards. */
  bytes(offset: number, length: number): Uint8Array
  /** Fills `into` with the bytes from `offset` on, all of them inside the file. */
  copy(offset: number, into: Uint8Array): void
  close(): void
}

const LONGEST_READ_AHEAD = 1 << 20
/** Scattered pages are cut from slabs: an ArrayBuffer for each costs more than reading it. */
const SLAB_BYTES = 1 << 18

/**
 * A plain file. A read that starts where the last one ended doubles the read-ahead, so a scan of the whole image runs at the
 * speed of large reads while scattered reads of single tables fetch no more than they ask for.
 */
export class FileSource implements ByteSource {
  readonly size: number
  readonly #fd: number
  // Never overwritten in place: views handed out must stay as they are.
  #window: Uint8Array = new Uint8Array(0)
  #windowAt = 0
  #next = -1
  #ahead = 0
  #slab = new Uint8Array(0)

  constructor(fd: number, size: number) {
    this.#fd = fd
    this.size = size
  }

  bytes(offset: number, length: number): Uint8Array {
    const at = offset - this.#windowAt
    if (at < 0 || at + length > this.#window.length) this.#fill(offset, length)
    this.#next = offset + length
    const from = offset - this.#windowAt
    return this.#window.subarray(from, from + length)
  }

  copy(offset: number, into: Uint8Array): void {
    for (let got = 0; got < into.length; ) {
      const n = readSync(this.#fd, into, got, into.length - got, offset + got)
      // Not an expected failure: the size was taken when the file was opened.
      if (n === 0) throw new Error(`the image file shrank while it was read: no byte at offset ${offset + got}`)
      got += n
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #fill(offset: number, length: number): void {
    this.#ahead = offset === this.#next ? Math.min(LONGEST_READ_AHEAD, Math.max(this.#ahead * 2, length * 2)) : 0
    const want = Math.min(Math.max(length, this.#ahead), this.size - offset)
    if (want < length) throw new RangeError(`bytes ${offset} to ${offset + length} of a file of ${this.size}`)
    const window = this.#take(want)
    this.copy(offset, window)
    this.#window = window
    this.#windowAt = offset
  }

  #take(length: number): Uint8Array {
    if (length > SLAB_BYTES / 4) return new Uint8Array(length)
    if (this.#slab.length < length) this.#slab = new Uint8Array(SLAB_BYTES)
    const piece = this.#slab.subarray(0, length)
    this.#slab = this.#slab.subarray(length)
    return piece
  }
}

export const BLOCK_BYTES = 1 << 22

/** Bytes in memory, in blocks of BLOCK_BYTES (the last may be shorter), so that no single buffer has to hold an image. */
export class BlockSource implements ByteSource {
  readonly size: number
  readonly #blocks: readonly Uint8Array[]

  constructor(blocks: readonly Uint8Array[], size: number) {
    this.#blocks = blocks
    this.size = size
  }

  bytes(offset: number, length: number): Uint8Array {
    if (offset + length > this.size) throw new RangeError(`bytes ${offset} to ${offset + length} of a file of ${this.size}`)
    const first = Math.floor(offset / BLOCK_BYTES)
    const from = offset - first * BLOCK_BYTES
    if (from + length <= BLOCK_BYTES) return (this.#blocks[first] ?? new Uint8Array(0)).subarray(from, from + length)
    const whole = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const index = Math.floor((offset + done) / BLOCK_BYTES)
      const at = offset + done - index * BLOCK_BYTES
      const piece = this.#blocks[index]!.subarray(at, at + length - done)
      whole.set(piece, done)
      done += piece.length
    }
    return whole
  }

  copy(offset: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const piece = this.bytes(offset + done, Math.min(into.length - done, BLOCK_BYTES - ((offset + done) % BLOCK_BYTES)))
      into.set(piece, done)
      done += piece.length
    }
  }

  close(): void {}
}

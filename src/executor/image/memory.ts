// Covers: physical memory as an image holds it: words, pages, and which of them are there at all. Absent bytes are absent, not zero.
// Leaves out: what the addresses mean (DRAM, MMIO); that is the machine file's part (machine.ts).
import type { Range, Segment } from './segments.ts'
import type { ByteSource } from './source.ts'

export type ImageFormat = 'elf64-core' | 'lime' | 'raw'

export const PAGE_BYTES = 4096
const WORDS = PAGE_BYTES / 8

export interface PhysicalMemory {
  readonly format: ImageFormat
  /** Present byte ranges [start, end), ascending, merged. Physical addresses are numbers: 52 bits fit exactly. */
  readonly ranges: readonly Range[]
  /** The little-endian 8-byte word at an 8-byte-aligned address; undefined when any byte of it is absent. */
  read64(pa: number): bigint | undefined
  /** The 4096 bytes of a frame, or undefined unless wholly present. Not to be written to. */
  page(frame: number): DataView | undefined
  /** Copies whole frames from `frame` on, as many as are present one after the other and fit; returns their number. */
  copy(frame: number, into: Uint8Array): number
  /** Frame numbers wholly present, ascending. */
  frames(): Iterable<number>
  /** Gives the file back; the memory must not be read afterwards. */
  close(): void
}

/** `words` is undefined when every byte is present; else words[i] says whether word i is wholly there. */
interface Page {
  readonly view: DataView
  readonly words: Uint8Array | undefined
}

/** Two generations instead of a linked list: a page used since the last turn-over survives it. Bounds plain files to 64 MiB. */
const PAGES_PER_GENERATION = 8192

export class PagedMemory implements PhysicalMemory {
  readonly format: ImageFormat
  readonly ranges: readonly Range[]
  readonly #source: ByteSource
  readonly #segments: readonly Segment[]
  #young = new Map<number, Page>()
  #old = new Map<number, Page>()
  // The page of the last access: a table walk reads the 512 entries of one table in turn.
  #frame = -1
  #page: Page | undefined

  /** `segments` must be disjoint and ascending, `ranges` the same addresses with touching ones merged (segments.ts). */
  constructor(format: ImageFormat, source: ByteSource, segments: readonly Segment[], ranges: readonly Range[]) {
    this.format = format
    this.ranges = ranges
    this.#source = source
    this.#segments = segments
  }

  read64(pa: number): bigint | undefined {
    const frame = Math.floor(pa / PAGE_BYTES)
    const page = frame === this.#frame ? this.#page : this.#turnTo(frame)
    const at = pa - frame * PAGE_BYTES
    if ((at & 7) !== 0) throw new RangeError(`read64 at 0x${pa.toString(16)}, which is not a multiple of 8`)
    if (page === undefined || (page.words !== undefined && page.words[at >>> 3] === 0)) return undefined
    return page.view.getBigUint64(at, true)
  }

  page(frame: number): DataView | undefined {
    const page = frame === this.#frame ? this.#page : this.#turnTo(frame)
    return page === undefined || page.words !== undefined ? undefined : page.view
  }

  copy(frame: number, into: Uint8Array): number {
    const start = frame * PAGE_BYTES
    const segment = this.#segments[this.#firstEndingAfter(start)]
    const within = segment === undefined || segment.start > start ? 0 : Math.floor((segment.end - start) / PAGE_BYTES)
    const count = Math.min(within, Math.floor(into.length / PAGE_BYTES))
    if (count > 0) {
      this.#source.copy(segment!.offset + start - segment!.start, into.subarray(0, count * PAGE_BYTES))
      return count
    }
    // A frame that lies in several pieces of the file.
    const page = this.page(frame)
    if (page === undefined || into.length < PAGE_BYTES) return 0
    into.set(new Uint8Array(page.buffer, page.byteOffset, PAGE_BYTES))
    return 1
  }

  *frames(): Iterable<number> {
    for (const { start, end } of this.ranges) {
      const past = Math.floor(end / PAGE_BYTES)
      for (let frame = Math.ceil(start / PAGE_BYTES); frame < past; frame++) yield frame
    }
  }

  close(): void {
    this.#source.close()
  }

  #turnTo(frame: number): Page | undefined {
    let page = this.#young.get(frame)
    if (page === undefined) {
      page = this.#old.get(frame) ?? this.#load(frame)
      if (page !== undefined) {
        if (this.#young.size >= PAGES_PER_GENERATION) {
          this.#old = this.#young
          this.#young = new Map()
        }
        this.#young.set(frame, page)
      }
    }
    this.#frame = frame
    this.#page = page
    return page
  }

  #load(frame: number): Page | undefined {
    const start = frame * PAGE_BYTES
    const end = start + PAGE_BYTES
    let i = this.#firstEndingAfter(start)
    let segment = this.#segments[i]
    if (segment === undefined || segment.start >= end) return undefined
    if (segment.start <= start && segment.end >= end) {
      const bytes = this.#source.bytes(segment.offset + start - segment.start, PAGE_BYTES)
      return { view: new DataView(bytes.buffer, bytes.byteOffset, PAGE_BYTES), words: undefined }
    }
    const bytes = new Uint8Array(PAGE_BYTES)
    const present = new Uint8Array(PAGE_BYTES)
    while (segment !== undefined && segment.start < end) {
      const from = Math.max(start, segment.start)
      const to = Math.min(end, segment.end)
      bytes.set(this.#source.bytes(segment.offset + from - segment.start, to - from), from - start)
      present.fill(1, from - start, to - start)
      segment = this.#segments[++i]
    }
    const view = new DataView(bytes.buffer)
    if (!present.includes(0)) return { view, words: undefined }
    const words = new Uint8Array(WORDS)
    for (let w = 0; w < WORDS; w++) words[w] = present.subarray(w * 8, w * 8 + 8).includes(0) ? 0 : 1
    return { view, words }
  }

  #firstEndingAfter(address: number): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#segments[middle]!.end > address) high = middle
      else low = middle + 1
    }
    return low
  }
}

// Covers: where the bytes of physical memory lie in a file, put in order.
// Leaves out: the formats that say so (elf.ts, lime.ts, raw.ts).
import type { ImageFault } from './errors.ts'

/** Bytes [start, end). */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Physical addresses [start, end) are the file's bytes from `offset` on. */
export interface Segment extends Range {
  readonly offset: number
}

export interface Arranged {
  readonly kind: 'arranged'
  /** Disjoint, ascending; joined where addresses and file offsets both run on. */
  readonly segments: readonly Segment[]
  /** The same addresses, joined wherever they touch. */
  readonly ranges: readonly Range[]
}

/** Physical addresses have at most 52 bits, so a double holds every one exactly. */
export const PHYSICAL_LIMIT = 2 ** 52

export const hex = (n: number): string => `0x${n.toString(16)}`

/**
 * Sorts segments and joins them. Two segments may share addresses only if they name the same bytes of the file, as a dump
 * by virtual address does (QEMU's paging=true) when a page is mapped twice; otherwise memory would have two contents.
 */
export function arrange(unsorted: readonly Segment[]): Arranged | ImageFault {
  const segments: Segment[] = []
  const ranges: Range[] = []
  for (const next of unsorted.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start)) {
    const last = segments.at(-1)
    const sameBytes = last !== undefined && next.offset - next.start === last.offset - last.start
    if (last !== undefined && next.start < last.end && !sameBytes) {
      const shared = `${hex(next.start)} to ${hex(Math.min(last.end, next.end))}`
      return {
        kind: 'overlapping-segments',
        detail: `${shared}, at file offsets ${last.offset + next.start - last.start} and ${next.offset}`,
      }
    }
    if (last !== undefined && next.start <= last.end && sameBytes) {
      segments[segments.length - 1] = { ...last, end: Math.max(last.end, next.end) }
    } else {
      segments.push(next)
    }
    const range = ranges.at(-1)
    if (range !== undefined && next.start <= range.end) {
      ranges[ranges.length - 1] = { start: range.start, end: Math.max(range.end, next.end) }
    } else {
      ranges.push({ start: next.start, end: next.end })
    }
  }
  return { kind: 'arranged', segments, ranges }
}

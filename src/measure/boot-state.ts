// What boot code would have left in SMRAM, from a machine file: the boot map (whole frames of RAM), address widths, the work
// budget, the size of the bitmaps.
// The file does not tell CPU features: 1-GiB pages are taken to exist, memory encryption is taken to be off.

import type { Machine } from '../executor/machine.ts'
import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import { bootMap, config, FRAME, RANGE } from '../smm/cells.ts'
import type { MeasureFault } from './fault.ts'

const FRAME_BYTES = 4096
/** APM 3.1.3: bits 63:32 (those below that no processor has yet may come to be). */
const CR4_RESERVED = ((1n << 32n) - 1n) << 32n
/** APM 3.1.7, but for SCE, LME, LMA, NXE, SVME, LMSLE, FFXSR, TCE, MCOMMIT, INTWB, UAIE, AIBRSE. */
const EFER_DEFINED = [0, 8, 10, 11, 12, 13, 14, 15, 17, 18, 20, 21].reduce((mask, n) => mask | (1n << BigInt(n)), 0n)
const EFER_RESERVED = ((1n << 64n) - 1n) ^ EFER_DEFINED
const FRAMES_PER_WORD = 64
/** Four bitmaps of 64-bit words. */
export const BITMAP_UNIT = 32
export const MOST_BITMAP_BYTES = 2 ** 30
const DEFAULT_BITMAP_BYTES = 8 * 2 ** 20
const LEAST_WIDTH = 36
const MOST_RANGES = 2 ** RANGE - 1
/** Budgets stay below 2^44, as the handler's contracts want it. */
const MOST_BUDGET = 2 ** 44 - 1

export interface FrameRange {
  readonly first: number
  readonly last: number
}

export interface BootState {
  readonly maxphyaddr: number
  readonly ranges: readonly FrameRange[]
  readonly cells: ReadonlyMap<Cell, Value>
}

/** An array value with these elements, zero above. */
export const arrayOf = (values: readonly (number | bigint)[]): ArrayValue =>
  new ArrayValue(0n, new Map(values.map((v, i) => [BigInt(i), BigInt(v)])))

/** @param smram where SMRAM lies, if that is known: in no range of the machine's RAM */
export function bootState(machine: Machine, smram?: FrameRange): BootState | MeasureFault {
  const { maxphyaddr } = machine
  if (maxphyaddr < LEAST_WIDTH) return { kind: 'narrow-addresses', maxphyaddr }
  const ranges = wholeFrames(machine)
  if (ranges.length === 0) return { kind: 'no-whole-frame' }
  if (ranges.length > MOST_RANGES) return { kind: 'too-many-ranges', count: ranges.length, most: MOST_RANGES }
  const ones = (bits: number): bigint => (1n << BigInt(bits)) - 1n
  const noFrame = ones(FRAME)
  const cells = new Map<Cell, Value>([
    [config.physMask, ones(maxphyaddr)],
    [config.guestPages, ones(maxphyaddr - 12)],
    [config.page1g, true],
    [config.cr4Mbz, CR4_RESERVED],
    [config.eferMbz, EFER_RESERVED],
    [config.smramFirst, smram === undefined ? noFrame : BigInt(smram.first)],
    [config.smramLast, smram === undefined ? noFrame : BigInt(smram.last)],
    [bootMap.ranges, BigInt(ranges.length)],
    [bootMap.first, arrayOf(ranges.map(({ first }) => first))],
    [bootMap.last, arrayOf(ranges.map(({ last }) => last))],
  ])
  return { maxphyaddr, ranges, cells }
}

/** Frames wholly in RAM; ranges that touch are one. */
function wholeFrames({ dram }: Machine): readonly FrameRange[] {
  const out: FrameRange[] = []
  for (const { start, end } of dram) {
    const [first, last] = [Math.ceil(start / FRAME_BYTES), Math.floor(end / FRAME_BYTES) - 1]
    const before = out.at(-1)
    if (first > last) continue
    if (before !== undefined && before.last + 1 === first) out[out.length - 1] = { first: before.first, last }
    else out.push({ first, last })
  }
  return out
}

/** Words of a bitmap: enough for the whole map where that is not too much, or as the operator says. */
export function windowWords({ ranges }: BootState, bitmapBytes: number | undefined): number | MeasureFault {
  if (bitmapBytes === undefined) {
    const span = ranges.at(-1)!.last - ranges[0]!.first + 1
    return Math.min(Math.ceil(span / FRAMES_PER_WORD), DEFAULT_BITMAP_BYTES / BITMAP_UNIT)
  }
  if (bitmapBytes <= 0 || bitmapBytes % BITMAP_UNIT !== 0 || bitmapBytes > MOST_BITMAP_BYTES)
    return { kind: 'bitmap-bytes', given: bitmapBytes, unit: BITMAP_UNIT, most: MOST_BITMAP_BYTES }
  return bitmapBytes / BITMAP_UNIT
}

/**
 * A pass over one space may fetch every entry of a tree that has all of RAM for its tables. Where that is more than this, this is: far more than the
 * tables of real machines have.
 */
const MOST_ENTRIES = 2 ** 24
const ENTRIES_PER_TABLE = 512
/** And mark this many words. */
const UNITS_PER_FRAME = 8

/**
 * Units of work for a census of one space: generous, but such that a tree which refers to itself is given up within seconds, on a small machine sooner.
 * It grows with the number of windows, since each walks all spaces again.
 */
export function budgetFor({ ranges }: BootState, words: number): number {
  const frames = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  const windows = ranges.reduce((sum, { first, last }) => sum + Math.ceil((last - first + 1) / (words * FRAMES_PER_WORD)), 0)
  const entries = Math.min(ENTRIES_PER_TABLE * frames, MOST_ENTRIES)
  return Math.min(2 * windows * (entries + UNITS_PER_FRAME * frames + 4 * words), MOST_BUDGET)
}

/** The same for several spaces that can each be measured alone: more than they can need, whatever the windows. */
export const jointBudget = (boot: BootState, words: number, spaces: number): number =>
  Math.min(4 * (spaces + 1) * budgetFor(boot, words), MOST_BUDGET)

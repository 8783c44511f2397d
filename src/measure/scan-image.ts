// The handler's search of memory, run on an image: on the frames of RAM that the image holds whole. The others are counted, not
// searched: a VMCB there would not be found.

import { compile } from '../executor/compile.ts'
import { Execution } from '../executor/execution.ts'
import { PAGE_BYTES, type PhysicalMemory } from '../executor/image/memory.ts'
import { loadInTurn } from '../executor/load-image.ts'
import type { Cell } from '../model/cell.ts'
import type { ArrayValue } from '../model/evaluate.ts'
import { scanRun } from '../smm/scan.ts'
import { SLOT } from '../smm/cells.ts'
import { type PageKind, scan, scanConfig, scanCounts } from '../smm/scan-cells.ts'
import type { BootState, FrameRange } from './boot-state.ts'
import { once } from './once.ts'

export interface ImageScan {
  /** Frames of candidates, ascending. */
  readonly candidates: readonly number[]
  /** More candidates than the list has room for. */
  readonly full: boolean
  readonly frames: number
  readonly absentFrames: number
  readonly counts: Readonly<Record<PageKind, number>>
}

const MOST_CANDIDATES = 2 ** SLOT - 1
const scanner = once(() => compile(scanRun))
const [rangeParam, firstParam, lastParam] = scanRun.params as readonly [Cell, Cell, Cell]

/** The runs of whole frames that both the image and the ranges of RAM have. */
export function* presentRuns(
  memory: PhysicalMemory,
  ranges: readonly FrameRange[],
): Generator<FrameRange & { readonly range: number }> {
  let range = 0
  for (const { start, end } of memory.ranges) {
    const [from, to] = [Math.ceil(start / PAGE_BYTES), Math.floor(end / PAGE_BYTES) - 1]
    while (range < ranges.length && ranges[range]!.last < from) range++
    for (let r = range; r < ranges.length && ranges[r]!.first <= to; r++) {
      const [first, last] = [Math.max(from, ranges[r]!.first), Math.min(to, ranges[r]!.last)]
      if (first <= last) yield { range: r, first, last }
    }
  }
}

export function scanImage(memory: PhysicalMemory, boot: BootState, slots = MOST_CANDIDATES): ImageScan {
  const execution = new Execution(scanner(), loadInTurn(memory), new Map([...boot.cells, [scanConfig.slots, BigInt(slots)]]))
  let frames = 0
  for (const { range, first, last } of presentRuns(memory, boot.ranges)) {
    frames += last - first + 1
    const ending = execution.run(
      new Map([
        [rangeParam, BigInt(range)],
        [firstParam, BigInt(first)],
        [lastParam, BigInt(last)],
      ]),
    )
    if (ending.kind !== 'completed') throw new Error(`a frame that the image holds lacks the word ${ending.word}`)
  }
  const listed = Number(execution.get(scan.listed))
  const list = execution.get(scan.frame) as ArrayValue
  const all = boot.ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  const count = (kind: PageKind): number => Number((execution.get(scanCounts[kind].counter) as ArrayValue).get(0n))
  return {
    candidates: Array.from({ length: listed }, (_, i) => Number(list.get(BigInt(i)))),
    full: execution.get(scan.full) === true,
    frames,
    absentFrames: all - frames,
    counts: { startable: count('startable'), ifCached: count('ifCached'), shaped: count('shaped') },
  }
}

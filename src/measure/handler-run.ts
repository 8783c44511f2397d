// One run of the handler's census procedure over given spaces of an image, compiled; its counters as numbers.

import type { Program } from '../executor/compile.ts'
import { Execution, type Load } from '../executor/execution.ts'
import type { Cell, Tally } from '../model/cell.ts'
import type { ArrayValue, Value } from '../model/evaluate.ts'
import type { IncompleteStatus } from '../report/census.ts'
import { census, config, counts, PERMISSIONS, spaces as spaceCells, STATUS, vmcbs as vmcbCells } from '../smm/cells.ts'
import { arrayOf, type BootState } from './boot-state.ts'
import type { Space } from './spaces.ts'

const FRAME_BYTES = 4096

export interface Counts {
  readonly leafEntries: { readonly '4K': number; readonly '2M': number; readonly '1G': number }
  readonly mappedBytes: number
  readonly distinctFrames: number
  readonly distinctFramesCertain: number
  readonly framesMappedMoreThanOnce: number
  readonly extraMappings: number
  readonly reservedBitEntries: number
  readonly foreignLeaves: number
  readonly beyondGuestWidth: number
  readonly tablePages: number
  readonly framesSharedWithOtherSpaces: number
  readonly mappedTables: number
  readonly smramLeaves: number
  readonly leafPermissions: Readonly<Record<string, number>>
}

export type Run =
  | {
      readonly status: 'complete'
      readonly spaces: readonly Counts[]
      readonly distinctFrames: number
      /** For each VMCB asked about: the number of a space that maps its frame. */
      readonly inside: readonly (number | undefined)[]
    }
  | { readonly status: Extract<IncompleteStatus, 'truncated' | 'foreign-table' | 'unsupported-mode' | 'incomplete-image'> }

export interface Setting {
  readonly program: Program
  readonly load: Load
  readonly boot: BootState
  /** 64-bit words per bitmap. */
  readonly words: number
  /** Units of work that the run may spend. */
  readonly budget: number
  readonly gmetCapable: boolean
  /** Addresses of VMCBs, at most 65,535: which lie in the memory of a space? */
  readonly vmcbs?: readonly number[]
}

/** Measures the spaces together; one that cannot be counted ends the run for all. */
export function runHandler(
  { program, load, boot, words, budget, gmetCapable, vmcbs: asked = [] }: Setting,
  spaces: readonly Space[],
): Run {
  const state = new Map<Cell, Value>([
    ...boot.cells,
    [config.nxe, spaces.every(({ paging }) => paging.nxe)],
    [config.gmetCapable, gmetCapable],
    [config.windowWords, BigInt(words)],
    [config.budget, BigInt(budget)],
    [vmcbCells.count, BigInt(asked.length)],
    [vmcbCells.frame, arrayOf(asked.map((address) => address / FRAME_BYTES))],
    [spaceCells.count, BigInt(spaces.length)],
    [spaceCells.root, arrayOf(spaces.map(({ root }) => root / FRAME_BYTES))],
    [spaceCells.mode, arrayOf(spaces.map(({ paging }) => paging.mode))],
  ])
  const execution = new Execution(program, load, state)
  if (execution.run().kind === 'absent') return { status: 'incomplete-image' }
  const status = execution.get(census.status)
  if (status === BigInt(STATUS.truncated)) return { status: 'truncated' }
  if (status === BigInt(STATUS.foreignTable)) return { status: 'foreign-table' }
  if (status === BigInt(STATUS.unsupportedMode)) return { status: 'unsupported-mode' }
  const counters = new Map<Tally, ArrayValue>()
  const count = (tally: Tally, i: number): number => {
    const counter = counters.get(tally) ?? (execution.get(tally.counter) as ArrayValue)
    counters.set(tally, counter)
    return Number(counter.get(BigInt(i)))
  }
  return {
    status: 'complete',
    spaces: spaces.map((_, i) => countsOf((tally) => count(tally, i))),
    distinctFrames: count(counts.total, 0),
    inside: asked.map((_, i) => {
      const noted = Number((execution.get(vmcbCells.space) as ArrayValue).get(BigInt(i)))
      return noted === 0 ? undefined : noted - 1
    }),
  }
}

function countsOf(count: (tally: Tally) => number): Counts {
  const { guest, round1, round2, after } = counts
  return {
    leafEntries: { '4K': count(guest.leaf4K), '2M': count(guest.leaf2M), '1G': count(guest.leaf1G) },
    mappedBytes: count(guest.mapped) * FRAME_BYTES,
    distinctFrames: count(round1.distinct),
    distinctFramesCertain: count(round2.certain),
    framesMappedMoreThanOnce: count(round1.multiple),
    extraMappings: count(round1.extra),
    reservedBitEntries: count(guest.reserved),
    foreignLeaves: count(guest.foreign),
    beyondGuestWidth: count(guest.beyond),
    tablePages: count(round2.tables),
    framesSharedWithOtherSpaces: count(round2.shared),
    mappedTables: count(after.mappedTables),
    smramLeaves: count(guest.smram),
    leafPermissions: Object.fromEntries(PERMISSIONS.map((name) => [name, count(guest[name])])),
  }
}

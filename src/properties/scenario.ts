// An honest little machine for bounded search: 512 KiB of DRAM from 1 MiB up, SMRAM at A0000h, one 4-level space in the
// first round of its census, bitmaps for 1 MiB. The tables of interest are empty but for their last entries, which may hold
// anything; so may what the CPU can do, the place of the table in the tree, and the watched pages and frame.

import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Scenario } from '../prover/unroll.ts'
import { bootMap, census, config, MODE, spaces, watched } from '../smm/cells.ts'
import type { Switches } from '../smm/switches.ts'
import { type Level, walkTable } from '../smm/walk.ts'

const FIRST = 0x100n
const ENTRIES = 512n
/** Where a window begins that holds SMRAM and the end of the first MiB. */
const BELOW = 0x80n

export interface Choice {
  readonly level: Level
  /** Entries that may hold anything: how many at the end of each table, the walked one first. */
  readonly entries: readonly number[]
  /** Frames of DRAM. */
  readonly frames?: bigint
  /** Work that the census may spend beyond one unit for each entry of the tables. */
  readonly spare?: bigint
  readonly racing?: boolean
  /** The frame that is watched; otherwise any. */
  readonly frame?: bigint
}

const array = (...elements: readonly bigint[]): ArrayValue => new ArrayValue(0n, new Map(elements.map((e, i) => [BigInt(i), e])))

/** walkTable on the first frames of DRAM. */
export function scenario(
  { level, entries, frames = 0x80n, spare = 64n, racing = false, frame }: Choice,
  switches: Switches,
): Scenario {
  const procedure = walkTable(level, switches)
  const param = (name: string): Cell => procedure.params.find((c) => c.name === `${procedure.name}.${name}`)!
  const entry: [Cell, Value][] = [
    [bootMap.ranges, 1n],
    [bootMap.first, array(FIRST)],
    [bootMap.last, array(FIRST + frames - 1n)],
    [config.smramFirst, 0xa0n],
    [config.smramLast, 0xbfn],
    [config.nxe, true],
    [config.budget, ENTRIES * BigInt(entries.length) + spare],
    [config.windowWords, 4n],
    [spaces.count, 1n],
    [spaces.root, array(FIRST)],
    [spaces.mode, array(BigInt(MODE.long4))],
    [census.round, 1n],
    [census.counting, true],
    [census.windowFirst, frame !== undefined && frame < FIRST ? BELOW : FIRST],
    [param('table'), FIRST],
    [param('us'), true],
    [param('rw'), true],
    ...(frame === undefined ? [] : [[watched.f, frame] as [Cell, Value]]),
  ]
  const tables = entries.map((_, i) => FIRST + BigInt(i))
  return {
    procedure,
    entry: new Map(entry),
    free: [
      param('base'),
      ...[config.physMask, config.page1g, config.gmetCapable, config.guestPages],
      ...[...(frame === undefined ? [watched.f] : []), watched.g, watched.g2, watched.range],
    ],
    words: tables.flatMap((table, i) => lastOf(table, entries[i]!)),
    racing,
  }
}

const lastOf = (table: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => (table + 1n) * ENTRIES - BigInt(count - i))

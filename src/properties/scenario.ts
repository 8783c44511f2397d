// An honest little machine for bounded search: 512 KiB of DRAM from 1 MiB up, SMRAM at A0000h, one 4-level space in the
// first round of its census, bitmaps for 1 MiB. The tables of interest are empty but for their last entries, which may hold
// anything; so may what the CPU can do, the place of the table in the tree, and the watched pages and frame.

import { snapshot } from '../model/builder.ts'
import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Procedure } from '../model/procedure.ts'
import { type Arr, type Bool, bv, type Bv } from '../model/term.ts'
import type { Scenario } from '../prover/unroll.ts'
import { bootMap, census, config, counts, MODE, spaces, trace, watched } from '../smm/cells.ts'
import type { Switches } from '../smm/switches.ts'
import { walkTable } from '../smm/walk.ts'
import type { Level } from '../smm/walk-facts.ts'

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
  /** Frames whose last entry may hold anything, too: tables that the scenario does not walk honestly to. */
  readonly elsewhere?: readonly bigint[]
  /** Memory is encrypted, through this one-hot address bit; tables have an encrypted view besides. */
  readonly encryptedBy?: bigint
  /** Another space was walked before, and maps every frame of the window. */
  readonly another?: boolean
  /** No guest of this CPU has GMET. */
  readonly withoutGmet?: boolean
  /** What the honest host does: all that is free may be anything under which this holds. */
  readonly given?: Given
}

export interface Given {
  /** As part of a sentence: "given that ...". */
  readonly that: string
  /** @param entry the n-th free entry, counted through the tables as in `entries` */
  readonly holds: (entry: (n: number) => Bv) => Bool
}

const ALL_ONES = (1n << 64n) - 1n
const WINDOW_WORDS = 4n

const array = (...elements: readonly bigint[]): ArrayValue => new ArrayValue(0n, new Map(elements.map((e, i) => [BigInt(i), e])))

/** walkTable on the first frames of DRAM. */
export function scenario(choice: Choice, switches: Switches): Scenario {
  const { level, entries, frames = 0x80n, spare = 64n, racing = false, frame, another = false, withoutGmet = false } = choice
  const procedure = walkTable(level, switches)
  const param = (name: string): Cell => procedure.params.find((c) => c.name === `${procedure.name}.${name}`)!
  const own = another ? 1n : 0n
  const entry: [Cell, Value][] = [
    [bootMap.ranges, 1n],
    [bootMap.first, array(FIRST)],
    [bootMap.last, array(FIRST + frames - 1n)],
    [config.smramFirst, 0xa0n],
    [config.smramLast, 0xbfn],
    [config.nxe, true],
    [config.budget, ENTRIES * BigInt(entries.length) + spare],
    [config.windowWords, WINDOW_WORDS],
    [config.cBit, choice.encryptedBy ?? 0n],
    [spaces.count, own + 1n],
    [spaces.root, array(FIRST, ...(another ? [FIRST] : []))],
    [spaces.mode, array(...Array.from({ length: Number(own) + 1 }, () => BigInt(MODE.long4)))],
    [census.round, 1n],
    [census.counting, true],
    [census.windowFirst, windowOf(frame)],
    [param('table'), FIRST],
    [param('us'), true],
    [param('rw'), true],
    ...(frame === undefined ? [] : [[watched.f, frame] as [Cell, Value]]),
    ...(another ? walkedBefore() : []),
  ]
  const words = wordsOf(choice)
  return {
    procedure: given(procedure, choice.given, words),
    entry: new Map(entry),
    free: [
      param('base'),
      ...[config.physMask, config.page1g, config.guestPages, ...(withoutGmet ? [] : [config.gmetCapable])],
      ...[...(frame === undefined ? [watched.f] : []), watched.g, watched.g2, watched.range],
    ],
    words,
    racing,
  }
}

/** Where the window begins that has the watched frame. */
function windowOf(frame: bigint | undefined): bigint {
  if (frame === undefined) return FIRST
  return frame < FIRST ? BELOW : (frame / FIRST) * FIRST
}

/** The bitmaps and charges that an earlier space leaves behind which maps every frame of the window. */
const walkedBefore = (): [Cell, Value][] => [
  [census.space, 1n],
  [watched.s, 1n],
  [census.any, array(...Array.from({ length: Number(WINDOW_WORDS) }, () => ALL_ONES))],
  [trace.anyBefore, true],
  [counts.total.charge, 1n],
]

function wordsOf({ entries, elsewhere = [], encryptedBy }: Choice): bigint[] {
  const tables = entries.map((_, i) => FIRST + BigInt(i))
  const plain = tables.flatMap((table, i) => lastOf(table, entries[i]!))
  const encrypted =
    encryptedBy === undefined ? [] : tables.slice(1).flatMap((t, i) => lastOf(t | (encryptedBy >> 12n), entries[i + 1]!))
  return [...plain, ...encrypted, ...elsewhere.flatMap((table) => lastOf(table, 1))]
}

const lastOf = (table: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => (table + 1n) * ENTRIES - BigInt(count - i))

/** The procedure, called by an honest host only. */
function given(procedure: Procedure, host: Given | undefined, words: readonly bigint[]): Procedure {
  if (host === undefined) return procedure
  const { snapshot: memory } = procedure.memory
  const term = host.holds((n) => (memory as Arr).at(bv((memory as Arr).sort.index, words[n]!)))
  return { ...procedure, requires: [...procedure.requires, ...snapshot({ [`given that ${host.that}`]: term })] }
}

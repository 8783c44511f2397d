// The leader's steps that proofs know by their contracts, as code that concrete runs execute: the list of spaces is made by the
// procedure itself, the census by what it comes to (census-of-picture.ts).

import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import { Interpreter } from '../model/interpreter.ts'
import type { Computation, Reading } from '../model/sampler.ts'
import { type Table, type Variable, variableOf } from '../model/system.ts'
import { frame } from '../x86/physical.ts'
import { bootMap, config, STATUS } from './cells.ts'
import { type CensusRun, censusOfPicture, chargesOf, type PictureOfMemory } from './census-of-picture.ts'
import { listAll } from './enlist.ts'
import { snap } from './meeting-state.ts'
import { charged, page, results, spaceFrame, spacePage } from './measuring-state.ts'
import { lists, takesCensus } from './measuring-steps.ts'
import { space } from './system-cells.ts'
import { rangeOf } from './system-profile.ts'
import { found, handler, handlerGhosts, observed, platformConfig } from './thread-cells.ts'

/** Pages that a census of a concrete run goes through at most. */
const MOST_PAGES = 640

const variableFor = (cell: Cell): Variable => variableOf(cell.now)!
const cellValue = (now: Reading, cell: Cell): Value => now.value(variableFor(cell))
const numbers = (count: number): bigint[] => Array.from({ length: count }, (_, i) => BigInt(i))

const listed: readonly Cell[] = [
  platformConfig.threads,
  ...[...Object.values(observed), ...Object.values(found)],
  ...[handler.status, handlerGhosts.cause],
]
/** `listAll` on the handler's SMRAM. */
export const listing: Computation = {
  parameters: listAll.modifies.map((cell) => cell.name),
  run: (now) => {
    const memory = { get: () => undefined }
    const interpreter = new Interpreter({ memory, check: false, erase: false, maxSteps: 100_000 })
    for (const cell of listed) interpreter.set(cell, cellValue(now, cell))
    interpreter.run(listAll, new Map())
    const left = Object.fromEntries(listAll.modifies.map((cell) => [cell.name, interpreter.get(cell)]))
    return { left, mentions: [[space, numbers(Number(interpreter.get(found.count)))]] }
  },
}

/** Memory as it was photographed, the list of spaces, what boot code left. */
export function pictureIn(now: Reading): PictureOfMemory {
  const number = (cell: Cell): bigint => cellValue(now, cell) as bigint
  const flag = (cell: Cell): boolean => cellValue(now, cell) as boolean
  const table = (cell: Cell): ArrayValue => cellValue(now, cell) as ArrayValue
  const ranges = now.value(rangeOf) as ArrayValue
  const [first, last, count] = [table(bootMap.first), table(bootMap.last), number(bootMap.ranges)]
  const [root, mode] = [table(found.root), table(found.mode)]
  return {
    words: (now.value(snap) as ArrayValue).entries as ReadonlyMap<bigint, bigint>,
    spaces: numbers(Number(number(found.count))).map((i) => ({ root: root.get(i) as bigint, mode: mode.get(i) as bigint })),
    inMap: (f) => {
      const range = ranges.get(f) as bigint
      return range < count && (first.get(range) as bigint) <= f && f <= (last.get(range) as bigint)
    },
    host: {
      physMask: number(config.physMask),
      cBit: number(config.cBit),
      nxe: flag(config.nxe),
      page1g: flag(config.page1g),
      gmetCapable: flag(config.gmetCapable),
      guestPages: number(config.guestPages),
    },
    most: MOST_PAGES,
  }
}

const flags = (of: Iterable<bigint>): Value => new ArrayValue(false, new Map([...of].map((i) => [i, true])))
const named = (table: Table, value: Value): [string, Value] => [table.name, value]
const [page1, certainPage] = results.slice(-2) as [Table, Table]

/** @param run what takes the census */
export const counting = (run: CensusRun = censusOfPicture): Computation => ({
  parameters: ['ended', ...results.map((table) => table.name)],
  run: (now) => {
    const picture = pictureIn(now)
    const census = run(picture)
    const charges = chargesOf(census, picture.inMap)
    const edges = census.pages.flatMap((pages) => pages.filter((p) => p.atEdge).map((p) => p.page))
    const tables = [
      ...(['distinct', 'multiple', 'shared', 'certain', 'foreign', 'total'] as const).map((name) => {
        const of = charges[name]
        return named(charged[name] as Table, flags(of.keys()))
      }),
      named(page1, new ArrayValue(0n, charges.distinct)),
      named(certainPage, new ArrayValue(0n, charges.certain)),
    ]
    return {
      left: { ended: BigInt(STATUS[census.status]), ...Object.fromEntries(tables) },
      mentions: [
        [space, numbers(picture.spaces.length)],
        [page, edges],
        [frame, charges.total],
        [spaceFrame, charges.distinct.keys()],
        [spacePage, charges.foreign],
      ],
    }
  },
})

export const listingAction = lists.name
export const countingAction = takesCensus.name

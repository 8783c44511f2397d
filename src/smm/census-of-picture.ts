// The census of concrete runs: what a complete census has counted, worked out entry by entry from a picture of memory that is
// mostly zeros, with the processor's own decoding of entries (src/x86/npt.ts).
// The handler's procedure reads every entry of every table twice, which takes a thousand times as long; a test holds the two
// against each other on random machines.
// Leaves out: counts that the composed system does not keep; large spaces (`truncated`, as if the budget were spent).

import { bool, bv } from '../model/term.ts'
import { allPermissions, entryMeaning, permitted } from '../x86/npt.ts'
import type { NestedHost, PagingFormat } from '../x86/paging.ts'
import { MODE, type STATUS } from './cells.ts'

export interface PictureOfMemory {
  /** Words that are not zero, by number. */
  readonly words: ReadonlyMap<bigint, bigint>
  readonly spaces: readonly { readonly root: bigint; readonly mode: bigint }[]
  /** The boot map has the frame. */
  readonly inMap: (frame: bigint) => boolean
  readonly host: HostOfPicture
  /** Pages after which the census gives up. */
  readonly most: number
}
/** The constants of boot that decide what entries mean (src/smm/cells.ts). */
export interface HostOfPicture {
  readonly physMask: bigint
  readonly cBit: bigint
  readonly nxe: boolean
  readonly page1g: boolean
  readonly gmetCapable: boolean
  readonly guestPages: bigint
}
export interface MappedPage {
  readonly page: bigint
  readonly frame: bigint
  /** Whatever flags the guest runs with. */
  readonly certain: boolean
  /** It begins or ends the run of pages that its leaf maps. */
  readonly atEdge: boolean
}
export interface CensusOfPicture {
  readonly status: keyof typeof STATUS
  /** Pages that a guest access may reach, by space; of a census that has ended before its time, those found until then. */
  readonly pages: readonly (readonly MappedPage[])[]
}

const hosts = new Map<string, NestedHost>()
/** One object for equal hosts: decoded entries are kept for each. */
function hostOf(of: HostOfPicture): NestedHost {
  const key = Object.values(of).join()
  const known = hosts.get(key) ?? {
    physMask: bv(52, of.physMask),
    cBit: bv(52, of.cBit),
    nxe: bool(of.nxe),
    page1g: bool(of.page1g),
    pse: bool(false),
    gmet: bool(false),
    gmetData: bool(false),
    guestPageMask: bv(45, of.guestPages).as<'guest page'>(),
    gpaTrunc: bool(false),
  }
  hosts.set(key, known)
  return known
}

class Ended extends Error {
  readonly status: keyof typeof STATUS
  constructor(status: keyof typeof STATUS) {
    super(status)
    this.status = status
  }
}

export function censusOfPicture({ words, spaces, inMap, host, most }: PictureOfMemory): CensusOfPicture {
  const of = hostOf(host)
  const plain = (frame: bigint): bigint => frame & ~(host.cBit >> 12n)
  const entriesOf = new Map<bigint, [bigint, bigint][]>()
  for (const [word, value] of words) {
    const known = entriesOf.get(word >> 9n)
    if (known === undefined) entriesOf.set(word >> 9n, [[word & 0x1ffn, value]])
    else known.push([word & 0x1ffn, value])
  }
  const pages: MappedPage[][] = []
  let left = most
  const visit = (format: PagingFormat, level: number, table: bigint, user: boolean, first: bigint): void => {
    if (!inMap(plain(table))) throw new Ended('foreignTable')
    const below = BigInt(9 * (level - 1))
    for (const [index, value] of entriesOf.get(table) ?? []) {
      if (--left < 0) throw new Ended('truncated')
      const e = entryMeaning(format, level, bv(64, value), of)
      const [page, us] = [first + (index << below), user && e.us.value === true]
      if (e.descends.value === true) visit(format, level - 1, e.table.attribute as bigint, us, page)
      if (e.leaf.value !== true || !(us || host.gmetCapable)) continue
      const certain = permitted(of, { ...allPermissions, us: bool(us) }, 'read').value === true
      const size = 1n << below
      for (let i = 0n; i < size; i++) {
        // Pages above the guest-physical width come last.
        if (((page + i) & ~host.guestPages) !== 0n) break
        if (--left < 0) throw new Ended('truncated')
        const frame = (e.frame.attribute as bigint) + i
        pages.at(-1)!.push({ page: page + i, frame, certain, atEdge: i === 0n || i === size - 1n })
      }
    }
  }
  try {
    for (const { root, mode } of spaces) {
      pages.push([])
      if (mode !== BigInt(MODE.long4) && mode !== BigInt(MODE.long5)) throw new Ended('unsupportedMode')
      const five = mode === BigInt(MODE.long5)
      visit(five ? 'long5' : 'long4', five ? 5 : 4, root, true, 0n)
    }
    return { status: 'running', pages }
  } catch (e) {
    if (e instanceof Ended) return { status: e.status, pages }
    throw e
  }
}

/** What is charged for these pages: sets of `space and frame`, `space and page`, frames. */
export interface Charges {
  readonly distinct: ReadonlyMap<bigint, bigint>
  readonly certain: ReadonlyMap<bigint, bigint>
  readonly multiple: ReadonlySet<bigint>
  readonly shared: ReadonlySet<bigint>
  readonly foreign: ReadonlySet<bigint>
  readonly total: ReadonlySet<bigint>
}
const FRAME_BITS = 40n
const PAGE_BITS = 45n

export function chargesOf({ pages }: CensusOfPicture, inMap: (frame: bigint) => boolean): Charges {
  const [distinct, certain] = [new Map<bigint, bigint>(), new Map<bigint, bigint>()]
  const [multiple, shared, foreign] = [new Set<bigint>(), new Set<bigint>(), new Set<bigint>()]
  const spacesOf = new Map<bigint, Set<bigint>>()
  for (const [n, all] of pages.entries())
    for (const { page, frame, certain: sure } of all) {
      const space = BigInt(n)
      if (!inMap(frame)) {
        foreign.add((space << PAGE_BITS) | page)
        continue
      }
      const pair = (space << FRAME_BITS) | frame
      if (distinct.has(pair)) multiple.add(pair)
      else distinct.set(pair, page)
      if (sure && !certain.has(pair)) certain.set(pair, page)
      const spaces = spacesOf.get(frame) ?? new Set()
      spacesOf.set(frame, spaces.add(space))
    }
  for (const [frame, spaces] of spacesOf)
    if (spaces.size > 1) for (const space of spaces) shared.add((space << FRAME_BITS) | frame)
  return { distinct, certain, multiple, shared, foreign, total: new Set(spacesOf.keys()) }
}
export type CensusRun = (picture: PictureOfMemory) => CensusOfPicture

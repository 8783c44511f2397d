// The second opinion on a census: sets of frames, filled by asking the model of the hardware (src/x86) for the translation of guest
// pages, one by one. It knows which slots of tables hold something, and asks about a page in each; of a leaf, about every page whose frame is
// DRAM. It shares no code with the handler: no bitmap, no window, no classification of entries.

import { bool, bv } from '../../src/model/term.ts'
import { guestPage, hostFrame } from '../../src/x86/address.ts'
import { allPermissions, permitted, reachable, type ReadEntry, translate, type Translation } from '../../src/x86/npt.ts'
import { formable, type NestedHost } from '../../src/x86/paging.ts'
import type { Machine, Space, World } from './attacked-trees.ts'

export interface NaiveCounts {
  readonly leaf4K: number
  readonly leaf2M: number
  readonly leaf1G: number
  readonly mapped: bigint
  readonly 'r--': number
  readonly 'r-x': number
  readonly 'rw-': number
  readonly rwx: number
  readonly foreign: number
  readonly beyond: number
  readonly reserved: number
  readonly smram: number
  readonly distinct: number
  readonly multiple: number
  readonly extra: number
  readonly certain: number
  readonly tables: number
  readonly shared: number
  readonly mappedTables: number
}
export type NaiveCensus =
  | {
      readonly status: 'complete'
      readonly spaces: readonly NaiveCounts[]
      readonly total: number
      /** Of each VMCB, one plus the number of the last space that maps its frame, or zero. */
      readonly vmcbs: readonly number[]
      readonly translations: number
    }
  | { readonly status: 'foreign-table' }

class ForeignTable extends Error {}

interface SpaceFrames {
  /** DRAM frames by how many guest pages lead there. */
  readonly pages: Map<number, number>
  readonly certain: Set<number>
  readonly tables: Set<number>
  readonly leaves: { -readonly [K in keyof NaiveCounts]?: number }
  mapped: bigint
}

class Walker {
  translations = 0
  private readonly world: World
  private readonly hosts: readonly NestedHost[]
  private readonly slots = new Map<number, number[]>()
  private readonly read: ReadEntry

  constructor(world: World) {
    this.world = world
    const { machine, words } = world
    const host = (gmet: boolean, gmetData: boolean): NestedHost => ({
      physMask: bv(52, machine.physMask),
      cBit: bv(52, machine.cBit),
      nxe: bool(machine.nxe),
      page1g: bool(machine.page1g),
      pse: bool(false),
      gmet: bool(gmet),
      gmetData: bool(gmetData),
      guestPageMask: guestPage(machine.guestPages),
      gpaTrunc: bool(false),
    })
    // GMET is in no save area: a guest may run with it where the CPU has it, and the manual leaves open what it does to data.
    this.hosts = [host(false, false), ...(machine.gmetCapable ? [host(true, false), host(true, true)] : [])]
    for (const [word, value] of words)
      if (value !== 0n) {
        const frame = Number(word / 512n)
        this.slots.set(frame, [...(this.slots.get(frame) ?? []), Number(word % 512n)])
      }
    this.read = (table, index) => {
      const frame = this.plain(table.value as bigint)
      if (!inDram(machine, frame, frame)) throw new ForeignTable()
      return bv(64, words.get(BigInt(frame) * 512n + (index.value as bigint)) ?? 0n)
    }
  }

  private plain(frame: bigint): number {
    return Number(frame & ~(this.world.machine.cBit >> 12n))
  }

  private translation({ root, levels }: Space, page: bigint): Translation {
    this.translations++
    const format = levels === 5 ? 'long5' : 'long4'
    return translate(format, levels, this.hosts[0]!, this.read, hostFrame(root), allPermissions, guestPage(page))
  }

  space(space: Space): SpaceFrames {
    const found: SpaceFrames = { pages: new Map(), certain: new Set(), tables: new Set(), leaves: {}, mapped: 0n }
    found.tables.add(this.plain(space.root))
    this.table(space, space.levels, this.plain(space.root), 0n, found)
    return found
  }

  /** All guest pages whose walk comes through this table at this level. */
  private table(space: Space, level: number, frame: number, base: bigint, found: SpaceFrames): void {
    // A root without DRAM behind it is no table, occupied or not.
    if (!inDram(this.world.machine, frame, frame)) throw new ForeignTable()
    for (const slot of this.slots.get(frame) ?? []) {
      const page = base + (BigInt(slot) << BigInt(9 * (level - 1)))
      const t = this.translation(space, page)
      for (const { table } of t.steps) found.tables.add(this.plain(table.value as bigint))
      const next = t.steps.find((s) => s.level === level - 1)
      if (next !== undefined) this.table(space, level - 1, this.plain(next.table.value as bigint), page, found)
      else this.region(space, page, t, found)
    }
  }

  /** The walk of `page` ends at an entry, which stands for a region that begins there. */
  private region(space: Space, page: bigint, t: Translation, found: SpaceFrames): void {
    const { machine } = this.world
    const count = (name: keyof NaiveCounts): void => {
      found.leaves[name] = (found.leaves[name] ?? 0) + 1
    }
    if (t.reserved.value === true) count('reserved')
    if (!this.hosts.some((host) => reachable(host, t).value === true)) return
    if (formable(this.hosts[0]!, guestPage(page)).value !== true) {
      count('beyond')
      return
    }
    const level = Number(t.leafLevel.value)
    const size = 512 ** (level - 1)
    count(level === 1 ? 'leaf4K' : level === 2 ? 'leaf2M' : 'leaf1G')
    found.mapped += BigInt(size)
    count(`r${t.rw.value === true ? 'w' : '-'}${t.nx.value === true ? '-' : 'x'}` as 'rwx')
    const first = Number(t.leafFirstFrame.value)
    if (!inDram(machine, first, first + size - 1)) count('foreign')
    if (first <= machine.smram.last && machine.smram.first < first + size) count('smram')
    for (const { first: from, last: to } of machine.ranges)
      for (let f = Math.max(from, first); f <= Math.min(to, first + size - 1); f++)
        this.page(space, page + BigInt(f - first), f, found)
  }

  private page(space: Space, page: bigint, expected: number, found: SpaceFrames): void {
    const t = this.translation(space, page)
    if (t.ok.value !== true || Number(t.frame.value) !== expected)
      throw new Error(`page ${page} is inside a leaf, and does not lead to its frame`)
    found.pages.set(expected, (found.pages.get(expected) ?? 0) + 1)
    if (permitted(this.hosts[0]!, t, 'read').value === true) found.certain.add(expected)
  }
}

const inDram = ({ ranges }: Machine, first: number, last: number): boolean =>
  ranges.some((r) => r.first <= first && last <= r.last)

export function naiveCensus(world: World): NaiveCensus {
  const walker = new Walker(world)
  try {
    const found = world.spaces.map((space) => walker.space(space))
    const everywhere = new Set(found.flatMap(({ pages }) => [...pages.keys()]))
    return {
      status: 'complete',
      total: everywhere.size,
      vmcbs: world.vmcbs.map((frame) => found.findLastIndex(({ pages }) => pages.has(frame)) + 1),
      translations: walker.translations,
      spaces: found.map((mine) => {
        const { pages, certain, tables, leaves, mapped } = mine
        const elsewhere = new Set(found.filter((other) => other !== mine).flatMap((other) => [...other.pages.keys()]))
        const times = [...pages.values()]
        const of = (name: keyof NaiveCounts): number => leaves[name] ?? 0
        return {
          ...{ leaf4K: of('leaf4K'), leaf2M: of('leaf2M'), leaf1G: of('leaf1G'), mapped },
          ...{ 'r--': of('r--'), 'r-x': of('r-x'), 'rw-': of('rw-'), rwx: of('rwx') },
          ...{ foreign: of('foreign'), beyond: of('beyond'), reserved: of('reserved'), smram: of('smram') },
          distinct: pages.size,
          multiple: times.filter((n) => n > 1).length,
          extra: times.reduce((sum, n) => sum + n - 1, 0),
          certain: certain.size,
          tables: tables.size,
          mappedTables: [...pages.keys()].filter((f) => found.some((any) => any.tables.has(f))).length,
          shared: [...pages.keys()].filter((f) => elsewhere.has(f)).length,
        }
      }),
    }
  } catch (error) {
    if (error instanceof ForeignTable) return { status: 'foreign-table' }
    throw error
  }
}

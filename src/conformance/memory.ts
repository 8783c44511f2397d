// The physical memory of the vectors' machine, before and during one run.
//
// Covers: listed table entries, the self-naming markers, memory known to be zero; what a table read from anywhere else gives.
// Leaves out: contents of ROM, video memory and the test program, which the vectors do not record.

import { bv, type Bv } from '../model/term.ts'
import type { EntryUpdate } from '../x86/accessed-dirty.ts'
import type { ReadEntry } from '../x86/npt.ts'
import type { TableEntry } from './shapes.ts'

/**
 * `recorded` memory has its content in the vector. Of the others only the kind of place is known: RAM that the test program did
 * not touch, `unrecorded` low RAM, video memory and ROM (the program, firmware), and addresses beyond all RAM.
 */
export type Region = 'recorded' | 'fresh' | 'unrecorded' | 'beyond'

const RAM_END = 0x800_0000n
const isMarked = (address: bigint): boolean => address < 0x1000n || (address >= 0x100_0000n && address < 0x400_0000n)
/** Where nested tables are built. */
const isArena = (address: bigint): boolean => address >= 0x40_0000n && address < 0x100_0000n
/** Where the guest's tables and code and the scaffold lie. */
const isScaffold = (address: bigint): boolean => address >= 0x22_0000n && address < 0x24_0000n

/** B8h | (p>>3)<<8 | D9010Fh<<40: as data it names its own address, as an entry it is not present. */
const marker = (address: bigint): bigint => BigInt.asUintN(64, 0xb8n | ((address >> 3n) << 8n) | (0xd9_010fn << 40n))

/** What a read outside the recorded memory returns, by region. */
export type Fill = Readonly<Record<Exclude<Region, 'recorded'>, bigint>>
export const ALL_ONES = 0xffff_ffff_ffff_ffffn
export const zeroFill: Fill = { fresh: 0n, unrecorded: 0n, beyond: 0n }

export class VectorMemory {
  private readonly initial = new Map<bigint, bigint>()
  private readonly current = new Map<bigint, bigint>()
  private readonly fill: Fill
  /** Table words fetched from places whose content the vector does not give, in order. */
  readonly unknown: bigint[] = []

  constructor(entries: readonly TableEntry[], fill: Fill) {
    this.fill = fill
    for (const [table, index, value] of entries) this.initial.set(table + BigInt(index) * 8n, value)
  }

  region(address: bigint): Region {
    const word = address & ~7n
    if (this.initial.has(word) || isMarked(word) || isArena(word) || isScaffold(word)) return 'recorded'
    if (word >= RAM_END) return 'beyond'
    return word >= 0x400_0000n ? 'fresh' : 'unrecorded'
  }

  /** The 64-bit word that holds the address. */
  word(address: bigint): bigint {
    const at = address & ~7n
    const written = this.current.get(at) ?? this.initial.get(at)
    if (written !== undefined) return written
    if (isMarked(at)) return marker(at)
    const region = this.region(at)
    return region === 'recorded' ? 0n : this.fill[region]
  }

  /** `count` bytes at an address, little-endian. */
  bytes(address: bigint, count: number): bigint {
    let value = 0n
    for (let i = BigInt(count) - 1n; i >= 0n; i--) {
      const at = address + i
      value = (value << 8n) | ((this.word(at) >> ((at & 7n) * 8n)) & 0xffn)
    }
    return value
  }

  readonly read: ReadEntry = (table, index): Bv => {
    const address = (table.value! << 12n) | (index.value! << 3n)
    if (this.region(address) !== 'recorded') this.unknown.push(address)
    return bv(64, this.word(address))
  }

  apply(updates: readonly EntryUpdate[]): void {
    for (const u of updates) {
      const address = (u.table.value! << 12n) | (u.index.value! << 3n)
      if (u.when.value === true) this.current.set(address, this.word(address) | u.set.value!)
    }
  }

  /** Words that differ from the start, with the further updates, by address. */
  changed(further: readonly EntryUpdate[] = []): Map<bigint, bigint> {
    const all = new Map(this.current)
    for (const u of further) {
      const address = (u.table.value! << 12n) | (u.index.value! << 3n)
      const before = all.get(address) ?? this.word(address)
      const after = before | u.set.value!
      if (u.when.value === true && after !== before) all.set(address, after)
    }
    return all
  }

  /** An access there shows by its data where it went: a read or a fetch by the marker, a store by being found again. */
  observable(address: bigint, store: boolean): boolean {
    return isMarked(address & ~7n) || (store && isArena(address & ~7n))
  }
}

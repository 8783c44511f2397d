// Random nested tables of small machines: one to three honest spaces, then any number of the tricks by which a host hides or fakes memory, as
// far as an image can hold them. Each trick is named after its row of the attack catalogue.
// Leaves out: tricks in time (races, remapping between samples), in the fabric, and in what save states say.

import type { Choices } from '../support/choices.ts'

export interface Machine {
  readonly physMask: bigint
  readonly cBit: bigint
  readonly nxe: boolean
  readonly page1g: boolean
  readonly gmetCapable: boolean
  /** Ones for the guest page numbers that a guest can form. */
  readonly guestPages: bigint
  readonly ranges: readonly { readonly first: number; readonly last: number }[]
  readonly smram: { readonly first: number; readonly last: number }
  readonly windowWords: number
}
export interface Space {
  readonly root: bigint
  readonly levels: 4 | 5
}
export interface World {
  readonly machine: Machine
  readonly spaces: readonly Space[]
  /** Words of memory by number (address / 8); others are zero. */
  readonly words: ReadonlyMap<bigint, bigint>
  readonly tricks: readonly string[]
  /** Frames that hold VMCBs. */
  readonly vmcbs: readonly number[]
}

/** Tables lie in the first frames of the machine. */
const TABLE_FRAMES = 24
const ONES = (width: number): bigint => (1n << BigInt(width)) - 1n
const P = 1n
const RW = 2n
const US = 4n
const PS = 0x80n
const NX = 1n << 63n
const RWX = P | RW | US

class Builder {
  readonly words = new Map<bigint, bigint>()
  readonly spaces: Space[] = []
  readonly c: Choices
  readonly machine: Machine
  private next = 1

  constructor(c: Choices, machine: Machine) {
    this.c = c
    this.machine = machine
  }
  table(): number {
    // When all are in use, tables are shared.
    const fresh = this.next
    this.next = fresh + 1 < TABLE_FRAMES ? fresh + 1 : 1
    return fresh
  }
  anyTable(): number {
    return this.c.chance(85) ? this.c.within(1, this.next - 1 || 1) : this.c.below(TABLE_FRAMES)
  }
  put(frame: number, slot: number, entry: bigint): void {
    this.words.set(BigInt(frame * 512 + slot), entry)
  }
  entry(frame: number, slot: number): bigint {
    return this.words.get(BigInt(frame * 512 + slot)) ?? 0n
  }
  slot(): number {
    return this.c.pick([0, 1, 2, 255, 256, 511, this.c.below(512)])
  }
  /** A frame of DRAM. */
  dram(): number {
    const { first, last } = this.c.pick(this.machine.ranges)
    return this.c.within(first, last)
  }
  /** An entry that is there: its place and value. */
  some(): readonly [place: bigint, entry: bigint] {
    const all = [...this.words]
    return all.length === 0 ? [512n, 0n] : this.c.pick(all)
  }
  change(edit: (entry: bigint) => bigint): void {
    const [place, entry] = this.some()
    this.words.set(place, edit(entry))
  }
  /** An honest tree: a chain of tables, a few leaves. */
  space(levels: 4 | 5): void {
    const root = this.table()
    this.spaces.push({ root: BigInt(root), levels })
    this.fill(root, levels)
  }
  fill(frame: number, level: number): void {
    const { c } = this
    const count = level === 1 ? c.within(1, 6) : c.chance(70) ? 1 : 2
    for (let n = 0; n < count; n++) {
      if (level === 1) this.put(frame, this.slot(), (BigInt(this.dram()) << 12n) | RWX)
      else if (level === 2 && c.chance(15)) this.put(frame, this.slot(), RWX | PS)
      else {
        const below = this.table()
        this.put(frame, level === 4 && c.chance(80) ? 0 : this.slot(), (BigInt(below) << 12n) | RWX)
        this.fill(below, level - 1)
      }
    }
  }
}

const address = (frame: number | bigint): bigint => BigInt(frame) << 12n
const ADDRESS = ONES(52) ^ ONES(12)

/** By row of the catalogue: what the trick does to the tables. */
const tricks: Readonly<Record<string, (b: Builder) => void>> = {
  'C01 one frame at several guest pages': (b) => {
    const [, entry] = b.some()
    for (let n = b.c.within(1, 4); n > 0; n--) b.put(b.anyTable(), b.slot(), entry)
  },
  'C02 a frame or a whole table of another space': (b) => {
    const [place, entry] = b.some()
    b.put(b.anyTable(), Number(place % 512n), entry)
  },
  'C03 C04 many read-only mappings of one frame': (b) => {
    const [frame, shared] = [b.anyTable(), b.dram()]
    for (let n = b.c.within(2, 6); n > 0; n--) b.put(frame, b.slot(), address(shared) | P | US)
  },
  'C12 C33 C34 a table or leaf where there is no DRAM': (b) => {
    const outside = b.machine.ranges.at(-1)!.last + 1 + b.c.below(50)
    const [frame, slot] = [b.anyTable(), b.slot()]
    b.put(frame, slot, address(outside) | RWX)
  },
  'C13 C35 a table or leaf in SMRAM': (b) => b.put(b.anyTable(), b.slot(), address(b.machine.smram.first) | RWX),
  'C17 a further root that shares tables': (b) => {
    const root = b.table()
    b.put(root, b.slot(), b.entry(Number(b.spaces[0]!.root), 0))
    b.spaces.push({ root: BigInt(root), levels: b.c.pick([4, 5]) })
  },
  'C23 marks for emulated devices': (b) => {
    for (let n = b.c.within(1, 4); n > 0; n--) b.put(b.anyTable(), b.slot(), (1n << 51n) | (b.c.bits(20) << 12n) | RWX)
  },
  'C24 the encryption bit': (b) => b.change((e) => e | (b.machine.cBit === 0n ? 1n << 50n : b.machine.cBit)),
  'C25 U/S=0 somewhere on the way': (b) => b.change((e) => e & ~US),
  'C26 R/W=0 somewhere on the way': (b) => b.change((e) => e & ~RW),
  'C27 C29 bit 63': (b) => b.change((e) => e | NX),
  'C26 C27 both': (b) => b.change((e) => (e & ~RW) | NX),
  'C28 one root under two numbers of levels': (b) => {
    const { root, levels } = b.c.pick(b.spaces)
    b.spaces.push({ root, levels: levels === 4 ? 5 : 4 })
  },
  'C30 address bits below a large page': (b) => b.put(b.anyTable(), b.slot(), RWX | PS | (b.c.bits(9) << 12n)),
  'C31 PS wherever': (b) => b.change((e) => e | PS),
  'C32 PAT of a large page': (b) => b.put(b.anyTable(), b.slot(), RWX | PS | (1n << 12n)),
  'C35 large pages across holes': (b) => b.put(b.anyTable(), b.slot(), RWX | PS | (b.c.bits(2) << 30n)),
  'C43 a table that refers to itself': (b) => {
    const frame = b.anyTable()
    b.put(frame, b.slot(), address(frame) | RWX)
  },
  'C44 a table at two levels': (b) => b.put(b.anyTable(), b.slot(), address(b.anyTable()) | RWX),
  'C47 leaves that lead to tables': (b) => b.put(b.anyTable(), b.slot(), address(b.anyTable()) | RWX),
  'C58 guest pages beyond the guest width': (b) => {
    const { root } = b.c.pick(b.spaces)
    b.put(Number(root), 511, b.entry(Number(root), 0))
  },
  'C59 state in entries that are not present': (b) => b.put(b.anyTable(), b.slot(), b.c.bits(64) & ~P),
  'C60 accessed, dirty and software bits': (b) =>
    b.change((e) => e | ((b.c.bits(4) << 5n) & ~PS) | (b.c.bits(3) << 9n) | (b.c.bits(10) << 52n)),
  'any bits at all': (b) => b.change((e) => e ^ (1n << BigInt(b.c.below(64)))),
  'an address of any width': (b) => b.change((e) => (e & ~ADDRESS) | (b.c.bits(40) << 12n)),
}
export const trickNames: readonly string[] = Object.keys(tricks)

function machineOf(c: Choices): Machine {
  const width = c.pick([36, 40, 48, 52])
  const cut = c.within(60, 110)
  const high = 0x4_0000
  return {
    physMask: ONES(width),
    cBit: width < 48 && c.chance(30) ? 1n << 47n : 0n,
    nxe: c.chance(75),
    page1g: c.chance(75),
    gmetCapable: c.chance(30),
    guestPages: ONES(c.pick([24, 28, 36, 40])),
    ranges: [
      { first: 0, last: cut - 1 },
      { first: cut + 5, last: c.within(cut + 5, 150) },
      ...(c.chance(40) ? [{ first: high + c.below(100), last: high + 100 + c.below(60) }] : []),
    ].filter(({ first, last }) => first <= last),
    smram: { first: cut, last: cut + 3 },
    windowWords: c.pick([1, 2, 3, 5000]),
  }
}

/** Ways from the roots down, at most: a table that several entries name counts for each. */
function ways({ spaces, words }: Pick<World, 'spaces' | 'words'>): number {
  const entries = new Map<number, bigint[]>()
  for (const [word, entry] of words) {
    const frame = Number(word / 512n)
    entries.set(frame, [...(entries.get(frame) ?? []), entry])
  }
  const known = new Map<string, number>()
  const below = (frame: number, level: number): number => {
    const key = `${frame}/${level}`
    const already = known.get(key)
    if (already !== undefined) return already
    const sum = (entries.get(frame) ?? []).reduce(
      (n, e) => n + 1 + ((e & P) === 0n || level === 1 ? 0 : below(Number((e >> 12n) & ONES(35)), level - 1)),
      0,
    )
    known.set(key, sum)
    return sum
  }
  return spaces.reduce((n, { root, levels }) => n + below(Number(root), levels), 0)
}
/** Translating page by page takes its time; trees with more ways are no other trees. */
const MOST_WAYS = 1000

function oneWorld(c: Choices): World {
  const b = new Builder(c, machineOf(c))
  const count = c.within(1, 3)
  for (let n = 0; n < count; n++) b.space(c.chance(70) ? 4 : 5)
  const done: string[] = []
  for (let n = c.below(7); n > 0; n--) {
    const name = c.pick(trickNames)
    tricks[name]!(b)
    done.push(name)
  }
  const vmcbs = Array.from({ length: c.below(5) }, () =>
    c.chance(60) ? Number((b.some()[1] >> 12n) & ONES(19)) : c.pick([b.dram(), b.anyTable(), b.machine.smram.first]),
  )
  return { machine: b.machine, spaces: b.spaces, words: b.words, tricks: done, vmcbs }
}

export function attackedWorld(c: Choices): World {
  for (;;) {
    const world = oneWorld(c)
    if (ways(world) <= MOST_WAYS) return world
  }
}

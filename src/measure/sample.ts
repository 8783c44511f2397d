// Sample states: small platforms, a page of text each, that the whole handler runs on. Memory, threads as an SMI finds them, what boot code
// recorded; written with a few words (a machine, what it maps, who is inside), and as plain data once written.
// Leaves out: anything that happens in time. A sample is one moment.

import { byteOffset } from '../x86/area.ts'
import { vmcbControl, vmcbSave } from '../x86/vmcb.ts'
import type { FrameRange } from './boot-state.ts'
import type { HostThread, MeetingHost } from './meeting.ts'

export interface Sample {
  readonly kind: 'sample'
  readonly name: string
  /** What there is to see, in a sentence or two. */
  readonly about: string
  readonly maxphyaddr: number
  /** Frames of DRAM, SMRAM aside: ascending, apart. */
  readonly dram: readonly FrameRange[]
  readonly smram: FrameRange
  /** Words of memory that are not zero, by frame and number in the frame. */
  readonly memory: ReadonlyMap<number, ReadonlyMap<number, bigint>>
  readonly threads: readonly HostThread[]
  readonly boot: NonNullable<MeetingHost['boot']>
  readonly knows: NonNullable<MeetingHost['knows']>
}

export interface Leaf {
  /** 1: 4 KiB, 2: 2 MiB, 3: 1 GiB. */
  readonly level?: 1 | 2 | 3
  readonly write?: boolean
  readonly execute?: boolean
  readonly user?: boolean
}

const P = 1n
const RW = 2n
const US = 4n
const PS = 0x80n
const NX = 1n << 63n
const ADDRESS = ((1n << 52n) - 1n) ^ 0xfffn
const WB_PAT = 0x0007_0406_0007_0406n
/** CR0 with paging on, CR4 with PAE, EFER with LME, LMA, NXE and SVME. */
const LONG_HOST = { hostCr0: 0x8005_0033n, hostCr4: 0x20n, hostEfer: 0x1d01n }
const LA57 = 0x1000n

/** One virtual machine's nested tables. */
export class SampleVm {
  readonly root: number
  readonly levels: 4 | 5
  private readonly platform: SamplePlatform

  constructor(platform: SamplePlatform, levels: 4 | 5) {
    this.platform = platform
    this.levels = levels
    this.root = platform.freeFrame()
  }

  /** Maps a guest page (of the leaf's size) to a frame; tables are made as needed. */
  map(page: number, frame: number, { level = 1, write = true, execute = true, user = true }: Leaf = {}): this {
    const flags = P | (write ? RW : 0n) | (user ? US : 0n) | (execute ? 0n : NX) | (level > 1 ? PS : 0n)
    this.platform.write(this.tableFor(page, level), slotOf(page, level), (BigInt(frame) << 12n) | flags)
    return this
  }

  /** The table of `level` on the way of a guest page. */
  tableFor(page: number, level: number): number {
    let table = this.root
    for (let at = this.levels; at > level; at--) {
      const slot = slotOf(page, at)
      const entry = this.platform.read(table, slot)
      if (entry !== 0n) table = Number((entry & ADDRESS) >> 12n)
      else {
        const next = this.platform.freeFrame()
        this.platform.write(table, slot, (BigInt(next) << 12n) | P | RW | US)
        table = next
      }
    }
    return table
  }
}
const slotOf = (page: number, level: number): number => Math.floor(page / 512 ** (level - 1)) % 512

/** What a sample is written with. Frames from 0x100 on are handed out for tables and control blocks. */
export class SamplePlatform {
  maxphyaddr = 40
  dram: readonly FrameRange[] = [
    { first: 0, last: 0x6ff },
    { first: 0x800, last: 0xfff },
  ]
  smram: FrameRange = { first: 0x700, last: 0x7ff }
  /** SmmLock and INVDWBINVD set, TSeg at the frames of SMRAM, DRAM up to its end. */
  boot: Record<string, bigint> = { HWCR: 0x11n, SMMADDR: 0x70_0000n, SMMMASK: 0xffff_fff0_0003n, TOP_MEM: 0x100_0000n }
  knows: NonNullable<MeetingHost['knows']> = {}
  readonly threads: HostThread[] = []
  readonly memory = new Map<number, Map<number, bigint>>()
  private next: number

  /** @param firstFree where frames for tables and control blocks begin */
  constructor(firstFree = 0x100) {
    this.next = firstFree
  }

  freeFrame(): number {
    return this.next++
  }
  read(frame: number, slot: number): bigint {
    return this.memory.get(frame)?.get(slot) ?? 0n
  }
  /** Writes the 64-bit word `slot` of a frame. */
  write(frame: number, slot: number, value: bigint): void {
    const page = this.memory.get(frame) ?? new Map<number, bigint>()
    this.memory.set(frame, page.set(slot, value))
  }
  vm(levels: 4 | 5 = 4): SampleVm {
    return new SampleVm(this, levels)
  }
  /** A control block that names a machine's root; `at` puts it into a frame of one's own choice. */
  vmcb(vm: SampleVm, { asid = 1, root = vm.root, nested = true, at = this.freeFrame() }: VmcbChoice = {}): number {
    const put = (offset: number, value: bigint): void => this.write(at, offset / 8, value)
    put(0x010, 1n)
    put(byteOffset(vmcbControl.fields.ASID), BigInt(asid))
    put(0x090, nested ? 1n : 0n)
    put(byteOffset(vmcbControl.fields.N_CR3), BigInt(root) << 12n)
    put(byteOffset(vmcbSave.fields.EFER), 0x1000n)
    put(byteOffset(vmcbSave.fields.CR0), 0x10n)
    put(byteOffset(vmcbSave.fields.G_PAT), WB_PAT)
    return at
  }
  /** A thread that the SMI interrupts inside a guest: the save area records its control block and the root it runs on. */
  inside(vmcb: number, vm: SampleVm, { asid = 0 }: { asid?: number } = {}): void {
    if (asid !== 0) this.write(vmcb, byteOffset(vmcbControl.fields.ASID) / 8, BigInt(asid))
    const hostCr4 = LONG_HOST.hostCr4 | (vm.levels === 5 ? LA57 : 0n)
    const saved = { state: 6n, vmcb: BigInt(vmcb) << 12n, ff38: BigInt(vm.root) << 12n, ...LONG_HOST, hostCr4 }
    this.threads.push({ arrives: true, saved })
  }
  /** A thread that the SMI interrupts in the hypervisor. */
  inHost(registers: Readonly<Record<string, bigint>> = {}): void {
    this.threads.push({ arrives: true, registers: { ...this.boot, ...registers } })
  }
  /** A thread that holds SMIs off (GIF is 0), and goes on running. */
  late(): void {
    this.threads.push({ arrives: false })
  }
}
export interface VmcbChoice {
  readonly asid?: number
  readonly root?: number
  readonly nested?: boolean
  readonly at?: number
}

/** A sample state, written by `write` on an empty platform. */
export function sample(name: string, about: string, write: (platform: SamplePlatform) => void): Sample {
  const platform = new SamplePlatform()
  write(platform)
  const { maxphyaddr, dram, smram, memory, threads, boot, knows } = platform
  return { kind: 'sample', name, about, maxphyaddr, dram, smram, memory, threads, boot, knows }
}

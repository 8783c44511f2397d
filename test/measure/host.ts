// A small host made for tests: memory by frame, VMCBs, tables, and the machine file that goes with it.

import { PAGE_BYTES, type PhysicalMemory } from '../../src/executor/image/memory.ts'
import type { Machine, MachineCpu } from '../../src/executor/machine.ts'
import { byteOffset } from '../../src/x86/area.ts'
import { vmcbControl, vmcbSave } from '../../src/x86/vmcb.ts'

/** A 64-bit host with paging on. */
export const HOST_CPU: MachineCpu = { cpu: 0, inGuest: false, cr0: 0x8005_0033, cr3: 0x1000, cr4: 0x20, efer: 0x1d01 }
const GUEST_CPU = { inGuest: true, cr0: 0x11, cr3: 0, cr4: 0, efer: 0x1000 }

export class Host {
  private readonly pages = new Map<number, DataView>()
  dram: Machine['dram'] = [{ start: 0, end: 0x1000_0000 }]
  maxphyaddr = 40
  cpus: readonly MachineCpu[] = [HOST_CPU]
  saveStates: Machine['saveStates'] = []
  hostLa57: boolean | undefined = undefined
  threads: number | undefined = undefined

  page(frame: number): DataView {
    const page = this.pages.get(frame) ?? new DataView(new ArrayBuffer(PAGE_BYTES))
    this.pages.set(frame, page)
    return page
  }
  entry(frame: number, index: number, value: bigint): void {
    this.page(frame).setBigUint64(index * 8, value, true)
  }
  /** A page that the finder takes for a VMCB. */
  vmcb(frame: number, { asid = 1, root = 0n, nested = 1n }: { asid?: number; root?: bigint; nested?: bigint } = {}): void {
    const page = this.page(frame)
    page.setUint8(0x10, 1)
    page.setUint32(byteOffset(vmcbControl.fields.ASID), asid, true)
    page.setBigUint64(0x90, nested, true)
    page.setBigUint64(byteOffset(vmcbControl.fields.N_CR3), root, true)
    page.setBigUint64(byteOffset(vmcbSave.fields.EFER), 0x1000n, true)
    page.setBigUint64(byteOffset(vmcbSave.fields.CR0), 0x10n, true)
  }
  /** The CPU is inside a guest; its host save area holds the host's registers. */
  enter(cpu: number, vmcb: number, nestedCr3: number | undefined, host: { cr4?: bigint; saved?: boolean } = {}): void {
    const hsave = 0x400 + cpu
    if (host.saved !== false) {
      const page = this.page(hsave)
      page.setBigUint64(byteOffset(vmcbSave.fields.EFER), 0x1d01n, true)
      page.setBigUint64(byteOffset(vmcbSave.fields.CR0), 0x8005_0033n, true)
      page.setBigUint64(byteOffset(vmcbSave.fields.CR4), host.cr4 ?? 0x20n, true)
    }
    const mine = { ...GUEST_CPU, cpu, vmHsavePa: hsave * PAGE_BYTES }
    this.cpus = [...this.cpus.filter((c) => c.cpu !== cpu), mine]
    this.saveStates = [...this.saveStates, { cpu, vmcb, ...(nestedCr3 === undefined ? {} : { nestedCr3 }) }]
  }
  machine(): Machine {
    const { dram, maxphyaddr, cpus, saveStates, hostLa57 } = this
    const threads = this.threads ?? cpus.length
    return { threads, maxphyaddr, dram, cpus, saveStates, ...(hostLa57 === undefined ? {} : { hostLa57 }) }
  }
  memory(): PhysicalMemory {
    const { pages } = this
    const frames = [...pages.keys()].sort((a, b) => a - b)
    return {
      format: 'raw',
      ranges: frames.map((frame) => ({ start: frame * PAGE_BYTES, end: (frame + 1) * PAGE_BYTES })),
      read64: (pa) => pages.get(Math.floor(pa / PAGE_BYTES))?.getBigUint64(pa % PAGE_BYTES, true),
      page: (frame) => pages.get(frame),
      copy: (frame, into) => {
        const page = pages.get(frame)
        if (page !== undefined) into.set(new Uint8Array(page.buffer))
        return page === undefined ? 0 : 1
      },
      frames: () => frames,
      close: () => undefined,
    }
  }
}

// VMCBs in an image: pages that the handler's search lists, those that save states name, those that the operator names; and
// what is read from them. By shape alone nothing is known to run.

import type { PhysicalMemory } from '../executor/image/memory.ts'
import type { Machine } from '../executor/machine.ts'
import { byteOffset } from '../x86/area.ts'
import { vmcbControl, vmcbNestedControl } from '../x86/vmcb.ts'
import type { BootState } from './boot-state.ts'
import type { MeasureFault } from './fault.ts'

const FRAME_BYTES = 4096
const NESTED_CONTROL = 0x090

export interface Vmcb {
  readonly address: number
  readonly asid: number
  readonly nestedPaging: boolean
  readonly gmet: boolean
  /** Address of the root table that it names; its low twelve bits are no part of it. */
  readonly root: number
}

/** The candidates of a search, as far as the image has them. */
export const vmcbsAt = (memory: PhysicalMemory, frames: readonly number[]): readonly Vmcb[] =>
  frames.flatMap((frame) => readVmcb(memory, frame * FRAME_BYTES) ?? [])

/** The VMCBs that the operator names, instead of a scan. */
export function namedVmcbs(
  memory: PhysicalMemory,
  boot: BootState,
  addresses: readonly number[],
): readonly Vmcb[] | MeasureFault {
  const { maxphyaddr } = boot
  const out = new Map<number, Vmcb>()
  for (const address of addresses) {
    if (address % FRAME_BYTES !== 0) return { kind: 'vmcb-misaligned', address, maxphyaddr }
    if (address >= 2 ** maxphyaddr) return { kind: 'vmcb-too-wide', address, maxphyaddr }
    const vmcb = readVmcb(memory, address)
    if (vmcb === undefined) return { kind: 'vmcb-absent', address, maxphyaddr }
    if (vmcb.nestedPaging && vmcb.root >= 2 ** maxphyaddr)
      return { kind: 'vmcb-bad-root', address, root: BigInt(vmcb.root), maxphyaddr }
    out.set(address, vmcb)
  }
  return [...out.values()].sort((a, b) => a.address - b.address)
}

/** Those that save states name, as far as the image has them, beside the others. */
export function withCurrent(vmcbs: readonly Vmcb[], machine: Machine, memory: PhysicalMemory): readonly Vmcb[] {
  const out = new Map(vmcbs.map((vmcb) => [vmcb.address, vmcb]))
  for (const { vmcb: address } of machine.saveStates) {
    const vmcb = out.get(address) ?? readVmcb(memory, address)
    if (vmcb !== undefined) out.set(address, vmcb)
  }
  return [...out.values()].sort((a, b) => a.address - b.address)
}

/** The fields of a VMCB, or undefined where the image lacks one. */
export function readVmcb(memory: PhysicalMemory, address: number): Vmcb | undefined {
  const word = (offset: number): bigint | undefined => memory.read64(address + offset)
  const asid = word(byteOffset(vmcbControl.fields.ASID))
  const control = word(NESTED_CONTROL)
  const root = word(byteOffset(vmcbControl.fields.N_CR3))
  if (asid === undefined || control === undefined || root === undefined) return undefined
  const { NP_ENABLE, GMET_ENABLE } = vmcbNestedControl.decode(control)
  return {
    address,
    asid: Number(BigInt.asUintN(32, asid)),
    nestedPaging: NP_ENABLE === 1n,
    gmet: GMET_ENABLE === 1n,
    // More than 53 bits are beyond any physical address whatever the low ones are.
    root: Number(root & ~0xfffn),
  }
}

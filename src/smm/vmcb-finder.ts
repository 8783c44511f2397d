// A heuristic that finds VMCBs in memory by their shape: what VMRUN checks before it starts a guest (APM 15.5.1), as far as one
// page tells. What it finds are candidates, never evidence of what runs.
// Covers: EFER, CR0, CR4, DR6 and DR7 as VMRUN wants them, the VMRUN intercept, permission maps and nested CR3 within MAXPHYADDR.
// Leaves out: ASID and event injection, since a VMCB made but never run has ASID 0 and is to be found too. A host save area (VM_HSAVE_PA) looks alike
//   in its second half only: its intercepts are zero.

import { named, procedure } from '../model/builder.ts'
import type { Bool, Bv } from '../model/term.ts'
import { and, bool, bv, or, u64 } from '../model/term.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { byteOffset } from '../x86/area.ts'
import { vmcbControl, vmcbNestedControl, vmcbSave } from '../x86/vmcb.ts'
import { memory, plainFrame, rangeHolds } from './boot-map.ts'
import { config, FRAME, RANGE } from './cells.ts'

const EFER = { LME: 8, SVME: 12 } as const
/** SCE, LME, LMA, NXE, SVME, LMSLE, FFXSR, TCE, MCOMMIT, INTWB, UAIE, AIBRSE (APM 3.1.7). */
const EFER_DEFINED = [0, 8, 10, 11, 12, 13, 14, 15, 17, 18, 20, 21].reduce((mask, n) => mask | (1n << BigInt(n)), 0n)
const CR0 = { PE: 0, NW: 29, CD: 30, PG: 31 } as const
const CR4_PAE = 5
/** The word of the VMCB that holds both fields of intercepts 010h and 014h. */
const MISCELLANEOUS_INTERCEPTS = 0x010
const NESTED_CONTROL = 0x090

const upperHalfIsZero = (register: Bv): Bool => register.bits(63, 32).isZero()
/** A page address, its low twelve bits aside, that the processor can put on the bus. */
const addressable = (address: Bv): Bool => {
  const possible = config.physMask.now.bitor(config.cBit.now)
  return address
    .bits(63, 52)
    .isZero()
    .and(address.bits(51, 12).bitand(possible.bits(51, 12).bitnot()).isZero())
}

/** Decides whether a page of boot DRAM has the shape of a VMCB; `range` is the range of the boot map that holds it. */
export const classifyVmcbPage = procedure('classifyVmcbPage', {
  params: { frame: bvSort(FRAME), range: bvSort(RANGE) },
  results: { found: boolSort },
  memory,
  modifies: [],
  requires: ({ frame, range }) => named({ 'range holds the page': rangeHolds(range, plainFrame(frame), plainFrame(frame)) }),
  ensures: () => [],
  body: (b, { frame, range }, { found }) => {
    b.set(found, bool(false))
    const read = (name: string, offset: number) => b.read(name, frame.concat(bv(9, offset / 8)), range)
    const intercepts = read('intercepts', MISCELLANEOUS_INTERCEPTS)
    const vmrun = vmcbControl.fields.INTERCEPT_VMRUN.low - 8 * MISCELLANEOUS_INTERCEPTS
    b.when(intercepts.bit(vmrun).not(), () => b.return())
    const efer = read('efer', byteOffset(vmcbSave.fields.EFER))
    b.when(or(efer.bit(EFER.SVME).not(), efer.bitand(u64(EFER_DEFINED).bitnot()).isZero().not()), () => b.return())
    const cr0 = read('cr0', byteOffset(vmcbSave.fields.CR0))
    const cr4 = read('cr4', byteOffset(vmcbSave.fields.CR4))
    const dr6 = read('dr6', byteOffset(vmcbSave.fields.DR6))
    const dr7 = read('dr7', byteOffset(vmcbSave.fields.DR7))
    const longMode = and(efer.bit(EFER.LME), cr0.bit(CR0.PG))
    const registers = and(
      upperHalfIsZero(cr0),
      upperHalfIsZero(cr4),
      upperHalfIsZero(dr6),
      upperHalfIsZero(dr7),
      or(cr0.bit(CR0.CD), cr0.bit(CR0.NW).not()),
      longMode.implies(and(cr0.bit(CR0.PE), cr4.bit(CR4_PAE))),
    )
    b.when(registers.not(), () => b.return())
    const ioMap = read('ioMap', byteOffset(vmcbControl.fields.IOPM_BASE_PA))
    const msrMap = read('msrMap', byteOffset(vmcbControl.fields.MSRPM_BASE_PA))
    const nested = read('nested', NESTED_CONTROL)
    const root = read('root', byteOffset(vmcbControl.fields.N_CR3))
    const { NP_ENABLE } = vmcbNestedControl.of(nested)
    b.set(found, and(addressable(ioMap), addressable(msrMap), NP_ENABLE.implies(addressable(root))))
  },
})

// What of the composed system is neither platform nor SMRAM: ghosts that say what a measurement rests on, who may act as the
// handler, and what a step reads.

import { domain, state, type Table } from '../model/system.ts'
import { and, type Bool, bv, type Bv, or } from '../model/term.ts'
import { genuine } from '../x86/boot.ts'
import { runsHandler } from '../x86/modes.ts'
import { WORD_BITS, wordAt } from '../x86/physical.ts'
import * as r from '../x86/registers.ts'
import { type SaveStateField, saveStateOffset } from '../x86/savestate.ts'
import { deceived, derailed, ready } from '../x86/smm.ts'
import { coreOf } from '../x86/topology.ts'
import { aboveSmBase } from '../x86/tseg.ts'
import { FIXED_MTRRS, handler, perThread, type SavedWord } from './thread-cells.ts'

/** A word of memory in a picture of it: of a kind of its own, since nothing that is known of words of memory is of use for it. */
export const picturedWord = domain('word of the picture', WORD_BITS)
/** Ghost: memory as it was when the measurement began. */
export const snap = state.per(picturedWord).bits('snapshot', 64)
/** Ghost: a read of the handler has returned something else than that. */
export const misread = state.flag('handler misread')

/** What runs in SMM on this thread may be anything. */
export const misled = (t: Bv<string>): Bool => or(derailed.at(t), deceived.at(t), genuine.now.not())
export const arrived = (t: Bv<string>): Bool => perThread.arrived.now.has(t)
/** The thread runs the handler, past its entry check. */
export const inHandler = (t: Bv<string>): Bool => and(runsHandler(t), ready(t))
/** ... and takes the steps that only one takes. */
export const leads = (t: Bv<string>): Bool => and(inHandler(t), arrived(t), handler.leader.now.eq(t.as()))

const fields: Readonly<Record<SavedWord, SaveStateField>> = {
  state: 'SVM_STATE',
  vmcb: 'SVM_GUEST_VMCB_PA',
  hostEfer: 'SVM_HOST_EFER',
  hostCr4: 'SVM_HOST_CR4',
  ff38: 'SVM_FF38',
  hostCr0: 'SVM_HOST_CR0',
}
export const savedOffset = (name: SavedWord): number => saveStateOffset(fields[name])
/** The word of the thread's save area that the handler keeps under this name. */
export const savedWordAt = (t: Bv<string>, name: SavedWord): Bv =>
  wordAt(aboveSmBase(r.smBase.at(t), savedOffset(name))).as<'bits'>()

const perCore: Readonly<Record<string, Table<Bv>>> = {
  HWCR: r.hwcr,
  SMMADDR: r.smmAddr,
  SMMMASK: r.smmMask,
  TOP_MEM: r.topMem,
  TOM2: r.tom2,
  SYSCFG: r.sysCfg,
  IORRBase0: r.iorrBase0,
  IORRMask0: r.iorrMask0,
  IORRBase1: r.iorrBase1,
  IORRMask1: r.iorrMask1,
  MMIO_CFG_BASE: r.mmioCfgBase,
}
/** What RDMSR gives the thread. The types in fixed-range registers are left out of the model, and read as zero. */
export function registerOf(t: Bv<string>, name: string): Bv {
  if (name === 'APIC_BASE') return r.apicBase.at(t)
  const table = perCore[name]
  if (table !== undefined) return table.at(coreOf(t))
  const first = 8 * FIXED_MTRRS.indexOf(name)
  const bytes = [7, 6, 5, 4, 3, 2, 1, 0].map((n) => {
    const at = r.rangeOf(coreOf(t), bv(7, first + n))
    return bv(3, 0).concat(r.readDram.at(at).bit(), r.writeDram.at(at).bit(), bv(3, 0))
  })
  return bytes[0]!.concat(...bytes.slice(1))
}

// Model-specific registers that decide what SMM is protected by and where an address goes: per core (SMT siblings share
// them) or per thread.
//
// Covers: HWCR, SMM_BASE, SMMADDR, SMMMASK, SMM_KEY, SMM_CTL's effect, TOP_MEM, TOM2, SYSCFG, IORRs, fixed MTRRs' RdMem/WrMem,
//   APIC_BASE, MMIO_CFG_BASE, VM_CR, SVM_KEY, VM_HSAVE_PA, the I/O-trap enable. What firmware leaves in them is in boot.ts, what WRMSR
//   does to them in msr.ts.
// Leaves out: memory types, variable MTRRs (they decide caching, not where an address goes).
// Manual: APM volume 2, 7.9 (routing), 10.2.5 (SMMADDR, SMMMASK), 15.30 (VM_CR, SMM_CTL, VM_HSAVE_PA), 15.32 (HWCR, SMM_KEY).

import { flag, layout } from '../model/layout.ts'
import { domain, state } from '../model/system.ts'
import type { Bv } from '../model/term.ts'
import { core, thread } from './topology.ts'

export const hwcrLayout = layout('HWCR', 64, {
  SmmLock: flag(0, 'APM 15.32.1'),
  INVDWBINVD: flag(4, 'PPR HWCR'),
  SmmBaseLock: flag(31, 'PPR HWCR'),
  SmmPgCfgLock: flag(33, 'APM 10.3.9'),
})
export const vmCrLayout = layout('VM_CR', 64, {
  DPD: flag(0, 'APM 15.30.1'),
  R_INIT: flag(1, 'APM 15.30.1'),
  DIS_A20M: flag(2, 'APM 15.30.1'),
  LOCK: flag(3, 'APM 15.30.1'),
  SVMDIS: flag(4, 'APM 15.30.1'),
})
export const smmCtlLayout = layout('SMM_CTL', 64, {
  DISMISS: flag(0, 'APM 15.30.3'),
  ENTER: flag(1, 'APM 15.30.3'),
  SMI_CYCLE: flag(2, 'APM 15.30.3'),
  EXIT: flag(3, 'APM 15.30.3'),
  RSM_CYCLE: flag(4, 'APM 15.30.3'),
})

export const hwcr = state.per(core).bits('HWCR', 64)
export const smmAddr = state.per(core).bits('SMMADDR', 64)
export const smmMask = state.per(core).bits('SMMMASK', 64)
export const smmKey = state.per(core).bits('SMM_KEY', 64)
export const topMem = state.per(core).bits('TOP_MEM', 64)
export const tom2 = state.per(core).bits('TOM2', 64)
export const sysCfg = state.per(core).bits('SYSCFG', 64)
export const iorrBase0 = state.per(core).bits('IORRBase0', 64)
export const iorrMask0 = state.per(core).bits('IORRMask0', 64)
export const iorrBase1 = state.per(core).bits('IORRBase1', 64)
export const iorrMask1 = state.per(core).bits('IORRMask1', 64)
export const mmioCfgBase = state.per(core).bits('MMIO_CFG_BASE', 64)
export const vmCr = state.per(core).bits('VM_CR', 64)
export const svmKey = state.per(core).bits('SVM_KEY', 64)
/** A range of the fixed MTRRs of a core: 0-7 of 64 KiB, 8-23 of 16 KiB, 24-87 of 4 KiB (APM 7.7.2). */
export const fixedRange = domain('fixed range', 39)
export const rangeOf = (c: Bv<string>, range: Bv<string>): Bv => c.concat(range)
/** RdMem and WrMem (bits 4 and 3) of each fixed range: 1 for DRAM, 0 for MMIO (APM 7.9.1). */
export const readDram = state.per(fixedRange).flag('RdMem')
export const writeDram = state.per(fixedRange).flag('WrMem')

export const smBase = state.per(thread).bits('SMM_BASE', 32)
export const apicBase = state.per(thread).bits('APIC_BASE', 64)
export const hsavePa = state.per(thread).bits('VM_HSAVE_PA', 64)
/** An access of this thread to a port (C001_0050 to 0054) raises an internal SMI. */
export const ioTrap = state.per(thread).flag('I/O trap SMI enabled')
/** SMM_CTL.ENTER without an SMI: the thread sees SMRAM as SMM does. */
export const smmMapped = state.per(thread).flag('SMM mapping entered')

export const registerVariables = [
  ...[hwcr, smmAddr, smmMask, smmKey, topMem, tom2, sysCfg, iorrBase0, iorrMask0, iorrBase1, iorrMask1, mmioCfgBase],
  ...[vmCr, svmKey, readDram, writeDram, smBase, apicBase, hsavePa, ioTrap, smmMapped],
] as const

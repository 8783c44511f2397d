// SMM entry: the registers that the handler starts with, where its code and save area lie, and what the save area says of SVM.
//
// Covers: values at SMI entry, the addresses that follow from SMBASE, the SVM fields of the save area.
// Leaves out: whether the SMI is taken (smi.ts), where the addresses lead (routing.ts), the general registers' fields (they hold
//   what was interrupted: the guest's in guest mode, 15.22.3), flushes (tlb.ts).
// Manual: APM volume 2, 10.2.1-10.2.3 (SMBASE, area), table 10-1 (fields), table 10-3 (registers), 10.3.2 (addressing).
// Liberties: linear addresses are 32 bits wide at entry, so what lies above SMBASE wraps there, the save area too. The IDT limit of
//   zero is not in the manual's table. FED8h bits 2:0 follow processor documents; which guests the host fields are recorded for,
//   and what FF38h is, are parameters.

import { and, type Bool, bv, type Bv, ite } from '../model/term.ts'
import type { HostAddress } from './address.ts'
import { SAVE_AREA, type SaveStateField, saveStateOffset } from './savestate.ts'

export const HANDLER_OFFSET = 0x8000

export interface SmmEntry {
  /** 64 bits each. */
  readonly rip: Bv
  readonly rflags: Bv
  readonly cr0: Bv
  readonly cr4: Bv
  readonly efer: Bv
  readonly dr7: Bv
  /** 16 bits: SMBASE[19:4]. */
  readonly csSelector: Bv
  /** 64 bits: SMBASE. */
  readonly csBase: Bv
  /** DS, ES, FS, GS and SS alike: 16 bits, 64 bits. */
  readonly dataSelector: Bv
  readonly dataBase: Bv
  /** 32 bits, of all six segments. */
  readonly limit: Bv
  readonly idtLimit: Bv
}

/** PE, EM, TS and PG are cleared; CD, NW, WP and the rest stay. */
const CLEARED_CR0 = 0x8000_000dn

/** APM table 10-3. `smbase` has 32 bits, `cr0` 64. */
export const smmEntry = (smbase: Bv, cr0: Bv): SmmEntry => ({
  rip: bv(64, HANDLER_OFFSET),
  rflags: bv(64, 2),
  cr0: cr0.bitand(bv(64, 0xffff_ffff_ffff_ffffn ^ CLEARED_CR0)),
  cr4: bv(64, 0),
  efer: bv(64, 0),
  dr7: bv(64, 0x400),
  csSelector: smbase.bits(19, 4),
  csBase: smbase.zext(64),
  dataSelector: bv(16, 0),
  dataBase: bv(64, 0),
  limit: bv(32, 0xffff_ffff),
  idtLimit: bv(16, 0),
})

const aboveSmbase = (smbase: Bv, offset: number): HostAddress => smbase.plus(offset).zext(52).as<'host address'>()
/** The first instruction's address; physical, because paging is off. */
export const handlerAddress = (smbase: Bv): HostAddress => aboveSmbase(smbase, HANDLER_OFFSET)
export const saveAreaAddress = (smbase: Bv): HostAddress => aboveSmbase(smbase, SAVE_AREA)
export const saveFieldAddress = (smbase: Bv, field: SaveStateField): HostAddress => aboveSmbase(smbase, saveStateOffset(field))

/** What the interrupted thread knows of its guest and host. 64 bits where nothing else is said. */
export interface SvmAtSmi {
  readonly guest: Bool
  readonly nestedPaging: Bool
  readonly snp: Bool
  /** The host's RFLAGS.IF. */
  readonly hostIf: Bool
  readonly vmcb: Bv
  readonly virtualInterrupt: Bv
  readonly gPat: Bv
  readonly hostEfer: Bv
  readonly hostCr4: Bv
  readonly hostCr3: Bv
  readonly hostCr0: Bv
  readonly nCR3: Bv
}

export interface SaveStateParameters {
  /** P_FF38: FF38h is the nCR3 in use; else the host's own CR3. */
  readonly ff38IsNestedCr3: Bool
  /** P_FF38_WHEN: state 6 and FF20h-FF40h are for every guest with nested paging; else for SNP guests only. */
  readonly recordsNested: Bool
}

/** `SVM_STATE` has 3 bits and `SVM_HOST_IF` one, the others 64. */
export type SvmSaveField = Extract<SaveStateField, `SVM_${string}`>

/** The SVM fields as hardware writes them; what is not recorded is `undocumented`, by field. */
export function svmSaveFields(
  at: SvmAtSmi,
  parameters: SaveStateParameters,
  undocumented: (field: SvmSaveField) => Bv,
): Readonly<Record<SvmSaveField, Bv>> {
  const full = and(at.guest, ite(parameters.recordsNested, at.nestedPaging, at.snp))
  const whenGuest = (field: SvmSaveField, value: Bv) => ite(at.guest, value, undocumented(field))
  const whenFull = (field: SvmSaveField, value: Bv) => ite(full, value, undocumented(field))
  return {
    SVM_STATE: ite(full, bv(3, 6), ite(at.guest, bv(3, 2), bv(3, 0))),
    SVM_HOST_IF: at.hostIf.bit(),
    SVM_GUEST_VMCB_PA: whenGuest('SVM_GUEST_VMCB_PA', at.vmcb),
    SVM_GUEST_VIRTUAL_INTERRUPT: whenGuest('SVM_GUEST_VIRTUAL_INTERRUPT', at.virtualInterrupt),
    SVM_GUEST_PAT: whenFull('SVM_GUEST_PAT', at.gPat),
    SVM_HOST_EFER: whenFull('SVM_HOST_EFER', at.hostEfer),
    SVM_HOST_CR4: whenFull('SVM_HOST_CR4', at.hostCr4),
    SVM_FF38: whenFull('SVM_FF38', ite(parameters.ff38IsNestedCr3, at.nCR3, at.hostCr3)),
    SVM_HOST_CR0: whenFull('SVM_HOST_CR0', at.hostCr0),
  }
}

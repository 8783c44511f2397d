// The SMM state-save area: 512 bytes at SMBASE+FE00h, written when an SMI is taken and read back by RSM.
//
// Covers: the AMD64 layout with its SVM fields; what the guest-mode indication says.
// Leaves out: what RSM checks and normalises, the legacy 32-bit layout, where the area lies (SMBASE), which fields are
//   meaningful for which guest (parameters P_FF38 and P_FF38_WHEN).
// Manual: APM volume 2, table 10-1 (layout), 10.2.4 (revision), 10.3.7-10.3.8 (restart), 15.32.
// Liberties: FED8h is read as a state in bits 2:0 and the host's RFLAGS.IF in bit 3, as processor documents have it; the manual
//   names the field only. FF38h is "host CR3" in the manual and the nested CR3 elsewhere; the name here takes no side.

import type { Bool, Bv } from '../model/term.ts'
import { layout } from '../model/layout.ts'
import { bitAt, bitsAt, byteOffset, bytesAt } from './area.ts'

/** Offset of the area from SMBASE. */
export const SAVE_AREA = 0xfe00
export const SAVE_AREA_BYTES = 0x200

const REF = 'APM table 10-1'
const at = (offset: number, count: number) => bytesAt(offset - SAVE_AREA, count, REF)
const quad = (offset: number) => at(offset, 8)
const segment = <const N extends string>(name: N, offset: number) =>
  ({
    [`${name}_SELECTOR`]: at(offset, 2),
    [`${name}_ATTRIB`]: at(offset + 2, 2),
    [`${name}_LIMIT`]: at(offset + 4, 4),
    [`${name}_BASE`]: at(offset + 8, 8),
  }) as { readonly [K in `${N}_${'SELECTOR' | 'ATTRIB' | 'LIMIT' | 'BASE'}`]: ReturnType<typeof bytesAt> }

export const saveState = layout('SMM save state', SAVE_AREA_BYTES * 8, {
  ...segment('ES', 0xfe00),
  ...segment('CS', 0xfe10),
  ...segment('SS', 0xfe20),
  ...segment('DS', 0xfe30),
  ...segment('FS', 0xfe40),
  ...segment('GS', 0xfe50),
  GDTR_LIMIT: at(0xfe64, 2),
  GDTR_BASE: quad(0xfe68),
  ...segment('LDTR', 0xfe70),
  IDTR_LIMIT: at(0xfe84, 2),
  IDTR_BASE: quad(0xfe88),
  ...segment('TR', 0xfe90),
  IO_RESTART_RIP: quad(0xfea0),
  IO_RESTART_RCX: quad(0xfea8),
  IO_RESTART_RSI: quad(0xfeb0),
  IO_RESTART_RDI: quad(0xfeb8),
  IO_RESTART_DWORD: at(0xfec0, 4),
  LOCAL_SMI_STATUS: at(0xfec4, 4),
  IO_RESTART: at(0xfec8, 1),
  AUTO_HALT_RESTART: at(0xfec9, 1),
  NMI_MASK: at(0xfeca, 1),
  CPL: at(0xfecb, 1),
  EFER: quad(0xfed0),
  /** 0 not in a guest; 2 and 6 in a guest (6: with SNP, or with nested paging). */
  SVM_STATE: bitsAt(0xfed8 - SAVE_AREA, 2, 0, REF),
  SVM_HOST_IF: bitAt(0xfed8 - SAVE_AREA, 3, REF),
  SVM_GUEST_VMCB_PA: quad(0xfee0),
  SVM_GUEST_VIRTUAL_INTERRUPT: quad(0xfee8),
  REVISION: at(0xfefc, 4),
  SMBASE: at(0xff00, 4),
  SSP: quad(0xff18),
  SVM_GUEST_PAT: quad(0xff20),
  SVM_HOST_EFER: quad(0xff28),
  SVM_HOST_CR4: quad(0xff30),
  SVM_FF38: quad(0xff38),
  SVM_HOST_CR0: quad(0xff40),
  CR4: quad(0xff48),
  /** In guest mode the guest's CR3, a guest-physical address; never the root of the nested tables. */
  CR3: quad(0xff50),
  CR0: quad(0xff58),
  DR7: quad(0xff60),
  DR6: quad(0xff68),
  RFLAGS: quad(0xff70),
  RIP: quad(0xff78),
  R15: quad(0xff80),
  R14: quad(0xff88),
  R13: quad(0xff90),
  R12: quad(0xff98),
  R11: quad(0xffa0),
  R10: quad(0xffa8),
  R9: quad(0xffb0),
  R8: quad(0xffb8),
  RDI: quad(0xffc0),
  RSI: quad(0xffc8),
  RBP: quad(0xffd0),
  RSP: quad(0xffd8),
  RBX: quad(0xffe0),
  RDX: quad(0xffe8),
  RCX: quad(0xfff0),
  RAX: quad(0xfff8),
})

export type SaveStateField = keyof typeof saveState.fields & string
/** A field's offset from SMBASE. */
export const saveStateOffset = (field: SaveStateField): number => SAVE_AREA + byteOffset(saveState.fields[field])

/** The SMI interrupted a guest: bits 2:0 of FED8h are not zero (bit 3 may be set in host mode too). */
export const tookGuest = (fed8: Bv<string>): Bool => fed8.bits(2, 0).ne(0)
/** The state that records nested paging for this guest on processors that tell it (P_FF38_WHEN): FED8h bits 2:0 = 6. */
export const tookNestedGuest = (fed8: Bv<string>): Bool => fed8.bits(2, 0).eq(6)

// SMI acceptance: what becomes of an SMI that reaches one thread, as a total function of that thread's state.
//
// Covers: GIF, guest mode, the SMI intercept and what SmmLock does to it, SMM, wait-for-SIPI; EXITINFO1 of #VMEXIT(SMI).
// Leaves out: which threads an SMI reaches, the latch in SMM (smm.ts), priority against other events, SMM_CTL, STGI while an
//   I/O-caused SMI is pending (undefined, 15.22.3).
// Manual: APM volume 2, 10.3.3 (SMM), 15.13.3, 15.17 and table 15-14 (GIF, intercept), 15.22.2, 15.32.1 (SmmLock).
// Liberties: GIF means nothing while in SMM. A thread that waits for SIPI holds an SMI like one with GIF=0; it executes nothing, so
//   it has no internal SMI of its own, and one that is asked about is lost.

import { and, type Bool } from '../model/term.ts'
import { bits, flag, layout } from '../model/layout.ts'

export interface SmiTarget {
  /** HWCR.SmmLock of the core. */
  readonly smmLock: Bool
  readonly gif: Bool
  readonly guest: Bool
  /** VMCB 00Ch bit 2 of the running guest. */
  readonly intercept: Bool
  readonly inSmm: Bool
  /** Wait-for-SIPI. */
  readonly parked: Bool
  /** From outside the core; an internal SMI is one that the thread's own I/O or configuration access caused. */
  readonly external: Bool
}

/** Exactly one holds. */
export interface SmiFate {
  /** Discarded. */
  readonly lost: Bool
  /** Held until GIF=1, or until the thread leaves wait-for-SIPI. */
  readonly pending: Bool
  /** #VMEXIT(SMI), code 62h; nothing is pending afterwards. */
  readonly vmexit: Bool
  /** #VMEXIT(SMI) with the SMI still pending: taken in the host once GIF=1. */
  readonly vmexitStillPending: Bool
  /** SMM, with the guest in the save area. */
  readonly takenInGuest: Bool
  /** SMM, with the host in the save area. */
  readonly takenInHost: Bool
  /** Remembered until RSM. */
  readonly latched: Bool
}

export function smiFate(at: SmiTarget): SmiFate {
  const outside = at.inSmm.not()
  const accepts = and(outside, at.gif, at.parked.not())
  const holds = and(outside, accepts.not())
  // SmmLock disables the intercept (15.32.1).
  const exits = and(accepts, at.guest, at.intercept, at.smmLock.not())
  return {
    lost: and(holds, at.external.not()),
    pending: and(holds, at.external),
    vmexit: and(exits, at.external.not()),
    vmexitStillPending: and(exits, at.external),
    takenInGuest: and(accepts, at.guest, exits.not()),
    takenInHost: and(accepts, at.guest.not()),
    latched: at.inSmm,
  }
}

const REF = 'APM figure 15-3'
/** EXITINFO1 of #VMEXIT(SMI). EXITINFO2 is the rIP of the I/O instruction when VALID is set. */
export const smiExitInfo1 = layout('EXITINFO1', 64, {
  /** 0 internal, 1 external. */
  SMISRC: flag(0, REF),
  MCREDIR: flag(1, REF),
  SEGMENT: bits(12, 10, REF),
  /** 1 IN, 0 OUT. */
  TYPE: flag(32, REF),
  VALID: flag(33, REF),
  STR: flag(34, REF),
  REP: flag(35, REF),
  SIZE: bits(38, 36, REF),
  ADDRESS_SIZE: bits(41, 39, REF),
  TF: flag(43, REF),
  BREAKPOINTS: bits(47, 44, REF),
  PORT: bits(63, 48, REF),
})

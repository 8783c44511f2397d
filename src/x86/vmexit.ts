// #VMEXIT: what changes when a guest's thread returns to the host.
//
// Covers: GIF, guest mode, host control registers, the exit code and the write-back to the VMCB in memory.
// Leaves out: general registers and segments (the host's are the adversary's own), exits that the model has no cause for, nRIP and
//   the instruction's bytes (0C8h-0DFh: the host may write there itself, by the same route).
// Manual: APM volume 2, 15.6 (#VMEXIT), 15.25.3-15.25.4 (nCR3 is not written back), appendix C (exit codes).
// Liberties: the write-back is of any words of the state-save area, with any values: a superset of what a processor writes.

import type { Effect } from '../model/system.ts'
import { type Arr, bool, type Bv, bv, ite } from '../model/term.ts'
import { type Requester, storePage } from './dram.ts'
import { cr0, cr3, cr4, efer, gif, guest } from './modes.ts'
import { frameOfAddress } from './physical.ts'
import { hostCr0, hostCr3, hostCr4, hostEfer, vmcbPa } from './svm-state.ts'

export const outside = (t: Bv<string>): Requester => ({ thread: t, smm: bool(false) })

/** Words 0Ch to 11h: 060h-068h (virtual interrupts), 070h-088h (exit code and information). */
const EXIT_FIRST = 0x60 / 8
const EXIT_WORDS = 6
const SAVE_FIRST = 0x400 / 8
const SAVE_WORDS = 0x300 / 8

/** @param context words of the state-save area that are written back, by number. */
export function exitEffects(t: Bv<string>, code: Bv, context: Arr): Effect[] {
  return [
    gif.set(t, bool(false)),
    guest.set(t, bool(false)),
    // CR0.PE is set whatever the saved value says (APM 15.6).
    cr0.set(t, hostCr0.at(t).bitor(1)),
    cr3.set(t, hostCr3.at(t)),
    cr4.set(t, hostCr4.at(t)),
    efer.set(t, hostEfer.at(t)),
    ...writeBack(t, code, context),
  ]
}

/** The exit code, its information and the guest's state, in memory. */
const writeBack = (t: Bv<string>, code: Bv, context: Arr): Effect[] => [
  ...exitInformation(t, vmcbPa.at(t), code, context),
  ...storePage(outside(t), frameOfAddress(vmcbPa.at(t)), SAVE_FIRST, SAVE_WORDS, (n) => context.at(n.plus(SAVE_FIRST))),
]

/** The exit code and its information go to the VMCB at this address. */
export const exitInformation = (t: Bv<string>, vmcb: Bv, code: Bv, context: Arr): Effect[] =>
  storePage(outside(t), frameOfAddress(vmcb), EXIT_FIRST, EXIT_WORDS, (n) => ite(n.eq(2), code, context.at(n)))

export const exitCode = (code: bigint): Bv => bv(64, code)

// The modes of a thread: its control registers, whether it is in SMM, in a guest, waiting or shut down, and who it executes for.
//
// Covers: CR0, CR3, CR4, EFER; SMM; guest mode; wait-for-SIPI; shutdown; GIF. Which software a thread runs now.
// Leaves out: general registers, segments, CPL (the hypervisor is at CPL 0; what a guest does, its kernel might do), interrupts.
// Manual: APM volume 2, 1.3 and 3.1 (modes, control registers), 10.3 (SMM), 15.17 (GIF), 14.1.3 (INIT, wait-for-SIPI).
// Liberties: while a thread is in SMM its guest flag says what the SMI interrupted; GIF keeps its value and means nothing (what
//   the processor keeps there is not documented).

import { layout, flag } from '../model/layout.ts'
import { state } from '../model/system.ts'
import type { Bool, Bv } from '../model/term.ts'
import { isThread, online, thread } from './topology.ts'

export const cr0Layout = layout('CR0', 64, {
  PE: flag(0, 'APM 3.1.1'),
  MP: flag(1, 'APM 3.1.1'),
  EM: flag(2, 'APM 3.1.1'),
  TS: flag(3, 'APM 3.1.1'),
  ET: flag(4, 'APM 3.1.1'),
  NE: flag(5, 'APM 3.1.1'),
  WP: flag(16, 'APM 3.1.1'),
  AM: flag(18, 'APM 3.1.1'),
  NW: flag(29, 'APM 3.1.1'),
  CD: flag(30, 'APM 3.1.1'),
  PG: flag(31, 'APM 3.1.1'),
})
export const cr4Layout = layout('CR4', 64, {
  PSE: flag(4, 'APM 3.1.3'),
  PAE: flag(5, 'APM 3.1.3'),
  PGE: flag(7, 'APM 3.1.3'),
  LA57: flag(12, 'APM 3.1.3'),
  CET: flag(23, 'APM 3.1.3'),
})
export const eferLayout = layout('EFER', 64, {
  SCE: flag(0, 'APM 3.1.7'),
  LME: flag(8, 'APM 3.1.7'),
  LMA: flag(10, 'APM 3.1.7'),
  NXE: flag(11, 'APM 3.1.7'),
  SVME: flag(12, 'APM 3.1.7'),
})

export const cr0 = state.per(thread).bits('CR0', 64)
export const cr3 = state.per(thread).bits('CR3', 64)
export const cr4 = state.per(thread).bits('CR4', 64)
export const efer = state.per(thread).bits('EFER', 64)
export const gif = state.per(thread).flag('GIF')
export const guest = state.per(thread).flag('guest mode')
export const smm = state.per(thread).flag('SMM')
/** Wait-for-SIPI: the thread executes nothing and takes no SMI. */
export const parked = state.per(thread).flag('wait-for-SIPI')
export const shutdown = state.per(thread).flag('shutdown')
/** Firmware has handed over to software that nobody trusts. */
export const handedOver = state.flag('handed over')

export const modeVariables = [cr0, cr3, cr4, efer, gif, guest, smm, parked, shutdown, handedOver] as const

/** The thread executes instructions outside SMM, of software that nobody trusts. */
export const runs = (t: Bv<string>): Bool =>
  handedOver.now.and(isThread(t), online.at(t), smm.at(t).not(), parked.at(t).not(), shutdown.at(t).not())
export const runsHost = (t: Bv<string>): Bool => runs(t).and(guest.at(t).not())
export const runsGuest = (t: Bv<string>): Bool => runs(t).and(guest.at(t))
/** The thread executes the SMM handler. */
export const runsHandler = (t: Bv<string>): Bool => handedOver.now.and(isThread(t), online.at(t), smm.at(t), shutdown.at(t).not())
export const long = (t: Bv<string>): Bool => eferLayout.of(efer.at(t)).LMA

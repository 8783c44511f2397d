// Boot: what firmware leaves behind when it hands over, what a reset takes back, who comes online later.
//
// Covers: the hand-off with its locks, by core; reset and S3; threads that come online late; cores that wake with their registers
//   lost; flash updates.
// Leaves out: everything firmware does before, other than that it is or is not genuine.
// Manual: APM volume 2, 10.2.5, 14.1 (reset), 15.32.1 (SmmLock); coreboot and PPR for per-core locking (facts 3.2, U9).
// Liberties: an epoch lasts from a hand-off to the next reset; between them nothing but firmware runs. Registers that no defence
//   speaks of are arbitrary at hand-off. Firmware puts no MMIO window over TSeg, and does not set the close bits.

import { action, type Action, type Effect, forAll, given, state } from '../model/system.ts'
import { arraySort, boolSort, bvSort } from '../model/sort.ts'
import { and, type Bool, bool, type Bv, bv, ite, or } from '../model/term.ts'
import { chipsetSmi, dmaStopped } from './devices.ts'
import { dirty, exposed, foreign } from './dram.ts'
import { beforeRsm, cached } from './guest-tlb.ts'
import { gif, guest, handedOver, parked, runs, shutdown, smm } from './modes.ts'
import { apicPageMeets, configWindowMeets } from './msr.ts'
import { fabricMmio } from './physical.ts'
import { on } from './profile.ts'
import * as r from './registers.ts'
import { deceived, derailed, stubPassed } from './smm.ts'
import { diverted, owed, pending } from './smi-state.ts'
import { loadedOnce } from './svm-state.ts'
import { bootCore, core, coreOf, isThread, online, thread } from './topology.ts'
import { bootSmBase, bootSmmAddr, bootSmmMask, isTsegFrame } from './tseg.ts'

/** The handler that firmware put into TSeg is the one that is claimed about. */
export const genuine = state.flag('handler genuine')
/** What the flash holds is. */
export const flashGenuine = state.flag('flash genuine')
export const bootVariables = [genuine, flashGenuine] as const

const tables = { core64: arraySort(32, bvSort(64)), thread32: arraySort(32, bvSort(32)), threads: arraySort(32, boolSort) }

/** Firmware has configured this core: the one that boots, and with H_ALLCORES every one. */
const configured = (c: Bv<string>): Bool => or(on('H_ALLCORES'), c.eq(bootCore.as()))
const bit = (value: Bv, mask: bigint, set: Bool): Bv => ite(set, value.bitor(mask), value.bitand(bv(64, mask).bitnot()))
const SMM_LOCK = 1n
const INVDWBINVD = 1n << 4n
const SMM_BASE_LOCK = 1n << 31n

const handOff = action(
  'firmware hands over',
  {
    actor: 'firmware',
    cite: 'APM 15.32.1, 10.2.5; facts 3.2',
    parameters: {
      hwcr: tables.core64,
      smmAddr: tables.core64,
      smmMask: tables.core64,
      smmKey: tables.core64,
      smBase: tables.thread32,
      present: tables.threads,
    },
  },
  (p) => ({
    guard: handedOver.now.not(),
    cases: {
      'handed over': [
        handedOver.set(bool(true)),
        genuine.set(flashGenuine.now),
        r.hwcr.sweep((c) => {
          const left = bit(p.hwcr.at(c), SMM_BASE_LOCK, on('H_SMBASELOCK'))
          const flushing = ite(on('H_INVD_SAFE'), left.bitor(INVDWBINVD), left)
          return ite(and(on('H_SMMLOCK'), configured(c)), flushing.bitor(SMM_LOCK), flushing)
        }),
        r.smmAddr.sweep((c) => ite(configured(c), bootSmmAddr.now, p.smmAddr.at(c))),
        r.smmMask.sweep((c) => ite(configured(c), bootSmmMask.now, p.smmMask.at(c))),
        r.smmKey.sweep((c) => ite(and(on('H_SMMKEY'), configured(c)), bv(64, 0), p.smmKey.at(c))),
        r.smBase.sweep((t) => ite(configured(coreOf(t)), bootSmBase.at(t), p.smBase.at(t))),
        r.apicBase.sweep((t) => ite(apicPageMeets(r.apicBase.at(t)), bv(64, 0), r.apicBase.at(t))),
        r.mmioCfgBase.sweep((c) => ite(configWindowMeets(r.mmioCfgBase.at(c)), bv(64, 0), r.mmioCfgBase.at(c))),
        fabricMmio.sweep((f) => and(fabricMmio.at(f), isTsegFrame(f).not())),
        r.smmMapped.sweep(() => bool(false)),
        online.sweep((t) => and(isThread(t), or(t.eq(bv(32, 0).as()), p.present.has(t)))),
        parked.sweep((t) => t.ne(bv(32, 0).as())),
        smm.sweep(() => bool(false)),
        guest.sweep(() => bool(false)),
        shutdown.sweep(() => bool(false)),
        gif.sweep(() => bool(true)),
        pending.sweep(() => bool(false)),
        owed.sweep(() => bool(false)),
        diverted.sweep(() => bool(false)),
        loadedOnce.sweep(() => bool(false)),
        cached.sweep(() => bool(false)),
        beforeRsm.sweep(() => bool(false)),
        foreign.sweep(() => bool(false)),
        dirty.sweep(() => bool(false)),
        derailed.sweep(() => bool(false)),
        deceived.sweep(() => bool(false)),
        stubPassed.sweep(() => bool(false)),
        exposed.sweep(() => bool(false)),
        dmaStopped.set(bool(false)),
        chipsetSmi.set(bool(true)),
      ],
    },
  }),
)

const reset = action('reset', { actor: 'hypervisor', cite: 'APM 14.1, 15.32.1', parameters: {} }, () => ({
  guard: handedOver.now,
  cases: { reset: [handedOver.set(bool(false))] },
}))
/** Memory keeps its content, registers do not; firmware comes first again. */
const sleep = action('S3 sleep and wake', { actor: 'hypervisor', cite: 'facts A23, U9', parameters: { t: thread } }, ({ t }) => ({
  guard: runs(t),
  cases: { wakes: [handedOver.set(bool(false))] },
}))

const DEFAULT_SMBASE = 0x3_0000
const started = (t: Bv<string>): Effect[] => [
  online.set(t, bool(true)),
  parked.set(t, bool(true)),
  smm.set(t, bool(false)),
  guest.set(t, bool(false)),
  shutdown.set(t, bool(false)),
]
const comesOnline = action(
  'a thread comes online',
  { actor: 'firmware', cite: 'APM 10.2.1; facts 4.3, A21', parameters: { t: thread } },
  ({ t }) => ({
    guard: and(handedOver.now, isThread(t), online.at(t).not()),
    cases: {
      'as firmware configured it': given(on('H_ALLCORES'), started(t), r.smBase.set(t, bootSmBase.at(t))),
      'with the default SMBASE': [...started(t), r.smBase.set(t, bv(32, DEFAULT_SMBASE))],
    },
  }),
)
const wakes = action('a core wakes from CC6', { actor: 'hardware', cite: 'facts 3.2, U9', parameters: { c: core } }, ({ c }) => ({
  guard: handedOver.now,
  cases: {
    'registers restored': given(on('H_ALLCORES')),
    'registers lost': [
      r.hwcr.set(c, bv(64, 0)),
      r.smmAddr.set(c, bv(64, 0)),
      r.smmMask.set(c, bv(64, 0)),
      r.smBase.sweep((t) => ite(coreOf(t).eq(c), bv(32, DEFAULT_SMBASE), r.smBase.at(t))),
    ],
  },
}))
const flash = action('write the flash', { actor: 'hypervisor', cite: 'facts A22', parameters: { t: thread } }, ({ t }) => ({
  guard: runs(t),
  cases: { 'would not boot': given(on('H_TPM_ROT')), written: [flashGenuine.set(bool(false))] },
}))

export const bootActions: readonly Action[] = [handOff, reset, sleep, comesOnline, wakes, flash]
export const initial = [
  forAll('power-on: nothing is handed over, and the flash is genuine', [], () => and(handedOver.now.not(), flashGenuine.now)),
] as const

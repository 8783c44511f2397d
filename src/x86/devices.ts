// Devices: what they write and read by themselves, what MMIO windows the fabric gives them, and how they raise SMIs.
//
// Covers: DMA to any address (unless it is kept away from TSeg, or stopped by SMM), fabric MMIO windows, the chipset's SMI
//   enable, external SMIs to all threads or to one, INIT and SIPI messages.
// Leaves out: the IOMMU's tables (a device may reach all that nothing keeps it from), interrupts other than SMI and INIT.
// Manual: APM volume 2, 15.24.3 (devices and protection), 16.5 (interrupt messages), 10.3.1 (external SMI).
// Liberties: any chipset source that ring 0 can trigger is the hypervisor's; a fabric window is any set of frames.

import { action, type Action, type Effect, given, state, when } from '../model/system.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, bool, type Bool, type Bv, or } from '../model/term.ts'
import { inTseg, isTsegFrame } from './tseg.ts'
import { cellOf, exposed, write } from './dram.ts'
import { handedOver, runs, shutdown } from './modes.ts'
import { addressOf, fabricMmio, frame, type Word, word } from './physical.ts'
import { on } from './profile.ts'
import { isThread, online, thread } from './topology.ts'
import { owed, pending } from './smi-state.ts'

/** SMM has stopped all device writes. */
export const dmaStopped = state.flag('DMA stopped')
/** The chipset raises SMIs (FCH SMITRIG0.SMIENB is active low). */
export const chipsetSmi = state.flag('chipset SMI enabled')
export const deviceVariables = [dmaStopped, chipsetSmi] as const

/** Where an address of a device goes: the fabric's windows win, TSeg may be kept away. */
const reachesDram = (a: Word): Bool =>
  and(fabricMmio.at(a.bits(48, 9)).not(), or(on('H_DMA_TSEG').not(), inTseg(addressOf(a)).not()))

const deviceWrite = action(
  'device write',
  { actor: 'device', cite: 'APM 15.24.3', parameters: { a: word, value: bvSort(64) } },
  ({ a, value }) => ({
    guard: and(handedOver.now, dmaStopped.now.not()),
    cases: { 'reaches DRAM': given(reachesDram(a), ...write(cellOf(a), value, bool(false))), lost: [] },
  }),
)

const deviceRead = action('device read', { actor: 'device', cite: 'APM 15.24.3', parameters: { a: word } }, ({ a }) => ({
  guard: handedOver.now,
  cases: {
    'reads DRAM': given(reachesDram(a), exposed.set(cellOf(a), bool(true))),
    nothing: [],
  },
}))

const moveWindow = action(
  'move a fabric window',
  { actor: 'hypervisor', cite: 'PPR data fabric; facts 3.2', parameters: { f: frame, covered: boolSort } },
  ({ f, covered }) => ({
    guard: handedOver.now,
    cases: {
      locked: given(on('H_DF_LOCK')),
      'refused over TSeg': given(and(on('H_ROUTE_OK'), covered, isTsegFrame(f))),
      moved: [fabricMmio.set(f, covered)],
    },
  }),
)

const configureSmi = action(
  'configure chipset SMIs',
  { actor: 'hypervisor', cite: 'facts 4.1: FCH SMITRIG0', parameters: { enabled: boolSort } },
  ({ enabled }) => ({
    guard: handedOver.now,
    cases: { locked: given(on('H_FCH_SMI_LOCK')), changed: [chipsetSmi.set(enabled)] },
  }),
)

/** A thread that exists has an external SMI; the latch behind it is one deep. */
const raise = (t: Bv<string>): Effect[] =>
  when(and(isThread(t), online.at(t)), pending.set(t, bool(true)), owed.set(t, bool(true)))

const chipsetRaises = action(
  'chipset raises an SMI',
  { actor: 'device', cite: 'facts 4.3: broadcast', parameters: { only: thread } },
  ({ only }) => ({
    guard: handedOver.now,
    cases: {
      disabled: given(chipsetSmi.now.not()),
      'on every thread': given(
        on('H_BCAST'),
        pending.sweep((t) => or(pending.at(t), and(isThread(t), online.at(t)))),
        owed.sweep((t) => or(owed.at(t), and(isThread(t), online.at(t)))),
      ),
      'on one thread': raise(only),
    },
  }),
)

const sendSmi = action(
  'send an SMI message',
  { actor: 'hypervisor', cite: 'APM 16.5', parameters: { t: thread, to: thread } },
  ({ t, to }) => ({ guard: runs(t), cases: { sent: raise(to) } }),
)

/** Only a reset, INIT or NMI leaves shutdown (APM 10.4). */
const nmiWakes = action('NMI leaves shutdown', { actor: 'device', cite: 'APM 10.4', parameters: { t: thread } }, ({ t }) => ({
  guard: and(handedOver.now, isThread(t), shutdown.at(t)),
  cases: { left: [shutdown.set(t, bool(false))] },
}))

export const deviceActions: readonly Action[] = [
  deviceWrite,
  deviceRead,
  moveWindow,
  configureSmi,
  chipsetRaises,
  sendSmi,
  nmiWakes,
]

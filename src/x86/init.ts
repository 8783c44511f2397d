// INIT and SIPI: how a thread is parked and started again; shutdown.
//
// Covers: INIT by a message from a thread or a device, in every mode; wait-for-SIPI; SIPI; triple faults (one that a guest's
//   hypervisor intercepts is an exit like others).
// Leaves out: what the started thread executes (the sender chooses), the INIT that a held message becomes (it may be sent again).
// Manual: APM volume 2, 10.3.3 (SMM), 14.1.3 (state after INIT), 15.13.3, 15.17 tables 15-10, 15-12 (GIF, intercept), 15.30.1 (R_INIT).
// Liberties: INIT leaves SMM_BASE, HWCR and SMMMASK alone; it clears VM_CR.SVMDIS unless VM_CR.LOCK (15.30.1).

import { action, type Action, given, when } from '../model/system.ts'
import { arraySort, bvSort } from '../model/sort.ts'
import { and, bool, bv } from '../model/term.ts'
import { cr0, cr3, cr4, efer, gif, guest, handedOver, parked, runs, shutdown, smm } from './modes.ts'
import { vmCr, vmCrLayout } from './registers.ts'
import { isSet, loadedOnce } from './svm-state.ts'
import { coreOf, isThread, online, thread } from './topology.ts'
import { exitCodes } from './vmcb.ts'
import { exitCode, exitEffects } from './vmexit.ts'

/** CD, NW and ET (APM table 14-1). */
const CR0_AFTER_INIT = 0x6000_0010n

const init = action(
  'INIT message',
  { actor: 'device', cite: 'APM 14.1.3, 15.13.3, 15.17', parameters: { t: thread, context: arraySort(9, bvSort(64)) } },
  ({ t, context }) => {
    const register = vmCr.at(coreOf(t))
    const { LOCK, R_INIT } = vmCrLayout.of(register)
    return {
      guard: and(handedOver.now, isThread(t), online.at(t)),
      cases: {
        'held in SMM': given(smm.at(t)),
        'already waiting': given(parked.at(t)),
        'held while GIF is 0': given(and(gif.at(t).not(), shutdown.at(t).not())),
        '#VMEXIT(INIT)': given(
          and(guest.at(t), isSet(t, 'INTERCEPT_INIT'), shutdown.at(t).not()),
          exitEffects(t, exitCode(exitCodes.INIT), context),
        ),
        '#SX': given(and(R_INIT, shutdown.at(t).not())),
        parks: [
          parked.set(t, bool(true)),
          shutdown.set(t, bool(false)),
          guest.set(t, bool(false)),
          gif.set(t, bool(true)),
          cr0.set(t, bv(64, CR0_AFTER_INIT)),
          cr3.set(t, bv(64, 0)),
          cr4.set(t, bv(64, 0)),
          efer.set(t, bv(64, 0)),
          loadedOnce.set(t, bool(false)),
          ...when(LOCK.not(), vmCr.set(coreOf(t), register.bitand(bv(64, 0x10).bitnot()))),
        ],
      },
    }
  },
)
const sipi = action('SIPI message', { actor: 'device', cite: 'APM 14.1.3', parameters: { t: thread } }, ({ t }) => ({
  guard: and(handedOver.now, isThread(t), online.at(t), parked.at(t)),
  cases: { starts: [parked.set(t, bool(false))] },
}))
/** Nothing but a reset, INIT or an NMI ends it, so an SMI waits. */
const tripleFault = action(
  'triple fault',
  { actor: 'hypervisor', cite: 'APM 8.2.9, 15.14.3', parameters: { t: thread } },
  ({ t }) => ({ guard: runs(t), cases: { 'shuts down': [shutdown.set(t, bool(true))] } }),
)
export const initActions: readonly Action[] = [init, sipi, tripleFault]

// What a thread knows of SMIs that were raised for it.
//
// Covers: the pending (or, in SMM, latched) SMI; the ghosts that say one is owed, or was turned into a #VMEXIT.
// Leaves out: what accepts it (smi.ts), what raises it (devices.ts).
// Manual: APM volume 2, 10.3.3 (latched in SMM), 15.13.3 (intercept), 15.17 (held while GIF is 0).
// Liberties: one latch, one deep; INIT and SIPI leave it as it is.

import { state } from '../model/system.ts'
import { thread } from './topology.ts'

export const pending = state.per(thread).flag('SMI pending')
/** Ghost: an external SMI was raised for a thread, and not taken since. */
export const owed = state.per(thread).flag('SMI owed')
/** Ghost: an SMI has ended a guest instead of being taken. */
export const diverted = state.per(thread).flag('SMI diverted')
export const smiVariables = [pending, owed, diverted] as const

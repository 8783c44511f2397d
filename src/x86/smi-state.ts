// What a thread knows of SMIs that were raised for it.
//
// Covers: the pending (or, in SMM, latched) SMI; the ghost that says one is owed.
// Leaves out: what accepts it (smi.ts), what raises it (devices.ts).
// Manual: APM volume 2, 10.3.3 (latched in SMM), 15.17 (held while GIF is 0).
// Liberties: one latch, one deep.

import { state } from '../model/system.ts'
import { thread } from './topology.ts'

export const pending = state.per(thread).flag('SMI pending')
/** Ghost: an external SMI was raised for an executing thread, and neither taken nor turned into a #VMEXIT since. */
export const owed = state.per(thread).flag('SMI owed')
export const smiVariables = [pending, owed] as const

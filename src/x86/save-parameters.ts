// What the manual leaves open of the SVM fields in the save area, as constants of the platform.
//
// Covers: P_FF38, P_FF38_WHEN, P_HOSTMODE_SRC, the revision identifier, whether guests are SNP guests.
// Leaves out: the fields themselves (savestate.ts, smm-entry.ts).
// Manual: APM volume 2, table 10-1; facts K13.

import { rigid } from '../model/system.ts'

/** P_FF38: FF38h holds the nCR3 in use; else the host's own CR3. */
export const ff38IsNestedCr3 = rigid.flag('P_FF38')
/** P_FF38_WHEN: the host fields are recorded for every guest with nested paging; else for SNP guests only. */
export const recordsNested = rigid.flag('P_FF38_WHEN')
/** P_HOSTMODE_SRC: the host's registers are the processor's own copy; else they are read from the host save area in memory. */
export const hostModeInternal = rigid.flag('P_HOSTMODE_SRC')
export const snpGuest = rigid.flag('SNP guests')
export const smmRevision = rigid.bits('SMM revision', 32)
export const saveParameterVariables = [ff38IsNestedCr3, recordsNested, hostModeInternal, snpGuest, smmRevision] as const

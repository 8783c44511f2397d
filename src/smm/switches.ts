// Switches: single defences of the handler, on by default. Turning one off yields the handler a less careful author would
// have written; the gallery shows what then goes wrong.

export interface Switches {
  /** Entries that violate reserved bits are not followed or counted (x86-facts K9; C23, C30, C31). */
  readonly S_RSVD: boolean
  /** Permissions are accumulated over the whole path, and unusable leaves are not counted (K7; C25, C26). */
  readonly S_PERM: boolean
  /** A frame is counted once per space, by bitmap (C01). */
  readonly S_UNIQ: boolean
  /** Tables and counted frames must lie in the boot-time DRAM map (C12, C13, C33). */
  readonly S_DRAM: boolean
  /** Every entry and every bitmap word costs a unit of the work budget (C43). */
  readonly S_BOUND: boolean
  /** An entry is fetched once, and decided on the copy (C10). */
  readonly S_FETCH1: boolean
  /** Leaves at guest addresses that no guest can form are counted apart. */
  readonly S_WIDTH: boolean
  /** The entry stub refuses while SMRAM data is closed (A05, A25). */
  readonly S_TCLOSE_CHECK: boolean
  /** Nothing is measured unless every thread has arrived (B02, B04, B14, B17, B19, C10). */
  readonly S_RDV: boolean
  /** Registers that route addresses are compared with boot-time copies, on every thread (A06, A07, C36). */
  readonly S_ROUTE_CHECK: boolean
  /** Nothing is measured unless devices have been stopped (C11). */
  readonly S_QUIESCE: boolean
  /** Every thread writes its caches back before memory is read (C40, C41). */
  readonly S_FLUSH_READ: boolean
  /** A guest without nested paging is reported as such, and nothing is walked for it (C22). */
  readonly S_NP_CHECK: boolean
  /** The root is the one that the hardware recorded, never the one that the control block names (C16, C71). */
  readonly S_ROOT_HW: boolean
  /** Levels and NXE come from the host's registers in the save area (C28, C29). */
  readonly S_MODE_HW: boolean
}

export const ALL_ON: Switches = {
  S_RSVD: true,
  S_PERM: true,
  S_UNIQ: true,
  S_DRAM: true,
  S_BOUND: true,
  S_FETCH1: true,
  S_WIDTH: true,
  S_TCLOSE_CHECK: true,
  S_RDV: true,
  S_ROUTE_CHECK: true,
  S_QUIESCE: true,
  S_FLUSH_READ: true,
  S_NP_CHECK: true,
  S_ROOT_HW: true,
  S_MODE_HW: true,
}

export const switchNames = Object.keys(ALL_ON) as readonly (keyof Switches)[]

/** A handler without these, and with all others. */
export const withoutSwitches = (missing: readonly string[]): Switches => ({
  ...ALL_ON,
  ...Object.fromEntries(missing.map((name) => [name, false])),
})

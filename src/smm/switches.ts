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
}

export const ALL_ON: Switches = {
  S_RSVD: true,
  S_PERM: true,
  S_UNIQ: true,
  S_DRAM: true,
  S_BOUND: true,
  S_FETCH1: true,
  S_WIDTH: true,
}

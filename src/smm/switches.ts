// Switches: single defences of the handler, on by default. Turning one off yields the handler a less careful author would
// have written; the gallery shows what then goes wrong.

export interface Switches {
  /** Entries that violate reserved bits are not followed or counted (x86-facts K9; C23, C30, C31). */
  readonly S_RSVD: boolean
  /** Permissions are accumulated over the whole path, and unusable leaves are not counted (K7; C03, C04, C25-C27). */
  readonly S_PERM: boolean
  /** An entry without P says nothing, whatever else it holds (C59). */
  readonly S_PRESENT: boolean
  /** The accessed bit is no evidence: a leaf with A=0 is a leaf (C60). */
  readonly S_AD: boolean
  /** Bit 12 of a large leaf is its PAT bit, not address (C32). */
  readonly S_PAT: boolean
  /** Which address bits are reserved comes from the processor, its encryption bit included (C24). */
  readonly S_CPU_WIDTH: boolean
  /** A table is read through the view that its entry names, encrypted or not (K15; C38). */
  readonly S_CBIT: boolean
  /** A leaf that only GMET makes usable is not counted as certain, since nothing records that flag (C73). */
  readonly S_GMET: boolean
  /** A frame is counted once per space, by bitmap (C01). */
  readonly S_UNIQ: boolean
  /** A frame is counted once over all spaces, and noted when a second one maps it (C02, C09). */
  readonly S_XUNIQ: boolean
  /** Frames that a guest maps and that hold nested tables are counted apart (C47). */
  readonly S_TABLES: boolean
  /** Tables and counted frames must lie in the boot-time DRAM map (C12, C13, C33). */
  readonly S_DRAM: boolean
  /** A table outside the boot map ends the census with its evidence; it is not passed over (C74). */
  readonly S_FOREIGN: boolean
  /** Every entry and every bitmap word costs a unit of the work budget (C43). */
  readonly S_BOUND: boolean
  /** A census whose budget is spent says that it is truncated (C45). */
  readonly S_FLAGS: boolean
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
  /** The control block is the one that the save area names, not a candidate of the search of memory (C14). */
  readonly S_VMCB_HW: boolean
  /** The save area's control block counts only where its state says that a guest ran (C21). */
  readonly S_IN_GUEST: boolean
  /** A thread that the SMI found in the host is reported as such, not as one that is not there (C19). */
  readonly S_HOST_SEEN: boolean
  /** Every thread's own root is walked (C17). */
  readonly S_ALLVMCB: boolean
  /** The search of memory asks of a page what VMRUN asks, and nothing else (C15). */
  readonly S_NO_SIGNATURE: boolean
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
  S_PRESENT: true,
  S_AD: true,
  S_PAT: true,
  S_CPU_WIDTH: true,
  S_CBIT: true,
  S_GMET: true,
  S_UNIQ: true,
  S_XUNIQ: true,
  S_TABLES: true,
  S_DRAM: true,
  S_FOREIGN: true,
  S_BOUND: true,
  S_FLAGS: true,
  S_FETCH1: true,
  S_WIDTH: true,
  S_TCLOSE_CHECK: true,
  S_RDV: true,
  S_ROUTE_CHECK: true,
  S_QUIESCE: true,
  S_FLUSH_READ: true,
  S_VMCB_HW: true,
  S_IN_GUEST: true,
  S_HOST_SEEN: true,
  S_ALLVMCB: true,
  S_NO_SIGNATURE: true,
  S_NP_CHECK: true,
  S_ROOT_HW: true,
  S_MODE_HW: true,
}

export const switchNames = Object.keys(ALL_ON) as readonly (keyof Switches)[]

/** What is made of switches, made once for each choice of them. */
export function oncePerSwitches<T>(make: (switches: Switches) => T): (switches?: Switches) => T {
  const made = new Map<string, { readonly of: T }>()
  return (switches = ALL_ON) => {
    const key = JSON.stringify(switches)
    const known = made.get(key) ?? { of: make(switches) }
    made.set(key, known)
    return known.of
  }
}

/** A handler without these, and with all others. */
export const withoutSwitches = (missing: readonly string[]): Switches => ({
  ...ALL_ON,
  ...Object.fromEntries(missing.map((name) => [name, false])),
})

// The guest's TLB: what it may remember, which events must make it forget, and when an old translation may still be seen.
//
// Covers: entries tagged by ASID and page, linear ones (a guest's page to a frame) and nested ones (a guest-physical page to a
//   frame); every event that flushes, with what exactly; upgrades, D-bit assists, entries that are never cached.
// Leaves out: capacity (an entry may go at any time: these are the flushes that must happen), INVLPGB, INVPCID and PCIDs, RMP,
//   the walk caches as entries of their own (an SMI flushes them too; elsewhere they go with what they lead to).
// Manual: APM volume 2, 5.4.1 (P=0), 5.5.2 (global pages), 5.5.3 (flushes, upgrades), 15.16 and table 15-9 (ASIDs, TLB_CONTROL),
//   15.16.1 (which ASID), 15.16.2 (INVLPGA).
// Liberties: an entry covers one 4-KiB page, so one that came from a large page is many, and invalidating one address is promised
//   for that page alone. A nested entry is not global. What a guest's own flushes do to nested entries is a parameter.

import { and, bool, type Bool, type Bv, or } from '../model/term.ts'
import { match } from 'ts-pattern'
import type { Access, Permissions } from './npt.ts'

export interface TlbEntry {
  /** 32 bits; 0 is the host's. */
  readonly asid: Bv
  /** Number of a 4-KiB page: guest-linear, or guest-physical in a nested entry. */
  readonly page: Bv<string>
  /** G with CR4.PGE at the time of the walk: global within the ASID. */
  readonly global: Bool
  /** A cached step of the nested walk, by guest-physical page. */
  readonly nested: Bool
}

export type TlbEvent =
  | { readonly kind: 'smi-entry' }
  | { readonly kind: 'rsm' }
  /** `tlbControl`: 8 bits; `asid` is the guest's. */
  | { readonly kind: 'vmrun'; readonly asid: Bv; readonly tlbControl: Bv }
  | { readonly kind: 'vmexit' }
  /** `asid`: the current one, 0 outside guest mode. */
  | { readonly kind: 'mov-cr3'; readonly asid: Bv }
  /** A change of CR0.PG, or of CR4.PGE, PAE or PSE: global entries go, too. */
  | { readonly kind: 'paging-control'; readonly asid: Bv }
  /** WRMSR to an MTRR, an IORR, TOP_MEM, SMMMASK or another register that changes what addresses mean. */
  | { readonly kind: 'address-msr' }
  | { readonly kind: 'invlpg'; readonly asid: Bv; readonly page: Bv<string> }
  | { readonly kind: 'invlpga'; readonly asid: Bv; readonly page: Bv<string> }
  /** A store to a table by anyone, WBINVD, a jump: nothing that the TLB notices. */
  | { readonly kind: 'other' }

export interface TlbParameters {
  /** MOV CR3 and changes of paging control inside a guest flush its nested entries as well as its linear ones. */
  readonly guestFlushesNested: Bool
}

/** VMCB 05Ch; other values are reserved and promise nothing. */
export const tlbControl = { nothing: 0, all: 1, guest: 3, guestNonGlobal: 7 } as const

/** The entry is gone after the event, whatever the processor. */
export function flushes(event: TlbEvent, entry: TlbEntry, parameters: TlbParameters): Bool {
  const linear = entry.nested.not()
  const own = or(linear, parameters.guestFlushesNested)
  return (
    match(event)
      // All ASIDs, and what the walks have cached (5.5.3).
      .with({ kind: 'smi-entry' }, { kind: 'rsm' }, { kind: 'address-msr' }, () => bool(true))
      .with({ kind: 'vmrun' }, ({ asid, tlbControl: control }) =>
        or(
          control.eq(tlbControl.all),
          and(control.eq(tlbControl.guest), entry.asid.eq(asid)),
          and(control.eq(tlbControl.guestNonGlobal), entry.asid.eq(asid), entry.global.not()),
        ),
      )
      .with({ kind: 'vmexit' }, { kind: 'other' }, () => bool(false))
      .with({ kind: 'mov-cr3' }, ({ asid }) => and(entry.asid.eq(asid), entry.global.not(), own))
      .with({ kind: 'paging-control' }, ({ asid }) => and(entry.asid.eq(asid), own))
      // Neither can name a guest-physical page (15.16.2).
      .with({ kind: 'invlpg' }, { kind: 'invlpga' }, ({ asid, page }) => and(entry.asid.eq(asid), entry.page.eq(page), linear))
      .exhaustive()
  )
}

/** What a walk accumulated when the entry was made, and the leaf's D bit. */
export interface CachedRights extends Permissions {
  readonly dirty: Bool
}
/** Only a walk that ended at a present, sound leaf leaves an entry (5.4.1: P=0 is never cached). */
export const mayBeCached = (walk: { readonly ok: Bool }): Bool => walk.ok

/** The write has to set D first: a walk that may use cached upper entries but reads the leaf again (5.5.3). */
export const needsDirtyAssist = (rights: CachedRights, access: Access): Bool =>
  and(bool(access === 'write'), rights.rw, rights.dirty.not())

/**
 * The entry may still be there for a look-up: it was made, no event since then had to remove it, and the tags agree. An access goes
 * by it if its rights allow that (npt.ts `permitted`); where they do not, the walk is repeated from memory, so that an upgrade
 * needs no flush (5.5.3).
 */
export function mayHit(
  made: Bool,
  events: readonly TlbEvent[],
  entry: TlbEntry,
  looked: { readonly asid: Bv; readonly page: Bv<string> },
  parameters: TlbParameters,
): Bool {
  const kept = events.map((event) => flushes(event, entry, parameters).not())
  return and(made, ...kept, entry.asid.eq(looked.asid), entry.page.eq(looked.page))
}

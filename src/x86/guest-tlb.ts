// The guest's translations that a thread's TLB holds: tagged by ASID, dropped by the events of APM 15.16 only.
//
// Covers: guest page to host frame, per thread and ASID; flushes of all, of an ASID, of a page; which entries are older than the
//   thread's last RSM (ghost).
// Leaves out: sizes (an entry is of 4 KiB, as if a large one were split), walk caches (they only make more walks agree with old
//   tables, which entries already do), host translations (ASID 0), entries that go by themselves (a new walk replaces them).
// Manual: APM volume 2, 5.5.3, 15.16, 15.25.9.
// Liberties: which event flushes what is decided in tlb.ts; what a processor drops beyond that, it need not.

import { domain, type Effect, state } from '../model/system.ts'
import { and, bool, type Bv } from '../model/term.ts'
import { GUEST_PAGE_BITS, HOST_FRAME_BITS } from './address.ts'
import { flushes, type TlbEntry, type TlbEvent, type TlbParameters } from './tlb.ts'

const ASID_BITS = 32
/** A thread, an ASID and a guest page: bits 108:77, 76:45, 44:0. */
export const translation = domain('translation', 32 + ASID_BITS + GUEST_PAGE_BITS)
export const entryOf = (t: Bv<string>, asid: Bv<string>, page: Bv<string>): Bv => t.concat(asid, page)
export const threadOf = (e: Bv<string>): Bv => e.bits(108, 77)
export const asidOf = (e: Bv<string>): Bv => e.bits(76, 45)
export const pageOfEntry = (e: Bv<string>): Bv => e.bits(44, 0)

export const cached = state.per(translation).flag('TLB entry')
export const cachedFrame = state.per(translation).bits('TLB frame', HOST_FRAME_BITS)
export const cachedWrite = state.per(translation).flag('TLB writable')
/** Ghost: the entry was loaded before the thread's last RSM. */
export const beforeRsm = state.per(translation).flag('TLB entry from before RSM')
export const tlbVariables = [cached, cachedFrame, cachedWrite, beforeRsm] as const

/** An entry of the model may be a guest's global page or a step of the nested walk: what must go is what goes in either case. */
const lasting = (e: Bv<string>): TlbEntry => ({ asid: asidOf(e), page: pageOfEntry(e), global: bool(true), nested: bool(true) })
const parameters: TlbParameters = { guestFlushesNested: bool(false) }

/** A thread's entries that an event must remove are gone. */
export const flush = (t: Bv<string>, event: TlbEvent): Effect =>
  cached.sweep((e) => and(cached.at(e), and(threadOf(e).eq(t.as()), flushes(event, lasting(e), parameters)).not()))

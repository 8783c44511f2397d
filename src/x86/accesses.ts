// What threads do to memory outside SMM: host loads and stores, table walks, guest loads and stores, cache control.
//
// Covers: host accesses to any physical address; the nested walk that fills the TLB, with the A and D bits it sets; guest accesses
//   through what the TLB holds; nested page faults; INVD and WBINVD.
// Leaves out: guest-linear addresses (a guest accesses any page its nested tables give it), host paging (the host reaches every
//   address it likes), speculation.
// Manual: APM volume 2, 5.5.3 (TLB), 7.6.2 (INVD, WBINVD), 15.25 (nested paging).
// Liberties: setting A and D bits is a step of its own, on any word: a superset of the entries that a walk uses. Without nested
//   paging the hypervisor's shadow tables translate: any page to any frame.

import { action, type Action, given, reading } from '../model/system.ts'
import { arraySort, boolSort, bvSort } from '../model/sort.ts'
import { and, type Arr, type Bool, bool, type Bv, bv, ite, or } from '../model/term.ts'
import { type GuestPage, GUEST_PAGE_BITS, HOST_FRAME_BITS } from './address.ts'
import { nestedHost } from './cpu.ts'
import { dirty, dram, exposes, foreign, load, store } from './dram.ts'
import { beforeRsm, cached, cachedFrame, cachedWrite, entryOf } from './guest-tlb.ts'
import { cr0Layout, cr4Layout, eferLayout, runs, runsGuest, runsHost } from './modes.ts'
import { nestedWalk } from './nested-access.ts'
import { permitted, type ReadEntry, type Translation } from './npt.ts'
import { formable, nestedFormats, type PagingFormat, pagingFormats } from './paging.ts'
import { word, WORD_BITS } from './physical.ts'
import { hwcr, hwcrLayout } from './registers.ts'
import { hostCr0, hostCr4, hostEfer, inUse, isSet } from './svm-state.ts'
import { coreOf, thread } from './topology.ts'
import { exitCodes } from './vmcb.ts'
import { exitCode, exitEffects, outside } from './vmexit.ts'

const hostStore = action(
  'host store',
  { actor: 'hypervisor', cite: 'APM 7.9, 10.2.5', parameters: { t: thread, a: word, value: bvSort(64) } },
  ({ t, a, value }) => ({ guard: runsHost(t), cases: { stored: store(outside(t), a, value) } }),
)
const hostLoad = action(
  'host load',
  { actor: 'hypervisor', cite: 'APM 7.9, 10.2.5', parameters: { t: thread, a: word } },
  ({ t, a }) => ({ guard: runsHost(t), cases: { loaded: exposes(t, a) } }),
)

// ---- the nested walk ----

interface Walked {
  readonly ok: Bool
  readonly frame: Bv
  readonly writable: Bool
}

/** The walk of the tables that the thread's guest runs on, in the mode that the host had at VMRUN (APM 15.25.3). @param device what it reads outside DRAM */
function walk(t: Bv<string>, page: GuestPage, device: Arr): Walked {
  const [c0, c4, ef] = [cr0Layout.of(hostCr0.at(t)), cr4Layout.of(hostCr4.at(t)), eferLayout.of(hostEfer.at(t))]
  const host = nestedHost({ cr4: hostCr4.at(t), efer: hostEfer.at(t) }, isSet(t, 'GMET_ENABLE'))
  const formats = nestedFormats({ pg: c0.PG, pae: c4.PAE, lma: ef.LMA, la57: c4.LA57 })
  const nCR3 = inUse(t, 'N_CR3')
  const read: ReadEntry = (table, index) => load(outside(t), table.concat(index), device.at(table.concat(index)))
  const of = (format: PagingFormat): Walked => {
    const found: Translation = nestedWalk({ format, host, nCR3 }, read, page)
    return {
      ok: and(formable(host, page), found.ok, permitted(host, found, 'read')),
      frame: found.frame.as<'bits'>(),
      writable: permitted(host, found, 'write'),
    }
  }
  return pagingFormats.reduce<Walked>(
    (otherwise, format) => {
      const w = of(format)
      const is = formats[format]
      return {
        ok: ite(is, w.ok, otherwise.ok),
        frame: ite(is, w.frame, otherwise.frame),
        writable: ite(is, w.writable, otherwise.writable),
      }
    },
    { ok: bool(false), frame: bv(HOST_FRAME_BITS, 0), writable: bool(false) },
  )
}

const fill = action(
  'nested walk fills the TLB',
  {
    actor: 'guest',
    cite: 'APM 15.25.5-15.25.9, 5.5.3',
    parameters: {
      ...{ t: thread, page: bvSort(GUEST_PAGE_BITS), frame: bvSort(HOST_FRAME_BITS), writable: boolSort },
      device: arraySort(WORD_BITS, bvSort(64)),
    },
  },
  ({ t, page, frame, writable, device }) => {
    const found = walk(t, page.as<'guest page'>(), device)
    const shadow = isSet(t, 'NP_ENABLE').not()
    const entry = entryOf(t, inUse(t, 'ASID'), page)
    return {
      guard: runsGuest(t),
      everywhere: [
        reading('the walk ends in this frame', [or(shadow, and(found.ok, frame.eq(found.frame), writable.iff(found.writable)))]),
      ],
      cases: {
        filled: [
          cached.set(entry, bool(true)),
          cachedFrame.set(entry, frame),
          cachedWrite.set(entry, writable),
          beforeRsm.set(entry, bool(false)),
        ],
      },
    }
  },
)

const walkTouches = action(
  'nested walk sets A and D',
  { actor: 'guest', cite: 'APM 5.4.2, 15.25.5', parameters: { t: thread, a: word, bits: bvSort(2), legacy: bvSort(2) } },
  ({ t, a, bits, legacy }) => {
    const low = bv(57, 0).concat(bits, bv(5, 0))
    // Legacy tables hold two entries in a word.
    const high = bv(25, 0).concat(legacy, bv(37, 0))
    return {
      guard: runsGuest(t),
      cases: {
        touched: [exposes(t, a), store(outside(t), a, load(outside(t), a).bitor(low).bitor(high))],
      },
    }
  },
)

const faults = action(
  'nested page fault',
  { actor: 'guest', cite: 'APM 15.25.6', parameters: { t: thread, context: arraySort(9, bvSort(64)) } },
  ({ t, context }) => ({
    guard: and(runsGuest(t), isSet(t, 'NP_ENABLE')),
    cases: { '#VMEXIT(NPF)': exitEffects(t, exitCode(exitCodes.NPF), context) },
  }),
)

// ---- guest accesses ----

const translated = { t: thread, page: bvSort(GUEST_PAGE_BITS), offset: bvSort(9) } as const
const hit = (t: Bv<string>, page: Bv) => entryOf(t, inUse(t, 'ASID'), page)

const guestStore = action(
  'guest store',
  { actor: 'guest', cite: 'APM 15.25.5, 15.25.7', parameters: { ...translated, value: bvSort(64) } },
  ({ t, page, offset, value }) => {
    const entry = hit(t, page)
    return {
      guard: and(runsGuest(t), cached.at(entry), cachedWrite.at(entry)),
      cases: { stored: store(outside(t), cachedFrame.at(entry).concat(offset), value) },
    }
  },
)
const guestLoad = action('guest load', { actor: 'guest', cite: 'APM 15.25.5', parameters: translated }, ({ t, page, offset }) => {
  const entry = hit(t, page)
  const a = cachedFrame.at(entry).concat(offset)
  return { guard: and(runsGuest(t), cached.at(entry)), cases: { loaded: exposes(t, a) } }
})

// ---- caches ----

const invd = action(
  'INVD',
  {
    actor: 'hypervisor',
    cite: 'APM 7.6.2; PPR HWCR.INVDWBINVD',
    parameters: { t: thread, old: arraySort(WORD_BITS, bvSort(64)) },
  },
  ({ t, old }) => ({
    guard: runs(t),
    cases: {
      'writes back': given(
        hwcrLayout.of(hwcr.at(coreOf(t))).INVDWBINVD,
        dirty.sweep(() => bool(false)),
      ),
      // Lines that only a cache holds go back to what memory has: some older value.
      'drops dirty lines': [
        dram.sweep((a) => ite(dirty.at(a), old.at(a), dram.at(a))),
        foreign.sweep((a) => or(foreign.at(a), dirty.at(a))),
        dirty.sweep(() => bool(false)),
      ],
    },
  }),
)
const wbinvd = action('WBINVD', { actor: 'hypervisor', cite: 'APM 7.6.2', parameters: { t: thread } }, ({ t }) => ({
  guard: runs(t),
  cases: { 'writes back': [dirty.sweep(() => bool(false))] },
}))

export const accessActions: readonly Action[] = [
  hostStore,
  hostLoad,
  fill,
  walkTouches,
  faults,
  guestStore,
  guestLoad,
  invd,
  wbinvd,
]

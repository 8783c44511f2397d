// Paging formats: how many levels, which address bits index them, and the facts of the host that decide what an entry means.
//
// Covers: legacy 2-level, PAE 3-level, long-mode 4- and 5-level; which one the nested walk uses; the platform facts of a walk.
// Leaves out: memory types, protection keys, supervisor shadow stacks.
// Manual: APM volume 2, 5.1-5.3 (formats), 7.10 (C-bit and physical width), 15.25.3 (host modes), 15.25.13 (GMET); volume 3,
//   CPUID Fn8000_0001_EDX[26] (1-GiB pages), Fn8000_0008_EAX (widths).
// Liberties: MAXPHYADDR M is a mask whose bits below M are one, and so is the guest's width. The GMET rule for data and the
//   fate of a guest-physical address above the translatable width are parameters: the manual decides neither.

import { bool, type Bool, type Bv, bv, or } from '../model/term.ts'
import type { Fields, Layout } from '../model/layout.ts'
import { GUEST_PAGE_BITS, type GuestPage, type HostFrame } from './address.ts'
import * as entries from './entries.ts'

export type PagingFormat = 'legacy' | 'pae' | 'long4' | 'long5'
export const pagingFormats: readonly PagingFormat[] = ['legacy', 'pae', 'long4', 'long5']

/** The top level; level 1 holds the entries of 4-KiB pages. */
export const levels: Readonly<Record<PagingFormat, number>> = { legacy: 2, pae: 3, long4: 4, long5: 5 }
/** Bits of a page number that the walk consumes: the translatable width less 12. */
export const pageBits: Readonly<Record<PagingFormat, number>> = { legacy: 20, pae: 20, long4: 36, long5: 45 }
export const entryBits: Readonly<Record<PagingFormat, 32 | 64>> = { legacy: 32, pae: 64, long4: 64, long5: 64 }

/** Bits of a page number below the index of `level`: a leaf there covers 2^n pages. */
export const bitsBelow = (format: PagingFormat, level: number): number => (format === 'legacy' ? 10 : 9) * (level - 1)
/** Width of the index of `level`: 9, but 10 in legacy tables and 2 in the PAE page-directory-pointer table. */
export const indexBits = (format: PagingFormat, level: number): number =>
  format === 'legacy' ? 10 : format === 'pae' && level === 3 ? 2 : 9

/** The part of a page number (guest-physical or guest-linear) that indexes the table of `level`. */
export function index(format: PagingFormat, level: number, page: Bv<string>): Bv {
  const low = bitsBelow(format, level)
  return page.bits(low + indexBits(format, level) - 1, low)
}

const long: readonly EntryLayouts[] = [
  { small: entries.pte },
  { small: entries.pde, large: entries.pde2M },
  { small: entries.pdpe, large: entries.pdpe1G },
  { small: entries.pml4e },
  { small: entries.pml5e },
]
const layouts: Readonly<Record<PagingFormat, readonly EntryLayouts[]>> = {
  legacy: [{ small: entries.legacyPte }, { small: entries.legacyPde, large: entries.legacyPde4M }],
  pae: [{ small: entries.paePte }, { small: entries.paePde, large: entries.paePde2M }, { small: entries.paePdpte }],
  long4: long.slice(0, 4),
  long5: long,
}

/** The layouts of the entries of a level: the leaf's apart where the level has tables and large pages. */
export interface EntryLayouts {
  readonly small: Layout<Fields>
  readonly large?: Layout<Fields>
}

/** @throws RangeError when the format has no such level. */
export function entryLayouts(format: PagingFormat, level: number): EntryLayouts {
  const found = layouts[format][level - 1]
  if (found === undefined) throw new RangeError(`${format} paging has no level ${level}`)
  return found
}

/** The layout of one entry, for printing: `large` picks the large page's. */
export function entryLayout(format: PagingFormat, level: number, large = false): Layout<Fields> {
  const { small, large: leaf } = entryLayouts(format, level)
  return large && leaf !== undefined ? leaf : small
}

/** What decides the meaning of an entry, for a host's walk as for a guest's own. */
export interface EntryRules {
  /** 52 bits: bits below MAXPHYADDR are one. With memory encryption on, MAXPHYADDR as reduced (APM 7.10.1). */
  readonly physMask: Bv
  /** 52 bits: the C-bit of SME, or zero (APM 7.10.1). */
  readonly cBit: Bv
  /** EFER.NXE: without it NX is a reserved bit (APM 5.6.3). */
  readonly nxe: Bool
  /** CPUID: 1-GiB pages are implemented. */
  readonly page1g: Bool
  /** CR4.PSE: 4-MiB pages in the legacy format. */
  readonly pse: Bool
}

/** The facts of the host (and of the running guest's control block) that decide a nested walk. */
export interface NestedHost extends EntryRules {
  /** VMCB 090h bit 3 of the running guest: guest-mode execute trap (APM 15.25.13). */
  readonly gmet: Bool
  /** P_GMET_DATA: with GMET on, data may be accessed through a leaf with U/S=0. */
  readonly gmetData: Bool
  /** 45 bits: pages below the guest-physical width are those whose bits lie in this low mask. */
  readonly guestPageMask: GuestPage
  /** P_GPA_TRUNC: guest-physical bits above the translatable width are ignored instead of faulting. */
  readonly gpaTrunc: Bool
}

/** Host paging mode at VMRUN that the nested walk takes over (APM 15.25.3); exactly one is true. */
export function nestedFormats(host: {
  pg: Bool
  pae: Bool
  lma: Bool
  la57: Bool
}): Readonly<Record<PagingFormat | 'off', Bool>> {
  const { pg, pae, lma, la57 } = host
  return {
    off: pg.not(),
    legacy: pg.and(pae.not()),
    pae: pg.and(pae, lma.not()),
    long4: pg.and(pae, lma, la57.not()),
    long5: pg.and(pae, lma, la57),
  }
}

/** Ones below, zeros above: adding one carries through every one. */
const isLowMask = (mask: Bv<string>): Bool => mask.bitand(mask.plus(1)).isZero()

/** What a walk assumes of its host, by name. Long mode needs M >= 36; the 32-bit formats M >= 32 (and no C-bit in legacy entries). */
export function wellFormedHost(format: PagingFormat, host: NestedHost): Readonly<Record<string, Bool>> {
  const { physMask, cBit, guestPageMask } = host
  const long = format === 'long4' || format === 'long5'
  return {
    'MAXPHYADDR is a low mask': isLowMask(physMask),
    [long ? 'MAXPHYADDR is at least 36' : 'MAXPHYADDR is at least 32']: physMask.bit(long ? 35 : 31),
    'the C-bit is one bit or none': cBit.bitand(cBit.minus(1)).isZero(),
    'the C-bit lies above MAXPHYADDR': cBit.bitand(physMask).isZero(),
    // A 32-bit entry has no bit for it (APM 7.10: encryption of pages needs PAE entries).
    ...(format === 'legacy' ? { 'no C-bit in 32-bit entries': cBit.isZero() } : {}),
    'guest width is a low mask': isLowMask(guestPageMask),
    'guest width is at least 32': guestPageMask.bit(19),
    'guest width is at most 52': guestPageMask.bits(GUEST_PAGE_BITS - 1, 40).isZero(),
  }
}

/** A guest can form this page's addresses: they lie below the guest-physical width. */
export const formable = (host: NestedHost, page: GuestPage): Bool => page.bitand(host.guestPageMask.bitnot()).isZero()

/** The format's index fields cover this page, or the bits above them are ignored (P_GPA_TRUNC). */
export function translatable(format: PagingFormat, host: NestedHost, page: GuestPage): Bool {
  const width = pageBits[format]
  if (width === GUEST_PAGE_BITS) return bool(true)
  return or(host.gpaTrunc, page.bits(GUEST_PAGE_BITS - 1, width).isZero())
}

/** The table that CR3 or nCR3 names (APM 15.25.3): bits 51:12 in long mode, 31:12 below; PAE adds `pdptOffset`. */
export const rootTable = (format: PagingFormat, cr3: Bv): HostFrame =>
  (format === 'long4' || format === 'long5' ? cr3.bits(51, 12) : cr3.bits(31, 12).zext(40)).as<'host frame'>()

/** Where a PAE page-directory-pointer table begins in its frame, in groups of four entries: CR3 bits 11:5. */
export const pdptOffset = (cr3: Bv): Bv => cr3.bits(11, 5)

/** Bits of nCR3 that must be zero: those at or above MAXPHYADDR, but for the C-bit (APM 15.25.4; else VMEXIT_INVALID). */
export const reservedRoot = (host: Pick<EntryRules, 'physMask' | 'cBit'>, cr3: Bv): Bool =>
  cr3
    .bitand(bv(12, 0).concat(host.physMask.bitor(host.cBit)).bitnot())
    .bits(63, 12)
    .ne(0)

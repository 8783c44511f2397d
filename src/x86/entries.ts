// Paging-structure entries, field by field: one layout for each column of the manual's figures.
//
// Covers: legacy (32-bit), PAE and long-mode entries, tables and leaves of every size.
// Leaves out: protection keys as a check (62:59 are ignored at the nested level), shadow-stack and SEV uses of bits.
// Manual: APM volume 2, figures 5-3..5-7 (legacy), 5-9..5-14 (PAE), 5-17..5-34 (long mode), 5.4.1 (the bits), 5.6 (no-execute).
// Liberties: a field whose name begins with MBZ must be zero; the model takes its reserved bits from these very fields. What
//   depends on the platform (address bits at or above MAXPHYADDR, NX without EFER.NXE, 1-GiB pages) is npt.ts's.

import { type Bool, type Bv, or } from '../model/term.ts'
import { bits, type Field, type Fields, flag, type Layout, layout } from '../model/layout.ts'

const REF = 'APM 5.4.1'

/** Bits 5:0, alike in every entry but the PAE page-directory-pointer entry. */
const low = {
  P: flag(0, REF),
  RW: flag(1, REF),
  US: flag(2, REF),
  PWT: flag(3, REF),
  PCD: flag(4, REF),
  A: flag(5, REF),
} as const
const software = { AVL: bits(11, 9, REF) } as const
const longHigh = { AVL2: bits(62, 52, REF), NX: flag(63, 'APM 5.6.3') } as const
const paeHigh = { MBZ_62_52: bits(62, 52, 'APM 5.2.3'), NX: flag(63, 'APM 5.6.3') } as const
const leaf = { D: flag(6, REF), G: flag(8, REF) } as const

// ---- long mode: APM 5.3.3 (4-KiB), 5.3.4 (2-MiB), 5.3.5 (1-GiB) ----

const topLevel = { ...low, IGN: flag(6), MBZ_8_7: bits(8, 7, 'APM 5.3.3'), ...software, Base: bits(51, 12), ...longHigh } as const
export const pml5e = layout('PML5E', 64, topLevel)
export const pml4e = layout('PML4E', 64, topLevel)
const directory = { ...low, IGN: flag(6), PS: flag(7), IGN8: flag(8), ...software, Base: bits(51, 12), ...longHigh } as const
export const pdpe = layout('PDPE', 64, directory)
export const pde = layout('PDE', 64, directory)
const large1G = { PS: flag(7), ...software, PAT: flag(12), MBZ_29_13: bits(29, 13, 'APM 5.3.5'), Base: bits(51, 30) } as const
export const pdpe1G = layout('PDPE', 64, { ...low, ...leaf, ...large1G, ...longHigh })
const large2M = { PS: flag(7), ...software, PAT: flag(12), MBZ_20_13: bits(20, 13, 'APM 5.3.4'), Base: bits(51, 21) } as const
export const pde2M = layout('PDE', 64, { ...low, ...leaf, ...large2M, ...longHigh })
export const pte = layout('PTE', 64, { ...low, ...leaf, PAT: flag(7), ...software, Base: bits(51, 12), ...longHigh })

// ---- PAE: APM 5.2.3, 5.2.4. A pointer entry has no U/S, R/W, NX, A: those bits must be zero (FFF0_0000_0000_01E6h) ----

export const paePdpte = layout('PDPE', 64, {
  P: flag(0, REF),
  MBZ_2_1: bits(2, 1, 'APM 5.2.3'),
  PWT: flag(3, REF),
  PCD: flag(4, REF),
  MBZ_8_5: bits(8, 5, 'APM 5.2.3'),
  ...software,
  Base: bits(51, 12),
  MBZ_63_52: bits(63, 52, 'APM 5.2.3'),
})
export const paePde = layout('PDE', 64, {
  ...low,
  IGN: flag(6),
  PS: flag(7),
  IGN8: flag(8),
  ...software,
  Base: bits(51, 12),
  ...paeHigh,
})
export const paePde2M = layout('PDE', 64, { ...low, ...leaf, ...large2M, ...paeHigh })
export const paePte = layout('PTE', 64, { ...low, ...leaf, PAT: flag(7), ...software, Base: bits(51, 12), ...paeHigh })

// ---- legacy: APM 5.2.1, 5.2.2 (4-MiB pages when CR4.PSE=1, else bit 7 is ignored) ----

export const legacyPde = layout('PDE', 32, {
  ...low,
  IGN: flag(6),
  PS: flag(7),
  IGN8: flag(8),
  ...software,
  Base: bits(31, 12),
})
export const legacyPde4M = layout('PDE', 32, {
  ...low,
  ...leaf,
  PS: flag(7),
  ...software,
  PAT: flag(12),
  Base_39_32: bits(20, 13, 'APM 5.2.2'),
  MBZ_21: flag(21, 'APM 5.2.2'),
  Base: bits(31, 22),
})
export const legacyPte = layout('PTE', 32, { ...low, ...leaf, PAT: flag(7), ...software, Base: bits(31, 12) })

const reservedOf = new WeakMap<Layout<Fields>, readonly Field[]>()
function reservedFields(of: Layout<Fields>): readonly Field[] {
  let found = reservedOf.get(of)
  if (found === undefined) {
    found = Object.keys(of.fields)
      .filter((name) => name.startsWith('MBZ'))
      .map((name) => of.fields[name]!)
    reservedOf.set(of, found)
  }
  return found
}

/** Some bit that this layout requires to be zero is one. */
export const mustBeZeroViolated = (of: Layout<Fields>, entry: Bv<string>): Bool =>
  or(...reservedFields(of).map(({ high, low }) => entry.bits(high, low).ne(0)))

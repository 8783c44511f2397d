// SMRAM of the memory scan: the list of candidates, the counts; and what each kind of page is, in the words of contracts.
// Leaves out: what makes a page a candidate (vmcb-checks.ts), and what a candidate is worth (nothing: it is no evidence).

import { constant, ghost, smram, type Tally, watch } from '../model/cell.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { bv, type Bool, type Bv } from '../model/term.ts'
import type { Axiom } from './assumptions.ts'
import { config, FRAME, SLOT, SPACE, watched } from './cells.ts'
import { shapedPage, snapshotPage, startablePage, startableIfCachedPage } from './vmcb-checks.ts'

const slots = constant.bits('scan.slots', SLOT)
export const scanConfig = {
  /** Candidates that the list has room for. */
  slots,
}

export const scan = {
  /** Slots in use. */
  listed: smram.bits('scan.listed', SLOT),
  /** There were more candidates than slots. */
  full: smram.flag('scan.full'),
  /** A candidate's frame; with the memory-encryption bit where only that view of it is a VMCB. */
  frame: smram.array('scan.frame', SLOT, bvSort(FRAME), slots.now),
  /** Bit 0: shaped like a VMCB; bit 1: startable. */
  kind: smram.array('scan.kind', SLOT, bvSort(2), slots.now),
}

/** Whether, and in which slot, the watched frame is listed. */
export const listing = {
  noted: ghost.flag('scan.noted'),
  slot: ghost.bits('scan.slot', SLOT),
}

const tally = (name: string): Tally => ({
  counter: smram.array(`scan.count.${name}`, SPACE, bvSort(64), bv(SPACE, 1)),
  charge: ghost.bits(`scan.charge.${name}`, 64),
  element: bv(SPACE, 0),
  object: watched.f.now,
  charges: 'once',
})
/** Frames by what they are; a frame may be of several kinds. */
export const scanCounts = {
  startable: tally('startable'),
  ifCached: tally('ifCached'),
  shaped: tally('shaped'),
} as const
export type PageKind = keyof typeof scanCounts
export const pageKinds = Object.keys(scanCounts) as readonly PageKind[]
export const scanTallies: readonly Tally[] = Object.values(scanCounts)

const meanings: Readonly<Record<PageKind, typeof shapedPage>> = {
  startable: startablePage,
  ifCached: startableIfCachedPage,
  shaped: shapedPage,
}
/** One view of a frame is a page of that kind: a rigid table, so that what calls the classifier need not unfold it. */
const views = Object.fromEntries(
  pageKinds.map((kind) => [kind, watch.table(`view.${kind}`, FRAME, boolSort, (view) => meanings[kind](snapshotPage(view))).now]),
) as Record<PageKind, ReturnType<typeof watch.table>['now']>
export const viewIs = (kind: PageKind, view: Bv): Bool => views[kind].has(view)
/** What the tables stand for, wherever one is asked. */
export const viewDefinitions: readonly Axiom[] = pageKinds.map((kind) => ({
  name: `definition of view.${kind}`,
  arrays: [views[kind]],
  arity: 1,
  instance: (view) => viewIs(kind, view as Bv).iff(meanings[kind](snapshotPage(view as Bv))),
}))

/** The same frame through the encrypting view; without memory encryption there is one view. */
export const encryptedView = (frame: Bv): Bv => frame.bitor(config.cBit.now.bits(51, 12))
/** One of the frame's views is a page of that kind. */
export const frameIs = (kind: PageKind, frame: Bv): Bool => viewIs(kind, frame).or(viewIs(kind, encryptedView(frame)))

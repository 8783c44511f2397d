// The search of memory for VMCBs: each frame of the boot map is looked at once, through each view that a processor may have of it,
// and counted by what it is; startable and VMCB-shaped frames are listed as candidates. What it lists is no evidence of what runs: the save
// states are. A list that is too short says so (`scan.full`), and the counts go on.
// Claim D1 speaks of this procedure. Leaves out: why a candidate is not live (candidate.ts). The work is fixed by the boot map, two
// words for most frames, so no budget is spent.

import { named, procedure, snapshot } from '../model/builder.ts'
import type { Cell } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, bool, type Bool, bv, type Bv, or, u64 } from '../model/term.ts'
import { eferLayout } from '../x86/modes.ts'
import { vmcbClean } from '../x86/vmcb.ts'
import { vmcbReader } from '../x86/vmcb-fields.ts'
import { memory, plainFrame, rangeHolds } from './boot-map.ts'
import { bootMap, config, FRAME, RANGE, SLOT, SPACE, watched } from './cells.ts'
import { configured, nonZero } from './link.ts'
import {
  encryptedView,
  frameIs,
  listing,
  type PageKind,
  pageKinds,
  scan,
  scanConfig,
  scanCounts,
  scanTallies,
  viewIs,
} from './scan-cells.ts'
import { offsetsRead, placeOf, shapedPage, startableIfCachedPage, startablePage } from './vmcb-checks.ts'
import { ALL_ON, type Switches } from './switches.ts'
import { holdsWatched } from './watched-frame.ts'

/** The last word of the page: software's own, or nothing (appendix B). */
const UNUSED = 0xff8

/** What a page of boot DRAM is; `view` names it as a processor may, `range` is the range of the boot map that holds it. */
export const classifierOf = (switches: Switches) =>
  procedure('classifyPage', {
    params: { view: bvSort(FRAME), range: bvSort(RANGE) },
    results: { startable: boolSort, ifCached: boolSort, shaped: boolSort },
    memory,
    modifies: [],
    requires: ({ view, range }) => named({ 'range holds the page': rangeHolds(range, plainFrame(view), plainFrame(view)) }),
    ensures: ({ view }, results) =>
      snapshot(
        Object.fromEntries(pageKinds.map((kind) => [`D1 the page is ${kind} as said`, results[kind].iff(viewIs(kind, view))])),
      ),
    body: (b, { view, range }, results) => {
      const words = new Map<number, Bv>()
      const read = (offset: number): void => {
        words.set(offset, b.read(`word${offset.toString(16)}`, view.concat(bv(9, offset / 8)), range))
      }
      const early = [placeOf('EFER').offset, placeOf('CLEAN').offset]
      const page = (offset: number): Bv => words.get(offset)!
      const field = vmcbReader(page)
      for (const kind of pageKinds) b.set(results[kind], bool(false))
      if (!switches.S_NO_SIGNATURE) {
        // What hypervisors leave zero by habit, and VMRUN does not look at.
        read(UNUSED)
        b.when(nonZero(page(UNUSED)), () => b.return())
      }
      // Nearly every page ends here: no guest runs without SVME, unless the processor has its EFER from before.
      early.forEach(read)
      const { SVME } = eferLayout.of(field('EFER'))
      const { CRX } = vmcbClean.of(field('CLEAN'))
      b.when(and(SVME.not(), CRX.not()), () => b.return())
      for (const offset of offsetsRead) if (!early.includes(offset)) read(offset)
      b.set(results.startable, startablePage(page))
      b.set(results.ifCached, startableIfCachedPage(page))
      b.set(results.shaped, shapedPage(page))
    },
  })
export const classifyPage = classifierOf(ALL_ON)

// ---- what is known of the watched frame ----

const { f } = watched
const charge = (kind: PageKind): Bv => scanCounts[kind].charge.now
const chargesAreZero = (): Bool => and(...pageKinds.map((kind) => charge(kind).isZero()))
const one = (b: Bool): Bv => b.ite(u64(1), u64(0))
/** The watched frame has a slot of the list. */
const inList = (): Bool =>
  and(listing.slot.now.ult(scan.listed.now), plainFrame(scan.frame.now.at(listing.slot.now)).eq(plainFrame(f.now)))
const listIsSound = (): Conjunct[] =>
  named({
    'D1 the list has room for what it has': scan.listed.now.ule(scanConfig.slots.now),
    'D1 a frame that was noted is in the list': listing.noted.now.implies(inList()),
  })
/** A candidate is in the list, or the list says that it is too short. */
const isListed = (): Bool =>
  or(frameIs('startable', f.now), frameIs('shaped', f.now)).implies(or(listing.noted.now, scan.full.now))

/** `done` holds of the watched frame when it has been looked at, by now. */
const looked = (done: Bool): Conjunct[] => [
  ...named({
    'D1 frames not looked at are not counted': done.or(chargesAreZero()),
  }),
  ...snapshot({
    'D1 no candidate is passed over': done.implies(isListed()),
    ...Object.fromEntries(
      pageKinds.map((kind) => [
        `D1 a frame is counted as ${kind} exactly when it is`,
        done.implies(charge(kind).eq(one(frameIs(kind, f.now)))),
      ]),
    ),
  }),
]
/** Nothing is known to have changed of a frame that lies elsewhere. */
const elsewhere = (lies: Bool): Conjunct[] =>
  named({
    'D1 counts of frames elsewhere are left alone': or(lies.not(), and(...scanTallies.map((t) => t.charge.now.eq(t.charge.old)))),
    'D1 what was noted stays noted': listing.noted.old.implies(listing.noted.now),
    'D1 a list that was too short stays so': scan.full.old.implies(scan.full.now),
  })

const scanCells: readonly Cell[] = [
  ...Object.values(scan),
  ...Object.values(listing),
  ...scanTallies.flatMap((t) => [t.counter, t.charge]),
]

/** Looks at one frame, through both views where memory encryption gives it two. */
export const scanFrame = procedure('scanFrame', {
  params: { frame: bvSort(FRAME), range: bvSort(RANGE) },
  memory,
  modifies: scanCells,
  requires: ({ frame, range }) => [
    ...listIsSound(),
    ...named({
      'range holds the frame': rangeHolds(range, frame, frame),
      'a frame has no encryption bit': frame.bitand(config.cBit.now.bits(51, 12)).isZero(),
      'the frame is not counted yet': frame.eq(f.now).implies(chargesAreZero()),
    }),
  ],
  ensures: ({ frame }) => [
    ...listIsSound(),
    ...elsewhere(frame.ne(f.now)),
    ...looked(frame.eq(f.now)).filter((c) => c.mode === 'snapshot'),
  ],
  body: (b, { frame, range }) => {
    const plain = b.call(classifyPage, { view: frame, range })
    const kinds = {
      startable: b.var('startable', plain.startable),
      ifCached: b.var('ifCached', plain.ifCached),
      shaped: b.var('shaped', plain.shaped),
    }
    const listedAs = b.var('listedAs', frame)
    b.when(nonZero(config.cBit.now), () => {
      const view = b.let('encrypted', encryptedView(frame))
      const other = b.call(classifyPage, { view, range })
      b.when(and(plain.startable.not(), plain.shaped.not()), () => b.set(listedAs, view))
      for (const kind of pageKinds) b.set(kinds[kind], or(kinds[kind].now, other[kind]))
    })
    const is = (kind: PageKind): Bool => kinds[kind].now
    for (const kind of pageKinds)
      b.when(is(kind), () => b.tally(scanCounts[kind], bv(SPACE, 0), { kind: 'block', first: frame, shift: 0, as: 'one' }))
    b.when(or(is('startable'), is('shaped')).not(), () => b.return())
    b.when(scanConfig.slots.now.ule(scan.listed.now), () => {
      b.set(scan.full, bool(true))
      b.return()
    })
    b.store(scan.frame, scan.listed.now, listedAs.now)
    b.store(scan.kind, scan.listed.now, is('startable').bit().concat(is('shaped').bit()))
    b.ghost((g) => {
      const mine = frame.eq(f.now)
      g.set(listing.slot, mine.ite(scan.listed.now, listing.slot.now))
      g.set(listing.noted, or(listing.noted.now, mine))
    })
    b.set(scan.listed, scan.listed.now.plus(1))
  },
})

const LOOP = FRAME + 1
const within = (from: Bv, below: Bv): Bool => and(from.zext(LOOP).ule(f.now.zext(LOOP)), f.now.zext(LOOP).ult(below))

/** Looks at the frames first..last of one range of the boot map. */
export const scanRun = procedure('scanRun', {
  params: { range: bvSort(RANGE), first: bvSort(FRAME), last: bvSort(FRAME) },
  memory,
  modifies: scanCells,
  requires: ({ range, first, last }) => [
    ...configured(),
    ...listIsSound(),
    ...named({
      'a run of frames': first.ule(last),
      'range holds the run': rangeHolds(range, first, last),
      'the frames are not counted yet': and(first.ule(f.now), f.now.ule(last)).implies(chargesAreZero()),
    }),
  ],
  ensures: ({ first, last }) => {
    const done = and(first.ule(f.now), f.now.ule(last))
    return [...listIsSound(), ...elsewhere(done.not()), ...looked(done).filter((c) => c.mode === 'snapshot')]
  },
  body: (b, { range, first, last }) => {
    const below = last.zext(LOOP).plus(1)
    const invariant = (k: Bv): Conjunct[] => {
      const done = within(first, k)
      const toCome = and(f.now.ule(last), k.ule(f.now.zext(LOOP)))
      return [
        ...listIsSound(),
        ...elsewhere(and(first.ule(f.now), f.now.ule(last)).not()),
        ...named({ 'frames to come are not counted': toCome.implies(chargesAreZero()) }),
        ...looked(done).filter((c) => c.mode === 'snapshot'),
      ]
    }
    b.for('frame', { from: first.zext(LOOP), below, invariant }, (k) => {
      const frame = b.let('plain', k.bits(FRAME - 1, 0))
      b.assert(...named({ 'a frame of the map has no encryption bit': frame.bitand(config.cBit.now.bits(51, 12)).isZero() }))
      b.call(scanFrame, { frame, range })
    })
  },
})

/** Looks at all frames of the boot map. */
export const scanMemory = procedure('scanMemory', {
  params: {},
  memory,
  modifies: scanCells,
  requires: () => configured(),
  ensures: () => [...listIsSound(), ...looked(holdsWatched(f.now, f.now))],
  body: (b) => {
    b.set(scan.listed, bv(SLOT, 0))
    b.set(scan.full, bool(false))
    for (const t of scanTallies) b.store(t.counter, bv(SPACE, 0), u64(0))
    b.ghost((g) => {
      for (const t of scanTallies) g.set(t.charge, u64(0))
      g.set(listing.noted, bool(false))
    })
    const invariant = (r: Bv): Conjunct[] => [
      ...listIsSound(),
      ...looked(and(holdsWatched(f.now, f.now), watched.fRange.now.ult(r))),
    ]
    b.for('r', { from: bv(RANGE, 0), below: bootMap.ranges.now, invariant }, (r) => {
      const first = b.let('first', bootMap.first.now.at(r))
      const last = b.let('last', bootMap.last.now.at(r))
      const { now } = watched.fRange
      b.assert(
        ...named({
          'a range is a run of frames': first.ule(last),
          'the watched frame lies in its own range only': and(first.ule(f.now), f.now.ule(last)).iff(
            and(now.eq(r), holdsWatched(f.now, f.now)),
          ),
        }),
      )
      b.call(scanRun, { range: r, first, last })
    })
  },
})

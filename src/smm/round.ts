// One round of the census over all spaces, for one window. Round 1 finds which frames each space maps, how often, and which frames several
// spaces map; round 2, knowing that, counts shared frames, certainly usable ones and table pages.

import { named, procedure, type ProcedureBuilder, snapshot } from '../model/builder.ts'
import type { Cell } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, bool, type Bool, bv, type Bv, ite, or, u64 } from '../model/term.ts'
import { memory } from './boot-map.ts'
import {
  charge,
  firstFacts,
  guest,
  guestFacts,
  inMap,
  known,
  maps,
  passes,
  round1,
  round2,
  same,
  secondFacts,
  totalFacts,
  under,
  zero,
} from './census-facts.ts'
import { census, counts, finals, SPACE, spaces, trace, vmcbs, watched } from './cells.ts'
import { configured, counterBounds, nonZero, running, watchedBit, whenRunning, workConjuncts } from './link.ts'
import { countMappedTables } from './mapped-tables.ts'
import { noteVmcbs, notedAlone, unnoted, vmcbsNoted } from './mapped-vmcbs.ts'
import { clearBitmaps, endings, inRound, measurable, spaceCells, walkSpace } from './space.ts'
import type { Switches } from './switches.ts'
import { inWindow } from './watched-frame.ts'

const { g, g2, f, s, s2 } = watched
/** The witnesses that round 1 leaves behind. */
const FIRST_FINALS = [
  ...[finals.wit, finals.wit2, finals.hits, finals.totalSpace, finals.totalPage, finals.tableSpace, finals.tablePage],
]
/** The bits that gather all spaces below `k`, for the watched frame (inside the window). */
function gathered(k: Bv): Conjunct[] {
  const { anySpace, anyPage, twoSpace, twoPage } = trace
  const [any, two] = [watchedBit(census.any), watchedBit(census.two)]
  const at = (space: Bv, page: Bv): Bool => space.ult(k).and(maps(space, page))
  return snapshot({
    'W1 any space: a frame reached so far is marked': and(inWindow(), or(at(s.now, g.now), at(s2.now, g2.now))).implies(any),
    'W1 two spaces: a frame reached from two so far is marked': and(
      inWindow(),
      at(s.now, g.now),
      at(s2.now, g2.now),
      s.now.ne(s2.now),
    ).implies(two),
    'W2 any space: a marked frame is reached from a space': and(inWindow(), any).implies(at(anySpace.now, anyPage.now)),
    'W2 two spaces: a marked frame is reached from two': and(inWindow(), two).implies(twoSpaces(k)),
    'W1 tables: a table on a way so far is marked': and(inWindow(), s2.now.ult(k), passes(s2.now, g.now)).implies(
      watchedBit(census.tables),
    ),
    'W2 tables: a marked frame is a table on a way': and(inWindow(), watchedBit(census.tables)).implies(
      and(trace.tableSpace.now.ult(k), passes(trace.tableSpace.now, trace.tablePage.now)),
    ),
    'W2 two spaces: and the first is the one that any knows': and(inWindow(), two).implies(
      and(any, twoSpace.now.ne(anySpace.now), at(twoSpace.now, twoPage.now)),
    ),
  })
}
/** Of the bitmap of tables after round 1: who is in it. */
const tablesKnown = (): Conjunct[] =>
  snapshot({
    'W1 tables: every table on a way is marked': and(inWindow(), known(s2.now), passes(s2.now, g.now)).implies(
      watchedBit(census.tables),
    ),
    'W2 tables: every marked frame is a table on a way': and(inWindow(), watchedBit(census.tables)).implies(
      and(known(finals.tableSpace.now), passes(finals.tableSpace.now, finals.tablePage.now)),
    ),
  })
/** Of the bitmap of frames that two spaces reach, after round 1. */
const twoKnown = (): Conjunct[] =>
  snapshot({
    'W1 two spaces: a frame reached from two is marked': and(
      inWindow(),
      known(s.now),
      known(s2.now),
      s.now.ne(s2.now),
      maps(s.now, g.now),
      maps(s2.now, g2.now),
    ).implies(watchedBit(census.two)),
    'W2 two spaces: a marked frame is reached from two': and(inWindow(), watchedBit(census.two)).implies(
      twoSpaces(spaces.count.now),
    ),
  })
const twoSpaces = (k: Bv): Bool => {
  const { anySpace, anyPage, twoSpace, twoPage } = trace
  return and(
    anySpace.now.ult(k),
    twoSpace.now.ult(k),
    anySpace.now.ne(twoSpace.now),
    maps(anySpace.now, anyPage.now),
    maps(twoSpace.now, twoPage.now),
  )
}

export const roundCells: readonly Cell[] = [
  ...spaceCells,
  census.round,
  census.space,
  ...Object.values(finals),
  trace.anySpace,
  trace.anyPage,
  trace.twoSpace,
  trace.twoPage,
  trace.tableSpace,
  trace.tablePage,
  ...Object.values(counts.after).flatMap((t) => [t.counter, t.charge]),
]

const standing = (): Conjunct[] => [...configured(), ...counterBounds(), ...workConjuncts(), ...named({ running: running() })]

export const measureRound = (n: 1 | 2, switches: Switches) => {
  const mine = n === 1 ? round1 : round2
  const others = n === 1 ? round2 : [...round1, counts.total]
  const behind = (k: Bv): Bool => inWindow().and(s.now.ult(k))
  const facts = n === 1 ? firstFacts : secondFacts
  const state = (k: Bv): Conjunct[] => [
    ...counterBounds(),
    ...workConjuncts(),
    ...named({
      running: running(),
      [`round ${n}`]: inRound(n),
      'charges of spaces to come are zero': inWindow()
        .and(k.ule(s.now))
        .implies(zero(...mine)),
      'charges outside the window are left alone': inWindow().or(same(...mine, counts.total)),
      'charges of the other round are left alone': same(...others.filter((t) => t !== counts.total)),
      'a frame outside the boot map is not charged': inMap().or(
        inWindow().not(),
        zero(...mine, ...(n === 1 ? [counts.total] : [])),
      ),
      'guest charges are left alone unless counting': census.counting.now.or(same(...guest)),
      'guest charges of spaces to come are zero': and(census.counting.now, k.ule(s.now)).implies(zero(...guest)),
      ...(n === 1
        ? {
            'total is charged when a space so far has the frame': inWindow().implies(
              charge(counts.total).eq(watchedBit(census.any).ite(u64(1), u64(0))),
            ),
          }
        : { 'total is left alone': same(counts.total) }),
      ...(n === 1
        ? {}
        : {
            'two is left alone': inWindow().implies(watchedBit(census.two).iff(bitBefore(census.two))),
            'notes elsewhere are left alone': inWindow().or(notedAlone()),
            'a VMCB outside the boot map is not noted': or(inMap(), inWindow().not(), unnoted()),
            'tables is left alone': inWindow().implies(watchedBit(census.tables).iff(bitBefore(census.tables))),
          }),
      'U1 spaces so far have 4 or 5 levels': s.now.ult(k).implies(measurable(s.now)),
      'final witnesses elsewhere are left alone': inWindow().or(and(...Object.values(finals).map((c) => sameCell(c)))),
      ...(n === 1
        ? {}
        : {
            'final witnesses of round 1 are left alone': and(...FIRST_FINALS.map((c) => sameCell(c))),
          }),
    }),
    ...snapshot(under(behind(k), facts())),
    ...snapshot(under(and(census.counting.now, s.now.ult(k)), n === 1 ? guestFacts() : {})),
    ...(n === 1
      ? gathered(k)
      : [
          ...snapshot({ 'two spaces are known': and(inWindow(), watchedBit(census.two)).implies(twoSpaces(spaces.count.now)) }),
          ...tablesKnown(),
          ...snapshot(under(inWindow(), vmcbsNoted(k))),
        ]),
  ]
  return procedure(`round${n}`, {
    params: {},
    memory,
    modifies: n === 1 ? roundCells : [...roundCells, vmcbs.space],
    requires: () => [
      ...standing(),
      ...named({
        'charges of the window are zero': inWindow().implies(zero(...mine, ...(n === 1 ? [counts.total] : []))),
        'leaves are counted once': census.counting.now.implies(n === 1 ? zero(...guest) : bool(false)),
      }),
      ...(n === 1 ? [] : twoKnown()),
      ...(n === 1
        ? []
        : [...tablesKnown(), ...named({ 'VMCBs of the window are not noted yet': inWindow().implies(unnoted()) })]),
    ],
    ensures: () => [
      ...counterBounds(),
      ...workConjuncts(),
      ...endings(),
      ...whenRunning([
        ...named({
          'charges of other windows are left alone': inWindow().or(same(...mine, counts.total)),
          'charges of the other round are left alone': same(...others.filter((t) => t !== counts.total)),
          ...(n === 1 ? {} : { 'total is left alone': same(counts.total) }),
          'guest charges are left alone unless counting': census.counting.now.or(same(...guest)),
          'final witnesses elsewhere are left alone': inWindow().or(and(...Object.values(finals).map((c) => sameCell(c)))),
          ...(n === 1
            ? {}
            : {
                'final witnesses of round 1 are left alone': and(...FIRST_FINALS.map((c) => sameCell(c))),
              }),
          ...(n === 1
            ? {}
            : {
                'notes elsewhere are left alone': inWindow().or(notedAlone()),
                'a VMCB outside the boot map is not noted': or(inMap(), inWindow().not(), unnoted()),
              }),
          'U1 every space measured has 4 or 5 levels': known(s.now).implies(measurable(s.now)),
          'a frame outside the boot map is not charged': inMap().or(
            inWindow().not(),
            zero(...mine, ...(n === 1 ? [counts.total] : [])),
          ),
        }),
        ...snapshot(under(inWindow().and(known(s.now)), facts())),
        ...(n === 1
          ? [
              ...snapshot(under(inWindow(), totalFacts())),
              ...snapshot(under(and(census.counting.now, known(s.now)), guestFacts())),
              ...twoKnown(),
              ...tablesKnown(),
            ]
          : snapshot(under(inWindow(), vmcbsNoted(spaces.count.now)))),
      ]),
    ],
    body: (b) => {
      b.set(census.round, bv(2, n))
      if (n === 1) {
        b.call(clearBitmaps(true, switches), {})
        b.when(running().not(), () => b.return())
      }
      b.for('s', { from: bv(SPACE, 0), below: spaces.count.now, invariant: state }, (space) => {
        b.set(census.space, space)
        b.call(walkSpace(switches), {})
        b.when(running().not(), () => b.return())
        b.ghost((ghost) => record(n, ghost))
        if (n === 2) {
          b.call(countMappedTables(switches), {})
          b.when(running().not(), () => b.return())
          b.call(noteVmcbs(switches), {})
          b.when(running().not(), () => b.return())
        }
      })
      if (n === 1)
        b.ghost((ghost) => {
          ghost.set(finals.totalSpace, inWindow().ite(trace.anySpace.now, finals.totalSpace.now))
          ghost.set(finals.totalPage, inWindow().ite(trace.anyPage.now, finals.totalPage.now))
          ghost.set(finals.tableSpace, inWindow().ite(trace.tableSpace.now, finals.tableSpace.now))
          ghost.set(finals.tablePage, inWindow().ite(trace.tablePage.now, finals.tablePage.now))
        })
    },
  })
}

const offset = (): Bv => f.now.minus(census.windowFirst.now)
/** The watched frame's bit at the procedure's entry. */
const bitBefore = (bitmap: typeof census.two): Bool =>
  bitmap.old.at(offset().bits(39, 6)).lshr(offset().bits(5, 0).zext(64)).bit(0)
const sameCell = (c: (typeof finals)[keyof typeof finals]): Bool => (c.now as Bv).eq(c.old as Bv)

/** Keeps the witnesses of the pass just made. */
function record(n: 1 | 2, ghost: Parameters<Parameters<ProcedureBuilder['ghost']>[0]>[0]): void {
  const mine = inWindow().and(census.space.now.eq(s.now))
  const keep = <T extends (typeof finals)[keyof typeof finals]>(cell: T, value: Bv): void =>
    ghost.set(cell, mine.ite(value, cell.now))
  if (n === 1) {
    const hit = inWindow().and(nonZero(trace.hits.now))
    const { anyBefore, twoBefore, anySpace, anyPage, twoSpace, twoPage } = trace
    const second = and(hit, anyBefore.now, twoBefore.now.not())
    ghost.set(twoSpace, second.ite(census.space.now, twoSpace.now))
    ghost.set(twoPage, second.ite(trace.wit.now, twoPage.now))
    const first = and(hit, anyBefore.now.not())
    ghost.set(anySpace, first.ite(census.space.now, anySpace.now))
    ghost.set(anyPage, first.ite(trace.wit.now, anyPage.now))
    const table = and(inWindow(), nonZero(trace.tableHits.now), trace.tablesBefore.now.not())
    ghost.set(trace.tableSpace, table.ite(census.space.now, trace.tableSpace.now))
    ghost.set(trace.tablePage, table.ite(trace.tableWit.now, trace.tablePage.now))
    keep(finals.wit, trace.wit.now)
    keep(finals.wit2, trace.wit2.now)
    keep(finals.hits, trace.hits.now)
    return
  }
  ghost.set(finals.vmcbPage, inWindow().and(nonZero(trace.hits.now)).ite(trace.wit.now, finals.vmcbPage.now))
  const { anySpace, anyPage, twoSpace, twoPage } = trace
  const other = anySpace.now.ne(census.space.now)
  keep(finals.sharedWit, trace.wit.now)
  keep(finals.otherSpace, ite(other, anySpace.now, twoSpace.now))
  keep(finals.otherPage, ite(other, anyPage.now, twoPage.now))
  keep(finals.certainWit, trace.certainWit.now)
  keep(finals.tableWit, trace.tableWit.now)
}

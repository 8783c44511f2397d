// The census: windows over the frames of the boot map, and for each window two rounds over all spaces. Round 1 finds which
// frames each space maps, how often, and which frames several spaces map; round 2, knowing that, counts shared frames,
// certainly usable ones and table pages. Leaves are counted once, in the first round of the first window.
// A census ends `complete` (status running at the return) or with the reason why not.

import { named, procedure, type ProcedureBuilder, snapshot } from '../model/builder.ts'
import type { Cell, Tally } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, bool, type Bool, bv, type Bv, ite, or, u64 } from '../model/term.ts'
import { memory } from './boot-map.ts'
import {
  bootMap,
  census,
  config,
  counts,
  FRAME,
  finals,
  NOTED,
  perSpace,
  RANGE,
  SLOT,
  SPACE,
  spaces,
  tallies,
  trace,
  vmcbs,
  watched,
} from './cells.ts'
import { fact, type FactName } from './facts.ts'
import { configured, counterBounds, nonZero, running, watchedBit, whenRunning, workConjuncts } from './link.ts'
import { countMappedTables } from './mapped-tables.ts'
import { noteVmcbs, notedAlone, unnoted, vmcbsNoted } from './mapped-vmcbs.ts'
import { clearBitmaps, endings, GUEST_FACTS, inRound, measurable, spaceCells, walkSpace } from './space.ts'
import type { Switches } from './switches.ts'
import { holdsWatched, inWindow } from './watched-frame.ts'

const { g, g2, f, s, s2 } = watched
/** The witnesses that round 1 leaves behind. */
const FIRST_FINALS = [
  ...[finals.wit, finals.wit2, finals.hits, finals.totalSpace, finals.totalPage, finals.tableSpace, finals.tablePage],
]
/** The boot map has the watched frame. */
const inMap = (): Bool => holdsWatched(f.now, f.now)
const charge = (t: Tally): Bv => t.charge.now
const isOne = (t: Tally): Bool => charge(t).eq(1)
const zero = (...of: readonly Tally[]): Bool => and(...of.map((t) => charge(t).isZero()))
const atMostOnce = (...of: readonly Tally[]): Bool => and(...of.map((t) => charge(t).ule(1)))
const same = (...of: readonly Tally[]): Bool => and(...of.map((t) => charge(t).eq(t.charge.old)))
const round1 = Object.values(counts.round1)
const round2 = [...Object.values(counts.round2), ...Object.values(counts.after)]
const guest = Object.values(counts.guest)
const known = (space: Bv): Bool => space.ult(spaces.count.now)
const maps = (space: Bv, page: Bv): Bool => fact('maps', space, page)
const passes = (space: Bv, page: Bv): Bool => fact('passes', space, page)

// ---- what is known of the watched frame and the watched spaces, once they have been measured ----

/** Round 1 for space `s`: W1 (what reaches is counted), W2 (what is counted is reached), for distinct and multiple frames. */
const firstFacts = (): Readonly<Record<string, Bool>> => {
  const { distinct, multiple, extra } = counts.round1
  return {
    'W1 no-hide: a frame that a page of the space reaches is counted as distinct': maps(s.now, g.now).implies(isOne(distinct)),
    'W1 no-hide: a frame that two pages reach is counted as mapped more than once': and(
      maps(s.now, g.now),
      maps(s.now, g2.now),
      g.now.ne(g2.now),
    ).implies(isOne(multiple)),
    'W2 no-inflate: a frame counted as distinct is reached by a page': isOne(distinct).implies(maps(s.now, finals.wit.now)),
    'W2 no-inflate: a frame counted as mapped more than once is reached by two pages': isOne(multiple).implies(
      and(maps(s.now, finals.wit.now), maps(s.now, finals.wit2.now), finals.wit.now.ne(finals.wit2.now)),
    ),
    'W3 no frame is counted twice': atMostOnce(distinct, multiple),
    'W3 distinct and extra mappings add up to the hits': charge(distinct).plus(charge(extra)).eq(finals.hits.now),
  }
}
/** Round 2 for space `s`. */
const secondFacts = (): Readonly<Record<string, Bool>> => {
  const { shared, certain, tables } = counts.round2
  const { mappedTables } = counts.after
  const { sharedWit, otherSpace, otherPage, certainWit, tableWit, tableSpace, tablePage } = finals
  return {
    'W1 no-hide: a frame that two spaces reach is counted as shared': and(
      maps(s.now, g.now),
      maps(s2.now, g2.now),
      s.now.ne(s2.now),
      known(s2.now),
    ).implies(isOne(shared)),
    'W1 no-hide: a frame certainly reached is counted as certain': fact('certainlyMaps', s.now, g.now).implies(isOne(certain)),
    'W2 no-inflate: a frame counted as shared is reached from two spaces': isOne(shared).implies(
      and(maps(s.now, sharedWit.now), maps(otherSpace.now, otherPage.now), otherSpace.now.ne(s.now), known(otherSpace.now)),
    ),
    'W2 no-inflate: a frame counted as certain is certainly reached': isOne(certain).implies(
      fact('certainlyMaps', s.now, certainWit.now),
    ),
    'W3 every table on a way is counted': fact('passes', s.now, g.now).implies(isOne(tables)),
    'W3 every table counted is on a way': isOne(tables).implies(fact('passes', s.now, tableWit.now)),
    'W1 no-hide: a frame that the space reaches and that is a table of any space is counted as a mapped table': and(
      maps(s.now, g2.now),
      passes(s2.now, g.now),
      known(s2.now),
    ).implies(isOne(mappedTables)),
    'W2 no-inflate: a frame counted as a mapped table is reached, and a table on a way of a space': isOne(mappedTables).implies(
      and(maps(s.now, sharedWit.now), passes(tableSpace.now, tablePage.now), known(tableSpace.now)),
    ),
    'W3 no frame is counted twice as shared, certain, table or mapped table': atMostOnce(shared, certain, tables, mappedTables),
  }
}
/** The union over all spaces. */
const totalFacts = (): Readonly<Record<string, Bool>> => ({
  'W1 no-hide: a frame that any space reaches is counted in the total': maps(s.now, g.now)
    .and(known(s.now))
    .implies(isOne(counts.total)),
  'W2 no-inflate: a frame counted in the total is reached from a space': isOne(counts.total).implies(
    maps(finals.totalSpace.now, finals.totalPage.now).and(known(finals.totalSpace.now)),
  ),
  'W3 no frame is counted twice in the total': atMostOnce(counts.total),
})
const under = (condition: Bool, facts: Readonly<Record<string, Bool>>): Readonly<Record<string, Bool>> =>
  Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, condition.implies(fact)]))

/** The guest counts of space `s` after its leaves were counted. */
const guestFacts = (): Readonly<Record<string, Bool>> => {
  const is = (name: FactName): Bool => fact(name, s.now, g.now)
  const exact = GUEST_FACTS.map(
    (name) => [`W3 count of ${name}`, charge(counts.guest[name]).eq(is(name).ite(u64(1), u64(0)))] as const,
  )
  const { foreign } = counts.guest
  return {
    ...Object.fromEntries(exact),
    'W1 a reachable frame outside the boot map is counted as foreign': and(
      atMostOnce(foreign),
      isOne(foreign).implies(is('mapped')),
      is('mapsOutside').implies(isOne(foreign)),
    ),
    'W2 a leaf wholly inside a range is not foreign': is('wholeLeaf').implies(charge(foreign).isZero()),
  }
}

// ---- one round over all spaces ----

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

const roundCells: readonly Cell[] = [
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
      ...(n === 1
        ? []
        : snapshot({
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
          })),
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
              ...snapshot({
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
              }),
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

// ---- windows ----

/** The first frame of the boot map at or above `from`. */
export const nextFrame = procedure('nextFrame', {
  params: { from: { kind: 'bv', width: FRAME } },
  results: { found: { kind: 'bool' }, frame: { kind: 'bv', width: FRAME } },
  memory,
  modifies: [],
  requires: () => [],
  ensures: ({ from }, { found, frame }) =>
    named({
      'I11 the frame is not below the start': found.implies(from.ule(frame)),
      'I11 no frame of the map is passed over': inMap()
        .and(from.ule(f.now))
        .implies(found.and(frame.ule(f.now))),
    }),
  body: (b, { from }, { found, frame }) => {
    b.set(found, bool(false))
    b.set(frame, bv(FRAME, 0))
    const invariant = (r: Bv) =>
      named({
        'nothing found yet': found.now.not(),
        'I11 ranges so far end below the start': watched.fRange.now.ult(r).implies(inMap().implies(f.now.ult(from))),
      })
    b.for('r', { from: bv(RANGE, 0), below: bootMap.ranges.now, invariant }, (r) => {
      const first = b.let('first', bootMap.first.now.at(r))
      b.when(from.ule(bootMap.last.now.at(r)), () => {
        b.set(found, bool(true))
        b.set(frame, ite(from.ult(first), first, from))
        b.break()
      })
    })
  },
})

const inOrder = (): Conjunct[] => named({ 'the boot map has a range': nonZero(bootMap.ranges.now) })
const zeroed = (index: Bv): Bool => and(...perSpace.map((t) => t.counter.now.at(index).isZero()))

/** Everything the census has established once it has ended complete, for arbitrary watches. */
export const established = (): Conjunct[] => [
  ...snapshot(under(and(inMap(), known(s.now)), { ...firstFacts(), ...secondFacts() })),
  ...snapshot(under(inMap(), { ...totalFacts(), ...vmcbsNoted(spaces.count.now) })),
  ...snapshot(under(known(s.now), guestFacts())),
  ...named({
    'W2 a frame outside the boot map is not counted': inMap().or(zero(...round1, ...round2, counts.total)),
    'U1 every space measured has 4 or 5 levels': known(s.now).implies(measurable(s.now)),
  }),
]

export const measure = (switches: Switches) =>
  procedure('measure', {
    params: {},
    memory,
    modifies: [...roundCells, vmcbs.space, census.counting, census.windowFirst],
    requires: () => [...configured(), ...inOrder()],
    ensures: () => [...workConjunctsAtEnd(), ...endings(), ...whenRunning(established())],
    body: (b) => {
      start(b)
      const { frame: firstFrame } = b.call(nextFrame, { from: bv(FRAME, 0) })
      b.set(census.windowFirst, firstFrame)
      b.set(census.counting, bool(true))
      const done = (): Bool => f.now.ult(census.windowFirst.now)
      const invariant = (k: Bv): Conjunct[] => [
        ...counterBounds(),
        ...workConjunctsAtEnd(),
        ...named({
          running: running(),
          'each window begins above the one before': k.ule(census.windowFirst.now.zext(FRAME + 1)),
          'charges of frames to come are zero': or(done().and(inMap()), zero(...round1, ...round2, counts.total)),
          'VMCBs in frames to come are not noted': or(done().and(inMap()), unnoted()),
          'guest charges are zero until leaves are counted': census.counting.now.implies(zero(...guest)),
          'U1 spaces have 4 or 5 levels, once a window is done': census.counting.now.or(known(s.now).implies(measurable(s.now))),
          'the first window comes first': census.counting.now.implies(done().and(inMap()).not()),
        }),
        ...snapshot(under(and(done(), inMap(), known(s.now)), { ...firstFacts(), ...secondFacts() })),
        ...snapshot(under(and(done(), inMap()), { ...totalFacts(), ...vmcbsNoted(spaces.count.now) })),
        ...snapshot(under(and(census.counting.now.not(), known(s.now)), guestFacts())),
      ]
      b.for('window', { from: bv(FRAME + 1, 0), below: bv(FRAME + 1, 1n << BigInt(FRAME)), invariant }, () => {
        b.call(measureRound(1, switches), {})
        b.when(running().not(), () => b.return())
        b.set(census.counting, bool(false))
        b.call(measureRound(2, switches), {})
        b.when(running().not(), () => b.return())
        const end = b.let(
          'end',
          census.windowFirst.now.zext(FRAME + 1).plus(config.windowWords.now.concat(bv(6, 0)).zext(FRAME + 1)),
        )
        b.when(end.bit(FRAME), () => b.break())
        const { found, frame } = b.call(nextFrame, { from: end.bits(FRAME - 1, 0) })
        b.when(found.not(), () => b.break())
        b.set(census.windowFirst, frame)
      })
    },
  })

const workConjunctsAtEnd = (): Conjunct[] => workConjuncts().filter((c) => !c.name.includes('only grows'))

/** Zero counts, no work spent. */
function start(b: ProcedureBuilder): void {
  b.set(census.status, bv(8, 0))
  b.set(census.work, u64(0))
  const invariant = (i: Bv): Conjunct[] =>
    named({ 'counters so far are zero': watched.index.now.ult(i).implies(zeroed(watched.index.now)) })
  b.for('i', { from: bv(SPACE, 0), below: spaces.count.now, invariant }, (i) => {
    for (const t of perSpace) b.store(t.counter, i, u64(0))
  })
  b.store(counts.total.counter, bv(SPACE, 0), u64(0))
  const none = (i: Bv): Conjunct[] =>
    named({ 'VMCBs so far are not noted': watched.slot.now.ult(i).implies(vmcbs.space.now.at(watched.slot.now).isZero()) })
  b.for('v', { from: bv(SLOT, 0), below: vmcbs.count.now, invariant: none }, (v) => b.store(vmcbs.space, v, bv(NOTED, 0)))
  b.ghost((ghost) => {
    for (const t of tallies) ghost.set(t.charge, u64(0))
  })
}

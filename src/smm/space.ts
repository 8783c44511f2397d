// walkSpace: one pass over one nested address space, from its recorded root and mode. Bitmaps of the space are cleared first.
// Modes other than 4 and 5 levels end as unsupported-mode, never as a number.

import { named, procedure, type ProcedureBuilder, snapshot } from '../model/builder.ts'
import type { Cell } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, type Bool, bool, bv, type Bv, or, u64 } from '../model/term.ts'
import { findRange, memory, plainFrame, rangeHolds } from './boot-map.ts'
import { census, config, counts, PAGE, PERMISSIONS, spaces, STATUS, statusIs, trace, watched, WORD } from './cells.ts'
import { type FactName, fact } from './facts.ts'
import {
  configured,
  counterBounds,
  links,
  nonZero,
  running,
  spaceInRange,
  watchedBit,
  whenRunning,
  workConjuncts,
} from './link.ts'
import { markTable, spend } from './mark.ts'
import { rootReach } from './reach.ts'
import type { Switches } from './switches.ts'
import { walkCells, walkTable } from './walk.ts'
import { bookkeeping, guestCountsKept } from './walk-facts.ts'
import { hitBy, inWindow } from './watched-frame.ts'

export const inRound = (n: 1 | 2): Bool => census.round.now.eq(n)
const here = (n: 1 | 2): Bool => and(inWindow(), census.space.now.eq(watched.s.now), inRound(n))
const chargesAreZero = (of: Readonly<Record<string, { charge: Cell }>>): Bool =>
  and(...Object.values(of).map((t) => (t.charge.now as Bv).isZero()))
const clearedBits = (): Bool =>
  inWindow().implies(
    and(watchedBit(census.once).not(), watchedBit(census.twice).not(), inRound(1).or(watchedBit(census.any).not())),
  )

const clearCells = [census.status, census.work, census.once, census.twice, census.any, census.two, census.tables]

/** Clears the bitmaps that one space's pass needs clear; with `all`, those that gather all spaces too. */
export const clearBitmaps = (all: boolean, switches: Switches) => {
  const cleared = (): Bool =>
    inWindow().implies(
      all ? and(watchedBit(census.any).not(), watchedBit(census.two).not(), watchedBit(census.tables).not()) : clearedBits(),
    )
  const others = (): Bool => {
    const kept = (b: typeof census.once) => b.now.at(watchedWord()).eq(b.old.at(watchedWord()))
    return inWindow().implies(all ? bool(true) : and(kept(census.two), kept(census.tables), inRound(2).or(kept(census.any))))
  }
  return procedure(all ? 'clearAllSpaces' : 'clearSpace', {
    params: {},
    memory,
    modifies: clearCells,
    requires: () => [
      ...configured(),
      ...workConjuncts(),
      ...named({ running: running(), 'round 1 or 2': inRound(1).or(inRound(2)) }),
    ],
    ensures: () => [
      ...workConjuncts(),
      ...named({ 'status is running or truncated': running().or(statusIs('truncated')) }),
      ...whenRunning(named({ 'the watched bits are clear': cleared(), 'other bits are left alone': others() })),
    ],
    body: (b) => {
      const invariant = (w: Bv): Conjunct[] => {
        const passed = watchedWord().ult(w)
        return [
          ...workConjuncts(),
          ...named({
            running: running(),
            'words so far are clear': passed.implies(cleared()),
            'other bits are left alone': others(),
          }),
        ]
      }
      b.for('w', { from: bv(WORD, 0), below: config.windowWords.now, invariant }, (w) => {
        spend(b, switches)
        if (all) {
          b.store(census.any, w, u64(0))
          b.store(census.two, w, u64(0))
          b.store(census.tables, w, u64(0))
        } else {
          b.store(census.once, w, u64(0))
          b.store(census.twice, w, u64(0))
          b.when(inRound(2), () => b.store(census.any, w, u64(0)))
        }
      })
    },
  })
}
const watchedWord = (): Bv => watched.f.now.minus(census.windowFirst.now).bits(39, 6)

export const spaceCells: readonly Cell[] = [...walkCells, trace.anyBefore, trace.twoBefore, trace.tablesBefore]
export const GUEST_FACTS = [
  'leaf4K',
  'leaf2M',
  'leaf1G',
  'mapped',
  'beyond',
  'reserved',
  'smram',
  ...PERMISSIONS,
] as const satisfies readonly FactName[]

/** What a pass over the current space has found, of the watched page and frame. */
function found(): Conjunct[] {
  const { g, g2 } = watched
  const { seen, seen2, certainSeen, tableSeen, hits, certainHits, tableHits, wit, wit2, certainWit, tableWit } = trace
  const here = (name: FactName, page: Bv): Bool => fact(name, census.space.now, page)
  const seenIff = (flag: Bool, name: FactName, page: Bv): Bool => flag.iff(here(name, page).and(inWindow()))
  const topic = (t: string) => ({ topic: t })
  return [
    ...snapshot({ 'W1 a page is seen exactly when it reaches the frame': seenIff(seen.now, 'maps', g.now) }, topic('page g')),
    ...snapshot({ 'W1 and so is a second page': seenIff(seen2.now, 'maps', g2.now) }, topic('page g2')),
    ...snapshot({ 'W1 certainly': seenIff(certainSeen.now, 'certainlyMaps', g.now) }, topic('page g')),
    ...snapshot(
      { 'W3 a table on the way is met': here('passes', g.now).and(inWindow()).implies(tableSeen.now) },
      topic('page g'),
    ),
    ...snapshot({ 'W2 a hit has its page': nonZero(hits.now).implies(here('maps', wit.now)) }, topic('page wit')),
    ...snapshot({ 'W2 a second hit has its page': hits.now.uge(2).implies(here('maps', wit2.now)) }, topic('page wit2')),
    ...snapshot(
      { 'W2 a certain hit has its page': nonZero(certainHits.now).implies(here('certainlyMaps', certainWit.now)) },
      topic('page certainWit'),
    ),
    ...snapshot(
      { 'W3 a table hit has its page': nonZero(tableHits.now).implies(here('passes', tableWit.now)) },
      topic('page tableWit'),
    ),
  ]
}

/** What a pass over the current space adds to the counts of the watched guest page. */
function counted(): Conjunct[] {
  const { g, s } = watched
  const now = census.counting.now.and(census.space.now.eq(s.now))
  const is = (name: FactName): Bool => fact(name, s.now, g.now)
  const exact = GUEST_FACTS.flatMap((name) => {
    const { charge } = counts.guest[name]
    const added = now.and(is(name)).ite(u64(1), u64(0))
    return snapshot({ [`W3 count of ${name}`]: charge.now.eq(charge.old.plus(added)) }, { topic: 'page g' })
  })
  const { charge } = counts.guest.foreign
  const [unchanged, charged] = [charge.now.eq(charge.old), charge.now.eq(charge.old.plus(1))]
  return [
    ...exact,
    ...snapshot(
      {
        'W1 a reachable frame outside the boot map is counted as foreign': and(
          or(unchanged, charged.and(now, is('mapped'))),
          now.and(is('mapsOutside')).implies(charged),
        ),
      },
      { topic: 'page g' },
    ),
    ...snapshot(
      { 'W2 a leaf wholly inside a range is not foreign': now.and(is('wholeLeaf')).implies(unchanged) },
      { topic: 'page g' },
    ),
  ]
}
/** The recorded mode of the space has 4 or 5 levels. */
export const measurable = (space: Bv): Bool => spaces.mode.now.at(space).uge(2)

/** Why a pass ended early, with the evidence. */
export function endings(): Conjunct[] {
  const { foreignFrame, foreignWit } = trace
  const space = census.space.now
  const { five, long5, long4, low, root } = rootReach(space, foreignWit.now)
  const needed = or(
    root.eq(foreignFrame.now),
    five.and(long5.passes(foreignFrame.now)),
    and(five.not(), low, long4.passes(foreignFrame.now)),
  )
  return [
    ...named({
      'U1 a pass ends running, truncated, foreign-table or unsupported-mode': or(
        running(),
        statusIs('truncated'),
        statusIs('foreignTable'),
        statusIs('unsupportedMode'),
      ),
      'U1 unsupported-mode: the recorded mode has neither 4 nor 5 levels': statusIs('unsupportedMode').implies(
        spaces.mode.now.at(space).ult(2),
      ),
      'U1 foreign-table: no range of the boot map holds the table': statusIs('foreignTable').implies(
        rangeHolds(watched.range.now, foreignFrame.now, foreignFrame.now).not(),
      ),
    }),
    ...snapshot(
      { 'U1 foreign-table: a guest page of the space needs the table': statusIs('foreignTable').implies(needed) },
      { topic: 'foreign' },
    ),
  ]
}

/** The state of the watched frame's bits and charges before a pass over the current space. */
const before = (): Conjunct[] =>
  named({
    'round 1 or 2': inRound(1).or(inRound(2)),
    'round 1 charges are zero before the space': here(1).implies(chargesAreZero(counts.round1)),
    'round 2 charges are zero before the space': here(2).implies(chargesAreZero(counts.round2)),
    'guest charges are zero before the space': census.counting.now
      .and(census.space.now.eq(watched.s.now))
      .implies(chargesAreZero(counts.guest)),
    'total is charged when a space before had the frame': inWindow()
      .and(inRound(1))
      .implies(counts.total.charge.now.eq(watchedBit(census.any).ite(u64(1), u64(0)))),
  })

export const walkSpace = (switches: Switches) =>
  procedure('walkSpace', {
    params: {},
    memory,
    modifies: spaceCells,
    requires: () => [
      ...configured(),
      ...spaceInRange(),
      ...counterBounds(),
      ...workConjuncts(),
      ...named({ running: running() }),
      ...before(),
    ],
    ensures: () => [
      ...counterBounds(),
      ...workConjuncts(),
      ...endings(),
      ...whenRunning([
        ...links(),
        ...bookkeeping(),
        ...guestCountsKept(),
        ...named({
          'U1 a space that is measured has 4 or 5 levels': measurable(census.space.now),
          'what was known of the watched frame': inWindow().implies(
            and(
              inRound(2).or(trace.anyBefore.now.iff(oldBit(census.any))),
              trace.twoBefore.now.iff(oldBit(census.two)),
              trace.tablesBefore.now.iff(oldBit(census.tables)),
            ),
          ),
        }),
        ...found(),
        ...counted(),
      ]),
    ],
    body: (b) => {
      const root = b.let('root', spaces.root.now.at(census.space.now))
      const mode = b.let('mode', spaces.mode.now.at(census.space.now))
      begin(b, switches)
      b.when(mode.ult(2), () => {
        b.set(census.status, bv(8, STATUS.unsupportedMode))
        b.return()
      })
      const frame = b.let('frame', plainFrame(root))
      const { found, range } = b.call(findRange, { first: frame, last: frame })
      if (switches.S_DRAM)
        b.when(found.not(), () => {
          b.set(census.status, bv(8, STATUS.foreignTable))
          b.ghost((g) => {
            g.set(trace.foreignFrame, frame)
            g.set(trace.foreignWit, bv(PAGE, 0))
          })
          b.return()
        })
      b.ghost((g) => g.set(trace.tableSeen, hitBy(frame, frame)))
      b.call(markTable(switches), { frame, range })
      b.when(running().not(), () => b.return())
      const top = { table: root, range, base: bv(PAGE, 0), us: bool(true), rw: bool(true), nx: bool(false) }
      b.when(
        mode.eq(3),
        () => void b.call(walkTable(5, switches), top),
        () => void b.call(walkTable(4, switches), top),
      )
    },
  })

function oldBit(bitmap: typeof census.any): Bool {
  const offset = watched.f.now.minus(census.windowFirst.now)
  return bitmap.old.at(offset.bits(39, 6)).lshr(offset.bits(5, 0).zext(64)).bit(0)
}

/** Clears the space's bitmaps and starts its trace. */
function begin(b: ProcedureBuilder, switches: Switches): void {
  b.ghost((g) => {
    g.set(trace.anyBefore, watchedBit(census.any))
    g.set(trace.twoBefore, watchedBit(census.two))
    g.set(trace.tablesBefore, watchedBit(census.tables))
    for (const events of [trace.hits, trace.certainHits, trace.tableHits]) g.set(events, u64(0))
    for (const flag of [trace.seen, trace.seen2, trace.certainSeen, trace.tableSeen]) g.set(flag, bool(false))
    for (const page of [trace.wit, trace.wit2, trace.certainWit, trace.tableWit]) g.set(page, bv(PAGE, 0))
    g.set(trace.cursor, bv(PAGE + 1, 0))
  })
  b.call(clearBitmaps(false, switches), {})
  b.when(running().not(), () => b.return())
}

// What holds after the first k entries of a nested page table, and all below them, have been walked: one formula, `done(k)`, the loop
// invariant of walkTable and, at k = 512, its contract; with the bookkeeping that must hold whatever memory holds.
// Leaves out: the procedure (walk.ts).

import { named, snapshot } from '../model/builder.ts'
import type { Tally } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, type Bool, bv, type Bv, ite, or, u64 } from '../model/term.ts'
import { plainFrame, rangeHolds, touchesSmram } from './boot-map.ts'
import { census, counts, FRAME, PAGE, PERMISSIONS, statusIs, trace, watched } from './cells.ts'
import { nonZero, running } from './link.ts'
import { indexOf, inSpan, reach, type Reach } from './reach.ts'
import { hitBy, holdsWatched } from './watched-frame.ts'

export type Level = 1 | 2 | 3 | 4 | 5
export const ENTRIES = bv(10, 512)
export const CURSOR = PAGE + 1

/** What walkTable is called with: a table, where it lies, its first guest page, and the permissions of the way to it. */
export interface Table {
  readonly table: Bv
  readonly range: Bv
  readonly base: Bv
  readonly us: Bool
  readonly rw: Bool
  readonly nx: Bool
}

export const guestTallies: readonly Tally[] = Object.values(counts.guest)

/** What must hold whatever memory holds. */
export function bookkeeping(): Conjunct[] {
  const { hits, certainHits, tableHits, seen, seen2, certainSeen, tableSeen, wit, wit2, cursor } = trace
  const wide = (page: Bv): Bv => page.zext(CURSOR)
  const { g, g2 } = watched
  return named({
    'W1 a seen page is a hit': or(seen.now, seen2.now).implies(nonZero(hits.now)),
    'W1 two seen pages are two hits': and(seen.now, seen2.now, g.now.ne(g2.now)).implies(hits.now.uge(2)),
    'W1 a page seen certainly is a certain hit': certainSeen.now.implies(nonZero(certainHits.now)),
    'W1 a table on the way is a table hit': tableSeen.now.implies(nonZero(tableHits.now)),
    'E4 only frames of the window and the boot map are hit': or(nonZero(hits.now), nonZero(tableHits.now)).implies(
      hitBy(watched.f.now, watched.f.now),
    ),
    'E4 a counted page lies behind the cursor': and(census.counting.now, census.space.now.eq(watched.s.now), counted()).implies(
      wide(g.now).ult(cursor.now),
    ),
    'E3 witnesses lie behind the cursor': and(
      nonZero(hits.now).implies(wide(wit.now).ult(cursor.now)),
      hits.now.uge(2).implies(wit.now.ult(wit2.now).and(wide(wit2.now).ult(cursor.now))),
    ),
  })
}

/** Guest counts of other spaces, and of passes that do not count, stay as they were. */
export function guestCountsKept(): Conjunct[] {
  const here = census.counting.now.and(census.space.now.eq(watched.s.now))
  return named({
    'guest charges elsewhere are left alone': here.or(and(...guestTallies.map((t) => t.charge.now.eq(t.charge.old)))),
  })
}

/** Witnesses of events before this table stay as they were. */
export function witnessesKept(): Conjunct[] {
  const { hits, certainHits, tableHits, wit, wit2, certainWit, tableWit } = trace
  const keeps = (events: typeof hits, least: number, page: typeof wit): Bool =>
    u64(least)
      .ule(events.old)
      .implies(page.now.eq(page.old).and(events.old.ule(events.now)))
  return named({
    'W2 witnesses are kept': and(
      keeps(hits, 1, wit),
      keeps(hits, 2, wit2),
      keeps(certainHits, 1, certainWit),
      keeps(tableHits, 1, tableWit),
    ),
  })
}

/** The watched guest page is charged in some guest count. */
const counted = (): Bool => or(...guestTallies.map((t) => nonZero(t.charge.now)))

/** Charges of the watched guest page, against what the hardware makes of it: E1, E2, E4 for leaf events. */
export function guestCharges(covered: Bool, r: Reach): Conjunct[] {
  const { translation: t } = r
  const once = (tally: Tally, condition: Bool): Bool =>
    tally.charge.now.eq(
      tally.charge.old.plus(census.counting.now.and(census.space.now.eq(watched.s.now), covered, condition).ite(u64(1), u64(0))),
    )
  const size = (level: number) => r.mapped.and(t.leafLevel.eq(level))
  const { leaf4K, leaf2M, leaf1G, mapped, beyond, reserved, foreign, smram } = counts.guest
  const permission = (name: (typeof PERMISSIONS)[number]) => {
    const is = (bit: Bool, letter: string) => (name.includes(letter) ? bit : bit.not())
    return once(counts.guest[name], and(r.mapped, is(t.rw, 'w'), is(t.nx.not(), 'x')))
  }
  const [unchanged, charged] = [foreign.charge.now.eq(foreign.charge.old), foreign.charge.now.eq(foreign.charge.old.plus(1))]
  const counted = census.counting.now.and(census.space.now.eq(watched.s.now), covered, r.mapped)
  const first = t.leafFirstFrame.as() as Bv
  const last = first.bitor(ite(t.leafLevel.eq(3), bv(FRAME, 0x3ffff), ite(t.leafLevel.eq(2), bv(FRAME, 0x1ff), bv(FRAME, 0))))
  const frame = t.frame.as() as Bv
  const facts: Readonly<Record<string, Bool>> = {
    'W3 leaves by size': and(once(leaf4K, size(1)), once(leaf2M, size(2)), once(leaf1G, size(3))),
    'W3 mapped pages': once(mapped, r.mapped),
    'W3 leaves by permission': and(...PERMISSIONS.map(permission)),
    'W3 leaves beyond the guest width': once(beyond, r.beyond),
    'W3 entries with reserved bits': once(reserved, r.reserved),
    'W1 a reachable frame outside the boot map is counted as foreign': and(
      counted.implies(or(unchanged, charged)).and(or(counted, unchanged)),
      counted.and(frame.eq(watched.f.now), holdsWatched(frame, frame).not()).implies(charged),
    ),
    'W2 a leaf wholly inside a range is not foreign': counted.and(rangeHolds(watched.range.now, first, last)).implies(unchanged),
  }
  return [
    ...snapshot(facts, { topic: 'page g' }),
    ...snapshot(
      { 'W3 leaves that touch SMRAM': once(smram, r.mapped.and(touchesSmram(first, last))) },
      { topic: 'page g and SMRAM' },
    ),
  ]
}

/** What the first k entries of the table, and all below them, have contributed. */
export function done(level: Level, p: Table, k: Bv): Conjunct[] {
  const path = { us: p.us, rw: p.rw, nx: p.nx }
  const behind = (page: Bv): Bool => inSpan(level, p.base, page).and(indexOf(level, page).ult(k))
  const at = (page: Bv): Reach => reach(level, p.table, path, page)
  const { hits, certainHits, tableHits, seen, seen2, certainSeen, tableSeen, wit, wit2, certainWit, tableWit } = trace
  const { g, g2, f } = watched
  const through = (page: Bv): Bool => at(page).passes(f.now).and(hitBy(f.now, f.now))
  return [
    ...guestCharges(behind(g.now), at(g.now)),
    ...snapshot(
      {
        'W1 no-hide: a page behind is seen exactly when it reaches the frame': seen.now.iff(
          or(seen.old, behind(g.now).and(at(g.now).hits)),
        ),
      },
      { topic: 'page g' },
    ),
    ...snapshot(
      { 'W1 no-hide: and so is a second page': seen2.now.iff(or(seen2.old, behind(g2.now).and(at(g2.now).hits))) },
      { topic: 'page g2' },
    ),
    ...snapshot(
      { 'W1 no-hide, certain': certainSeen.now.iff(or(certainSeen.old, behind(g.now).and(at(g.now).certainlyHits))) },
      { topic: 'page g' },
    ),
    ...snapshot(
      { 'W3 every table on the way is met': tableSeen.now.iff(or(tableSeen.old, behind(g.now).and(through(g.now)))) },
      { topic: 'page g' },
    ),
    ...snapshot(
      {
        'W2 no-inflate: a new hit has a page that reaches the frame': hits.old
          .isZero()
          .and(nonZero(hits.now))
          .implies(behind(wit.now).and(at(wit.now).hits)),
      },
      { topic: 'page wit' },
    ),
    ...snapshot(
      {
        'W2 no-inflate: and so has a new second hit': hits.old
          .ult(2)
          .and(hits.now.uge(2))
          .implies(behind(wit2.now).and(at(wit2.now).hits)),
      },
      { topic: 'page wit2' },
    ),
    ...snapshot(
      {
        'W2 no-inflate, certain': certainHits.old
          .isZero()
          .and(nonZero(certainHits.now))
          .implies(behind(certainWit.now).and(at(certainWit.now).certainlyHits)),
      },
      { topic: 'page certainWit' },
    ),
    ...snapshot(
      {
        'W3 every table counted is on a way': tableHits.old
          .isZero()
          .and(nonZero(tableHits.now))
          .implies(behind(tableWit.now).and(through(tableWit.now))),
      },
      { topic: 'page tableWit' },
    ),
  ]
}

/** The reasons for which a walk may end early, each with its evidence (the census half of U1). */
export function endings(level: Level, p: Table): Conjunct[] {
  const { foreignFrame, foreignWit } = trace
  const foreign = statusIs('foreignTable')
  const way = reach(level, p.table, { us: p.us, rw: p.rw, nx: p.nx }, foreignWit.now)
  return [
    ...named({
      'U1 a walk ends running, truncated or foreign-table': or(running(), statusIs('truncated'), foreign),
      'U1 foreign-table: no range of the boot map holds the table': foreign.implies(
        rangeHolds(watched.range.now, foreignFrame.now, foreignFrame.now).not(),
      ),
    }),
    ...snapshot(
      {
        'U1 foreign-table: a guest page needs the table': foreign.implies(
          inSpan(level, p.base, foreignWit.now).and(way.passes(foreignFrame.now)),
        ),
      },
      { topic: 'foreign' },
    ),
  ]
}

export const cursorBehind = (end: Bv): Conjunct[] =>
  named({
    'E3 leaf events come in increasing, disjoint order': trace.cursor.now.ule(end).and(trace.cursor.old.ule(trace.cursor.now)),
  })

export const wellPlaced = (level: Level, p: Table): Conjunct[] =>
  named({
    running: running(),
    'round 1 or 2': census.round.now.eq(1).or(census.round.now.eq(2)),
    'table is known to lie in boot DRAM': rangeHolds(p.range, plainFrame(p.table), plainFrame(p.table)),
    'base is aligned': p.base.bits(9 * level - 1, 0).isZero(),
    'E3 the cursor is not past the table': trace.cursor.now.ule(p.base.zext(CURSOR)),
  })

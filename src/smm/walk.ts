// walkTable: one nested page table and all below it, for 4- and 5-level trees. Each entry is fetched once, permissions are
// accumulated, entries with reserved bits are counted apart, tables must lie in the boot map, every usable leaf is marked.
// One procedure per level (the recursion is the language's, not the logic's). One formula, `done(k)`, is what holds after the
// first k entries: the loop invariant, and at k = 512 the contract.

import { named, procedure, type ProcedureBuilder, snapshot } from '../model/builder.ts'
import type { Cell, Tally } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, type Bool, bool, bv, type Bv, ite, or, u64 } from '../model/term.ts'
import { findRange, memory, plainFrame, rangeHolds, touchesSmram } from './boot-map.ts'
import { census, config, counts, FRAME, PAGE, PERMISSIONS, RANGE, STATUS, statusIs, trace, watched } from './cells.ts'
import { classifyEntry, leafShift } from './classify.ts'
import {
  configured,
  counterBounds,
  linked,
  links,
  markedCells,
  nonZero,
  running,
  spaceInRange,
  whenRunning,
  workConjuncts,
} from './link.ts'
import { markFrames, markTable, spend } from './mark.ts'
import { indexOf, inSpan, reach, type Reach } from './reach.ts'
import type { Switches } from './switches.ts'
import { hitBy, holdsWatched } from './watched-frame.ts'

export type Level = 1 | 2 | 3 | 4 | 5
const ENTRIES = bv(10, 512)
const CURSOR = PAGE + 1

interface Table {
  readonly table: Bv
  readonly range: Bv
  readonly base: Bv
  readonly us: Bool
  readonly rw: Bool
  readonly nx: Bool
}

export const guestTallies: readonly Tally[] = Object.values(counts.guest)
export const walkCells: readonly Cell[] = [
  ...markedCells,
  ...guestTallies.flatMap((t) => [t.counter, t.charge]),
  trace.seen,
  trace.seen2,
  trace.certainSeen,
  trace.tableSeen,
  trace.wit,
  trace.wit2,
  trace.certainWit,
  trace.tableWit,
  trace.cursor,
  trace.foreignFrame,
  trace.foreignWit,
]

/** The leaf tally that counts a leaf of `level`. */
const leafTally = (level: Level): Tally =>
  level === 3 ? counts.guest.leaf1G : level === 2 ? counts.guest.leaf2M : counts.guest.leaf4K

// ---- what holds after the first k entries ----

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
function witnessesKept(): Conjunct[] {
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
function done(level: Level, p: Table, k: Bv): Conjunct[] {
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
function endings(level: Level, p: Table): Conjunct[] {
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

const cursorBehind = (end: Bv): Conjunct[] =>
  named({
    'E3 leaf events come in increasing, disjoint order': trace.cursor.now.ule(end).and(trace.cursor.old.ule(trace.cursor.now)),
  })

const wellPlaced = (level: Level, p: Table): Conjunct[] =>
  named({
    running: running(),
    'round 1 or 2': census.round.now.eq(1).or(census.round.now.eq(2)),
    'table is known to lie in boot DRAM': rangeHolds(p.range, plainFrame(p.table), plainFrame(p.table)),
    'base is aligned': p.base.bits(9 * level - 1, 0).isZero(),
    'E3 the cursor is not past the table': trace.cursor.now.ule(p.base.zext(CURSOR)),
  })

// ---- the procedure ----

const made = new Map<string, ReturnType<typeof make>>()
/** The procedure for tables of `level`, with the given switches. */
export function walkTable(level: Level, switches: Switches): ReturnType<typeof make> {
  const key = `${level}/${JSON.stringify(switches)}`
  const known = made.get(key) ?? make(level, switches)
  made.set(key, known)
  return known
}

const tableShape = {
  table: bvSort(FRAME),
  range: bvSort(RANGE),
  base: bvSort(PAGE),
  us: boolSort,
  rw: boolSort,
  nx: boolSort,
} as const

function make(level: Level, switches: Switches) {
  const shift = leafShift('long5', level)
  /** First guest page of entry i. */
  const pageOf = (base: Bv, i: Bv): Bv => {
    const index = i.bits(8, 0)
    const high = level === 5 ? index : base.bits(PAGE - 1, 9 * level).concat(index)
    return shift === 0 ? high : high.concat(bv(shift, 0))
  }
  const endOf = (base: Bv, k: Bv): Bv => base.zext(CURSOR).plus(k.zext(CURSOR).shl(shift))
  return procedure(`walkTable${level}`, {
    params: tableShape,
    memory,
    modifies: walkCells,
    requires: (p) => [...configured(), ...spaceInRange(), ...wellPlaced(level, p), ...linked(), ...bookkeeping()],
    ensures: (p) => [
      ...counterBounds(),
      ...workConjuncts(),
      ...endings(level, p),
      ...whenRunning([
        ...links(),
        ...bookkeeping(),
        ...witnessesKept(),
        ...guestCountsKept(),
        ...cursorBehind(endOf(p.base, ENTRIES)),
        ...done(level, p, ENTRIES),
      ]),
    ],
    body: (b, p) => {
      const invariant = (i: Bv): Conjunct[] => [
        ...counterBounds(),
        ...workConjuncts(),
        ...named({ running: running() }),
        ...links(),
        ...bookkeeping(),
        ...witnessesKept(),
        ...guestCountsKept(),
        ...cursorBehind(endOf(p.base, i)),
        ...done(level, p, i),
      ]
      b.for('i', { from: bv(10, 0), below: ENTRIES, invariant }, (i) => {
        spend(b, switches)
        const word = p.table.concat(i.bits(8, 0))
        const entry = b.read('entry', word, p.range)
        const e = classifyEntry('long5', level, entry, switches)
        b.when(e.present.not(), () => b.next())
        const page = b.let('page', pageOf(p.base, i))
        b.assert(...named({ 'E3 the entry lies after the cursor': trace.cursor.now.ule(page.zext(CURSOR)) }))
        const passOver = () => {
          b.ghost((g) => g.set(trace.cursor, page.zext(CURSOR).plus(1n << BigInt(shift))))
          b.next()
        }
        b.when(e.reserved, () => {
          b.when(census.counting.now, () => b.tally(counts.guest.reserved, census.space.now, region(page, shift)))
          passOver()
        })
        const us = b.let('us', switches.S_PERM ? p.us.and(e.us) : bool(true))
        const rw = b.let('rw', switches.S_PERM ? p.rw.and(e.rw) : bool(true))
        const nx = b.let('nx', switches.S_PERM ? p.nx.or(e.nx) : bool(false))
        const again = switches.S_FETCH1 ? entry : b.read('again', word, p.range)
        const used = switches.S_FETCH1 ? e : classifyEntry('long5', level, again, switches)
        const visit = () =>
          descend(b, level as Exclude<Level, 1>, switches, {
            table: b.let('next', switches.S_CBIT ? used.table : plainFrame(used.table)),
            page,
            us,
            rw,
            nx,
            checked: b.let('checked', e.table),
          })
        const mark = () =>
          leaf(b, level, switches, { first: b.let('first', used.first), last: b.let('last', used.last), page, us, rw, nx })
        if (level === 1) mark()
        else if (level > 3) b.when(e.leaf, () => b.next(), visit)
        else b.when(e.leaf, mark, visit)
      })
    },
  })
}

const region = (page: Bv, shift: number) => ({ kind: 'block', first: page, shift, as: 'one' }) as const

/** A usable leaf is counted and marked; one that the guest cannot use is passed over. */
function leaf(
  b: ProcedureBuilder,
  level: Level,
  switches: Switches,
  { first, last, page, us, rw, nx }: { first: Bv; last: Bv; page: Bv; us: Bool; rw: Bool; nx: Bool },
): void {
  const shift = leafShift('long5', level)
  const size = bv(PAGE, 1n << BigInt(shift))
  const space = census.space.now
  const count = (tally: Tally) => b.tally(tally, space, region(page, shift))
  b.when(us.or(config.gmetCapable.now).not(), () => b.next())
  if (switches.S_WIDTH)
    b.when(page.bitand(config.guestPages.now.bitnot()).isZero().not(), () => {
      b.when(census.counting.now, () => count(counts.guest.beyond))
      b.ghost((g) => g.set(trace.cursor, page.zext(CURSOR).plus(size.zext(CURSOR))))
      b.next()
    })
  b.when(census.counting.now, () => {
    count(leafTally(level))
    b.tally(counts.guest.mapped, space, { kind: 'block', first: page, shift, as: 'each' })
    b.when(
      rw,
      () =>
        b.when(
          nx,
          () => count(counts.guest['rw-']),
          () => count(counts.guest.rwx),
        ),
      () =>
        b.when(
          nx,
          () => count(counts.guest['r--']),
          () => count(counts.guest['r-x']),
        ),
    )
    b.when(touchesSmram(first, last), () => count(counts.guest.smram))
    const { found } = b.call(findRange, { first, last })
    b.when(found.not(), () => count(counts.guest.foreign))
  })
  b.ghost((g) => {
    const { f, g: watchedPage, g2 } = watched
    const hit = hitBy(first, last)
    // The guest page of this leaf that maps the watched frame, if it is hit.
    const to = shift === 0 ? page : page.bits(PAGE - 1, shift).concat(f.now.bits(shift - 1, 0))
    const { hits, certainHits } = trace
    g.set(trace.seen, trace.seen.now.or(hit.and(to.eq(watchedPage.now))))
    g.set(trace.seen2, trace.seen2.now.or(hit.and(to.eq(g2.now))))
    g.set(trace.certainSeen, trace.certainSeen.now.or(and(hit, us, to.eq(watchedPage.now))))
    g.set(trace.wit2, hit.and(hits.now.eq(1)).ite(to, trace.wit2.now))
    g.set(trace.wit, hit.and(hits.now.isZero()).ite(to, trace.wit.now))
    g.set(trace.certainWit, and(hit, us, certainHits.now.isZero()).ite(to, trace.certainWit.now))
    g.set(trace.cursor, page.zext(CURSOR).plus(size.zext(CURSOR)))
  })
  b.call(markFrames(switches), { first, last, certain: switches.S_GMET ? us : bool(true) })
  b.when(running().not(), () => b.return())
}

/** A table below is walked if it lies in the boot map, else the walk ends there. */
function descend(
  b: ProcedureBuilder,
  level: Exclude<Level, 1>,
  switches: Switches,
  { table, checked, page, us, rw, nx }: { table: Bv; checked: Bv; page: Bv; us: Bool; rw: Bool; nx: Bool },
): void {
  const frame = b.let('frame', plainFrame(checked))
  const { found, range } = b.call(findRange, { first: frame, last: frame })
  if (switches.S_DRAM)
    b.when(found.not(), () => {
      if (!switches.S_FOREIGN) return b.next()
      b.set(census.status, bv(8, STATUS.foreignTable))
      b.ghost((g) => {
        g.set(trace.foreignFrame, frame)
        g.set(trace.foreignWit, page)
      })
      b.return()
    })
  b.ghost((g) => {
    const met = hitBy(frame, frame)
    // The watched page passes through this table if it lies below this entry.
    const below = page.bits(PAGE - 1, 9 * (level - 1)).eq(watched.g.now.bits(PAGE - 1, 9 * (level - 1)))
    g.set(trace.tableSeen, trace.tableSeen.now.or(met.and(below)))
    g.set(trace.tableWit, met.and(trace.tableHits.now.isZero()).ite(page, trace.tableWit.now))
  })
  b.call(markTable(switches), { frame, range })
  b.when(running().not(), () => b.return())
  b.call(walkTable((level - 1) as Level, switches), { table, range, base: page, us, rw, nx })
  b.when(running().not(), () => b.return())
}

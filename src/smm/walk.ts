// walkTable: one nested page table and all below it, for 4- and 5-level trees. Each entry is fetched once, permissions are
// accumulated, entries with reserved bits are counted apart, tables must lie in the boot map, every usable leaf is marked.
// One procedure per level (the recursion is the language's, not the logic's). What it comes to is said in walk-facts.ts.

import { named, procedure, type ProcedureBuilder } from '../model/builder.ts'
import type { Cell, Tally } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, type Bool, bool, bv, type Bv } from '../model/term.ts'
import { findRange, memory, plainFrame, touchesSmram } from './boot-map.ts'
import { census, config, counts, FRAME, PAGE, RANGE, STATUS, trace, watched } from './cells.ts'
import { classifyEntry, leafShift } from './classify.ts'
import {
  configured,
  counterBounds,
  linked,
  links,
  markedCells,
  running,
  spaceInRange,
  whenRunning,
  workConjuncts,
} from './link.ts'
import { markFrames, markTable, spend } from './mark.ts'
import type { Switches } from './switches.ts'
import {
  bookkeeping,
  CURSOR,
  cursorBehind,
  done,
  endings,
  ENTRIES,
  guestCountsKept,
  guestTallies,
  type Level,
  wellPlaced,
  witnessesKept,
} from './walk-facts.ts'
import { hitBy } from './watched-frame.ts'

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

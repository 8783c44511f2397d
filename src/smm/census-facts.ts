// What the census comes to know of the watched frame, the watched pages and the watched spaces, round by round: W1 (what reaches is
// counted), W2 (what is counted is reached), W3 (nothing is counted twice). The contracts of round.ts and census.ts are made of it.
// Leaves out: what `maps`, `passes` and the like say in the hardware's terms (facts.ts, hardware-words.ts).

import type { Tally } from '../model/cell.ts'
import { and, type Bool, type Bv, u64 } from '../model/term.ts'
import { counts, finals, spaces, watched } from './cells.ts'
import { fact, type FactName } from './facts.ts'
import { GUEST_FACTS } from './space.ts'
import { holdsWatched } from './watched-frame.ts'

const { g, g2, f, s, s2 } = watched
/** The boot map has the watched frame. */
export const inMap = (): Bool => holdsWatched(f.now, f.now)
export const charge = (t: Tally): Bv => t.charge.now
const isOne = (t: Tally): Bool => charge(t).eq(1)
export const zero = (...of: readonly Tally[]): Bool => and(...of.map((t) => charge(t).isZero()))
const atMostOnce = (...of: readonly Tally[]): Bool => and(...of.map((t) => charge(t).ule(1)))
export const same = (...of: readonly Tally[]): Bool => and(...of.map((t) => charge(t).eq(t.charge.old)))
export const round1 = Object.values(counts.round1)
export const round2 = [...Object.values(counts.round2), ...Object.values(counts.after)]
export const guest = Object.values(counts.guest)
export const known = (space: Bv): Bool => space.ult(spaces.count.now)
export const maps = (space: Bv, page: Bv): Bool => fact('maps', space, page)
export const passes = (space: Bv, page: Bv): Bool => fact('passes', space, page)

/** Round 1 for space `s`: W1 (what reaches is counted), W2 (what is counted is reached), for distinct and multiple frames. */
export const firstFacts = (): Readonly<Record<string, Bool>> => {
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
export const secondFacts = (): Readonly<Record<string, Bool>> => {
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
export const totalFacts = (): Readonly<Record<string, Bool>> => ({
  'W1 no-hide: a frame that any space reaches is counted in the total': maps(s.now, g.now)
    .and(known(s.now))
    .implies(isOne(counts.total)),
  'W2 no-inflate: a frame counted in the total is reached from a space': isOne(counts.total).implies(
    maps(finals.totalSpace.now, finals.totalPage.now).and(known(finals.totalSpace.now)),
  ),
  'W3 no frame is counted twice in the total': atMostOnce(counts.total),
})
export const under = (condition: Bool, facts: Readonly<Record<string, Bool>>): Readonly<Record<string, Bool>> =>
  Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, condition.implies(fact)]))

/** The guest counts of space `s` after its leaves were counted. */
export const guestFacts = (): Readonly<Record<string, Bool>> => {
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

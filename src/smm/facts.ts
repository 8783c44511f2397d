// Facts about guest pages of whole spaces, as rigid tables from (space, guest page) to truth. They name what the hardware's
// walk from the space's root says, so that contracts above one table need not unroll it. Their definitions are axioms: used
// where a space is walked, and by whoever reads a claim; everything above treats the tables as arbitrary.

import { type Watch, watch } from '../model/cell.ts'
import type { Axiom } from './assumptions.ts'
import { boolSort } from '../model/sort.ts'
import { and, type Arr, type Bool, bv, type Bv, ite, or } from '../model/term.ts'
import { rangeHolds, touchesSmram } from './boot-map.ts'
import { FRAME, PAGE, SPACE, watched } from './cells.ts'
import { type Reach, rootReach } from './reach.ts'
import { holdsWatched } from './watched-frame.ts'

export type FactName =
  | 'maps'
  | 'certainlyMaps'
  | 'passes'
  | 'mapsOutside'
  | 'wholeLeaf'
  | 'leaf4K'
  | 'leaf2M'
  | 'leaf1G'
  | 'mapped'
  | 'r--'
  | 'r-x'
  | 'rw-'
  | 'rwx'
  | 'beyond'
  | 'reserved'
  | 'smram'

const table = (name: FactName) =>
  watch.table(`fact.${name}`, SPACE + PAGE, boolSort, (index) =>
    meaning(name, index.bits(SPACE + PAGE - 1, PAGE), index.bits(PAGE - 1, 0)),
  )

export const facts: Readonly<Record<FactName, Watch<Arr>>> = {
  /** The page is mapped (possibly usable) to the watched frame, and the boot map has the frame. */
  maps: table('maps'),
  /** ... usable whatever flags the guest runs with. */
  certainlyMaps: table('certainlyMaps'),
  /** The page's walk goes through a table (the root included) in the watched frame, and the boot map has the frame. */
  passes: table('passes'),
  /** The page is mapped to the watched frame, and the boot map does not have it. */
  mapsOutside: table('mapsOutside'),
  /** The page is mapped by a leaf that lies wholly inside the watched range of the boot map. */
  wholeLeaf: table('wholeLeaf'),
  leaf4K: table('leaf4K'),
  leaf2M: table('leaf2M'),
  leaf1G: table('leaf1G'),
  mapped: table('mapped'),
  'r--': table('r--'),
  'r-x': table('r-x'),
  'rw-': table('rw-'),
  rwx: table('rwx'),
  beyond: table('beyond'),
  reserved: table('reserved'),
  /** The page is mapped by a leaf that has a frame of SMRAM. */
  smram: table('smram'),
}

/** The fact for a page of a space. */
export const fact = (name: FactName, space: Bv, page: Bv): Bool => facts[name].now.has(space.concat(page))

const leafEnd = (r: Reach): { first: Bv; last: Bv } => {
  const { leafFirstFrame, leafLevel } = r.translation
  const first = leafFirstFrame.as() as Bv
  return {
    first,
    last: first.bitor(ite(leafLevel.eq(3), bv(FRAME, 0x3ffff), ite(leafLevel.eq(2), bv(FRAME, 0x1ff), bv(FRAME, 0)))),
  }
}

/** What each fact means for a walk from the root. */
const meanings: Readonly<Record<FactName, (r: Reach, root: Bv) => Bool>> = {
  maps: (r) => {
    const frame = r.translation.frame.as() as Bv
    return r.mapped.and(holdsWatched(frame, frame))
  },
  certainlyMaps: (r) => {
    const frame = r.translation.frame.as() as Bv
    return and(r.mapped, r.translation.us, holdsWatched(frame, frame))
  },
  passes: (r, root) => and(or(root.eq(watched.f.now), r.passes(watched.f.now)), holdsWatched(watched.f.now, watched.f.now)),
  mapsOutside: (r) => {
    const frame = r.translation.frame.as() as Bv
    return and(r.mapped, frame.eq(watched.f.now), holdsWatched(frame, frame).not())
  },
  wholeLeaf: (r) => {
    const { first, last } = leafEnd(r)
    return r.mapped.and(rangeHolds(watched.range.now, first, last))
  },
  leaf4K: (r) => r.mapped.and(r.translation.leafLevel.eq(1)),
  leaf2M: (r) => r.mapped.and(r.translation.leafLevel.eq(2)),
  leaf1G: (r) => r.mapped.and(r.translation.leafLevel.eq(3)),
  mapped: (r) => r.mapped,
  'r--': (r) => and(r.mapped, r.translation.rw.not(), r.translation.nx),
  'r-x': (r) => and(r.mapped, r.translation.rw.not(), r.translation.nx.not()),
  'rw-': (r) => and(r.mapped, r.translation.rw, r.translation.nx),
  rwx: (r) => and(r.mapped, r.translation.rw, r.translation.nx.not()),
  beyond: (r) => r.beyond,
  reserved: (r) => r.reserved,
  smram: (r) => {
    const { first, last } = leafEnd(r)
    return r.mapped.and(touchesSmram(first, last))
  },
}

/** The definition of a fact at one (space, page). In a four-level space no page above 48 bits has any. */
export function meaning(name: FactName, space: Bv, page: Bv): Bool {
  const { five, long5, long4, low, root } = rootReach(space, page)
  const means = meanings[name]
  return ite(five, means(long5, root), low.and(means(long4, root)))
}

/** The definitions, instantiated wherever a fact is named. */
export const definitions: readonly Axiom[] = (Object.keys(facts) as FactName[]).map((name) => ({
  name: `definition of ${name}`,
  arrays: [facts[name].now],
  arity: 1,
  instance: (index) => {
    const at = index as Bv
    const [space, page] = [at.bits(SPACE + PAGE - 1, PAGE), at.bits(PAGE - 1, 0)]
    return facts[name].now.has(at).iff(meaning(name, space, page))
  },
}))

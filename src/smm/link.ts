// How the bitmaps and counters relate to the events of a pass, for the watched frame: the invariants that every marking
// procedure keeps. None of them speaks of memory contents, so all are proved for arbitrary reads.

import type { Cell, Tally } from '../model/cell.ts'
import { named } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, type Arr, type Bool, type Bv, u64 } from '../model/term.ts'
import { census, config, counts, spaces, statusIs, tallies, trace, watched } from './cells.ts'
import { windowOffset } from './watched-frame.ts'

const { hits, certainHits, tableHits } = trace

/** A unit of work marks at most one word of 64 frames. */
const BITS_PER_WORK = 6

export const nonZero = (n: Bv<string>): Bool => (n as Bv).isZero().not()
const asCount = (b: Bool): Bv => b.ite(u64(1), u64(0))

/** The watched frame's bit of a bitmap; meaningful when the window has the frame. */
export const watchedBit = (bitmap: Cell<Arr>): Bool => {
  const { offset } = windowOffset()
  return bitmap.now.at(offset.bits(39, 6)).lshr(offset.bits(5, 0).zext(64)).bit(0)
}

const inRound = (n: 1 | 2): Bool => census.round.now.eq(n)
const hereAndNow = (): Bool => windowOffset().inside.and(census.space.now.eq(watched.s.now))

const LINK = { topic: 'bitmaps' }

/** Bitmaps against events. */
export function bitmapLink(): Conjunct[] {
  const { inside } = windowOffset()
  const [h, c, t] = [nonZero(hits.now), nonZero(certainHits.now), nonZero(tableHits.now)]
  const { anyBefore, twoBefore, tablesBefore } = trace
  return named(
    {
      'once = hit': inside.implies(watchedBit(census.once).iff(h)),
      'round 1: twice = hit twice': inside.and(inRound(1)).implies(watchedBit(census.twice).iff(hits.now.uge(2))),
      'round 1: any = hit now or in a space before': inside
        .and(inRound(1))
        .implies(watchedBit(census.any).iff(anyBefore.now.or(h))),
      'round 1: two = hit in two spaces': inside
        .and(inRound(1))
        .implies(watchedBit(census.two).iff(twoBefore.now.or(anyBefore.now.and(h)))),
      'round 2: twice = table': inside.and(inRound(2)).implies(watchedBit(census.twice).iff(t)),
      'round 2: any = certain hit': inside.and(inRound(2)).implies(watchedBit(census.any).iff(c)),
      'round 2: two is left alone': inside.and(inRound(2)).implies(watchedBit(census.two).iff(twoBefore.now)),
      'round 1: tables = table now or of a space before': inside
        .and(inRound(1))
        .implies(watchedBit(census.tables).iff(tablesBefore.now.or(t))),
      'round 2: tables is left alone': inside.and(inRound(2)).implies(watchedBit(census.tables).iff(tablesBefore.now)),
      'certain hits are hits': nonZero(certainHits.now).implies(h),
    },
    LINK,
  )
}

/** Events cost work, so their numbers do not wrap. */
export function hitBounds(): Conjunct[] {
  return named({
    'E4 hits cost work': and(hits.now.ule(census.work.now), certainHits.now.ule(hits.now), tableHits.now.ule(census.work.now)),
  })
}

/** Charges against events: each counted object is charged at most once, exactly when its bit turns (E4). */
export function chargeLink(): Conjunct[] {
  const h = asCount(nonZero(hits.now))
  const { distinct, multiple, extra } = counts.round1
  const { shared, certain, tables } = counts.round2
  const here1 = hereAndNow().and(inRound(1))
  const here2 = hereAndNow().and(inRound(2))
  const unchanged = (...of: readonly Tally[]) => and(...of.map((t) => t.charge.now.eq(t.charge.old)))
  const { inside } = windowOffset()
  return named(
    {
      'E4 distinct: charged once when first hit': here1.implies(distinct.charge.now.eq(h)),
      'E4 multiple: charged once when hit again': here1.implies(multiple.charge.now.eq(asCount(hits.now.uge(2)))),
      'E4 extra: charged at each further hit': here1.implies(extra.charge.now.plus(distinct.charge.now).eq(hits.now)),
      'E4 total: charged once when first hit in any space': inside
        .and(inRound(1))
        .implies(counts.total.charge.now.eq(asCount(trace.anyBefore.now.or(nonZero(hits.now))))),
      'E4 shared: charged once when hit here and in another space': here2.implies(
        shared.charge.now.eq(asCount(nonZero(hits.now).and(trace.twoBefore.now))),
      ),
      'E4 certain: charged once when first certainly hit': here2.implies(
        certain.charge.now.eq(asCount(nonZero(certainHits.now))),
      ),
      'E4 tables: charged once when first met': here2.implies(tables.charge.now.eq(asCount(nonZero(tableHits.now)))),
      'round 1 counters elsewhere are left alone': here1.or(unchanged(distinct, multiple, extra)),
      'round 2 counters elsewhere are left alone': here2.or(unchanged(shared, certain, tables)),
      'total elsewhere is left alone': inside.and(inRound(1)).or(unchanged(counts.total)),
    },
    LINK,
  )
}

/** Further hits of a frame are charged as often as they happen: that counter is bounded by the work spent. */
export function counterBounds(): Conjunct[] {
  const { counter } = counts.round1.extra
  const { index } = watched
  const bounded = counter.now.at(index.now).ule(census.work.now.shl(BITS_PER_WORK))
  return named(
    { 'W4 extra mappings are bounded by work': index.now.ult(spaces.count.now).implies(bounded) },
    { topic: counter.name, also: new Map([[index.now, census.space.now]]) },
  )
}

/** The work budget and what a census may end as (W4, and the census half of U1). */
export function workConjuncts(): Conjunct[] {
  return named({
    'W4 work within budget': census.work.now.ule(config.budget.now),
    'W4 work only grows': census.work.old.ule(census.work.now),
    'U1 truncated only when the budget is spent': census.status.now.eq(1).implies(census.work.now.eq(config.budget.now)),
  })
}

/** What holds of the constants that boot code fills in, on any machine (APM 5.3, 7.10.1; CPUID Fn8000_0008). */
export function configured(): Conjunct[] {
  const { physMask, cBit, guestPages } = config
  const lowMask = (mask: Bv): Bool => mask.bitand(mask.plus(1)).isZero()
  return named({
    'MAXPHYADDR is between 36 and 52': lowMask(physMask.now).and(physMask.now.bit(35)),
    'the encryption bit lies above MAXPHYADDR': cBit.now.bitand(physMask.now).isZero(),
    'the guest width is between 36 and 52': lowMask(guestPages.now).and(
      guestPages.now.bit(23),
      guestPages.now.bits(44, 40).isZero(),
    ),
    'budget below 2^44': config.budget.now.ult(1n << 44n),
    'a window has 1 to 2^33 words': nonZero(config.windowWords.now).and(config.windowWords.now.ule(1n << 33n)),
  })
}

/** The space at hand is one of those to measure. */
export const spaceInRange = (): Conjunct[] => named({ 'space exists': census.space.now.ult(spaces.count.now) })

export const running = (): Bool => statusIs('running')
export const whenRunning = (conjuncts: readonly Conjunct[]): Conjunct[] =>
  conjuncts.map((c) => ({ ...c, term: running().implies(c.term) }))

/** Bitmaps, charges and events agree. */
export const links = (): Conjunct[] => [...hitBounds(), ...bitmapLink(), ...chargeLink()]

/** What any marking procedure needs and keeps. */
export const linked = (): Conjunct[] => [...links(), ...counterBounds(), ...workConjuncts()]

export const markedCells: readonly Cell[] = [
  census.status,
  census.work,
  census.once,
  census.twice,
  census.any,
  census.two,
  census.tables,
  hits,
  certainHits,
  tableHits,
  ...[...Object.values(counts.round1), ...Object.values(counts.round2), counts.total].flatMap((t) => [t.counter, t.charge]),
]
export const tallyCells: readonly Cell[] = tallies.flatMap((t) => [t.counter, t.charge])
export const word = (offset: Bv<string>): Bv => offset.bits(39, 6)

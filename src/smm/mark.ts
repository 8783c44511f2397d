// Marking: the bitmaps of the current window, for runs of bits, runs of frames, and single tables.
// markWords works word by word (a 1-GiB leaf touches 4,096 words, each a unit of work); markFrames applies the boot map, since
// a leaf may straddle a hole; nothing that a guest can reach is dropped.

import { named, procedure, type ProcedureBuilder } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { bvSort } from '../model/sort.ts'
import { and, type Bool, bv, type Bv, ite, u64 } from '../model/term.ts'
import { memory } from './boot-map.ts'
import { bootMap, census, config, counts, FRAME, FRAME_OBJECT, RANGE, STATUS, statusIs, trace, watched } from './cells.ts'
import {
  configured,
  counterBounds,
  linked,
  links,
  markedCells,
  running,
  spaceInRange,
  whenRunning,
  word,
  workConjuncts,
} from './link.ts'
import type { Switches } from './switches.ts'
import { covered, hitBy, holdsWatched, windowOffset } from './watched-frame.ts'

/** Spends a unit of work, or ends the procedure as truncated. */
export function spend(b: ProcedureBuilder, switches: Switches): void {
  if (switches.S_BOUND)
    b.when(config.budget.now.ule(census.work.now), () => {
      if (switches.S_FLAGS) b.set(census.status, bv(8, STATUS.truncated))
      b.return()
    })
  b.set(census.work, census.work.now.plus(1))
}

const count = (b: Bool): Bv => b.ite(u64(1), u64(0))
const increase = (before: Bv, b: Bool): Bv => before.plus(count(b))

/** What a careful handler can promise of its bitmaps; one with a defence off cannot, and its callers' proofs fail for it. */
const promised = ({ S_UNIQ, S_XUNIQ, S_DRAM }: Switches): Conjunct[] => (S_UNIQ && S_XUNIQ && S_DRAM ? links() : [])

/** Always kept, also by a pass that is cut short. */
const kept = (): Conjunct[] => [
  ...counterBounds(),
  ...workConjuncts(),
  ...named({ 'status is running or truncated': running().or(statusIs('truncated')) }),
]

/** The frame that bit 0 of word `w` stands for, as a counted object. */
export const frameObject = (w: Bv): Bv => census.windowFirst.now.zext(FRAME_OBJECT).plus(w.concat(bv(6, 0)).zext(FRAME_OBJECT))

/** The ones of word `w` whose bits stand for offsets first..last. */
export function maskOf(w: Bv, first: Bv, last: Bv): Bv {
  const ones = bv(64, (1n << 64n) - 1n)
  const low = ite(w.eq(word(first)), ones.shl(first.bits(5, 0).zext(64)), ones)
  const high = ite(w.eq(word(last)), ones.lshr(last.bits(5, 0).bitnot().zext(64)), ones)
  return low.bitand(high)
}

/** Marks the offsets first..last (from the window's first position) as mapped by the current space. */
export const markWords = (switches: Switches) => {
  return procedure('markWords', {
    params: { first: bvSort(FRAME), last: bvSort(FRAME), certain: { kind: 'bool' } },
    memory,
    modifies: markedCells,
    requires: ({ first, last }) => [
      ...configured(),
      ...spaceInRange(),
      ...named({
        'window has the run': first.ule(last).and(word(last).ult(config.windowWords.now)),
        running: running(),
        'round 1 or 2': census.round.now.eq(1).or(census.round.now.eq(2)),
      }),
      ...linked(),
    ],
    ensures: ({ first, last, certain }) => [
      ...kept(),
      ...whenRunning([
        ...promised(switches),
        ...named({
          'a covered frame is hit once': trace.hits.now.eq(increase(trace.hits.old, covered(first, last))),
          'certainly, if certain': trace.certainHits.now.eq(increase(trace.certainHits.old, certain.and(covered(first, last)))),
          'no table is met': trace.tableHits.now.eq(trace.tableHits.old),
        }),
      ]),
    ],
    body: (b, { first, last, certain }) => {
      const invariant = (w: Bv) => {
        const passed = covered(first, last).and(word(windowOffset().offset).ult(w))
        return [
          ...counterBounds(),
          ...workConjuncts(),
          ...links(),
          ...named({
            running: running(),
            'words so far are hit once': trace.hits.now.eq(increase(trace.hits.old, passed)),
            'words so far are certainly hit': trace.certainHits.now.eq(increase(trace.certainHits.old, certain.and(passed))),
            'no table is met': trace.tableHits.now.eq(trace.tableHits.old),
          }),
        ]
      }
      b.for('w', { from: word(first), below: word(last).plus(1), invariant }, (w) => {
        spend(b, switches)
        const mask = b.let('mask', maskOf(w, first, last))
        const objects = b.let('firstFrame', frameObject(w))
        const once = b.let('once', census.once.now.at(w))
        const fresh = b.let('fresh', switches.S_UNIQ ? mask.bitand(once.bitnot()) : mask)
        const space = census.space.now
        b.when(
          census.round.now.eq(1),
          () => {
            const again = b.let('again', mask.bitand(once))
            const twice = b.let('twice', census.twice.now.at(w))
            const any = b.let('any', census.any.now.at(w))
            b.tally(counts.round1.distinct, space, { kind: 'bits', first: objects, bits: fresh })
            b.tally(counts.round1.extra, space, { kind: 'bits', first: objects, bits: again })
            b.tally(counts.round1.multiple, space, { kind: 'bits', first: objects, bits: again.bitand(twice.bitnot()) })
            b.tally(counts.total, bv(16, 0), {
              kind: 'bits',
              first: objects,
              bits: switches.S_XUNIQ ? fresh.bitand(any.bitnot()) : fresh,
            })
            b.store(census.twice, w, twice.bitor(again))
            if (switches.S_XUNIQ) b.store(census.two, w, census.two.now.at(w).bitor(fresh.bitand(any)))
            b.store(census.any, w, any.bitor(mask))
          },
          () => {
            b.tally(counts.round2.shared, space, { kind: 'bits', first: objects, bits: fresh.bitand(census.two.now.at(w)) })
            b.when(certain, () => {
              const sure = b.let('sure', census.any.now.at(w))
              b.tally(counts.round2.certain, space, { kind: 'bits', first: objects, bits: mask.bitand(sure.bitnot()) })
              b.store(census.any, w, sure.bitor(mask))
            })
          },
        )
        b.store(census.once, w, once.bitor(mask))
        b.ghost((g) => {
          const here = covered(first, last).and(word(windowOffset().offset).eq(w))
          g.set(trace.hits, increase(trace.hits.now, here))
          g.set(trace.certainHits, increase(trace.certainHits.now, certain.and(here)))
        })
      })
    },
  })
}

const least = (a: Bv, b: Bv): Bv => ite(a.ult(b), a, b)
const greatest = (a: Bv, b: Bv): Bv => ite(a.ult(b), b, a)

/** Marks those of the frames first..last that the boot map and the current window have. */
export const markFrames = (switches: Switches) =>
  procedure('markFrames', {
    params: { first: bvSort(FRAME), last: bvSort(FRAME), certain: { kind: 'bool' } },
    memory,
    modifies: markedCells,
    requires: ({ first, last }) => [
      ...configured(),
      ...spaceInRange(),
      ...named({
        'a run of frames': first.ule(last),
        running: running(),
        'round 1 or 2': census.round.now.eq(1).or(census.round.now.eq(2)),
      }),
      ...linked(),
    ],
    ensures: ({ first, last, certain }) => [
      ...kept(),
      ...whenRunning([
        ...promised(switches),
        ...named({
          'a frame of the run is hit once': trace.hits.now.eq(increase(trace.hits.old, hitBy(first, last))),
          'certainly, if certain': trace.certainHits.now.eq(increase(trace.certainHits.old, certain.and(hitBy(first, last)))),
          'no table is met': trace.tableHits.now.eq(trace.tableHits.old),
        }),
      ]),
    ],
    body: (b, { first, last, certain }) => {
      const mark = markWords(switches)
      const wanted = (r: Bv) => watched.fRange.now.eq(r).and(hitBy(first, last))
      const invariant = (r: Bv) => {
        const passed = hitBy(first, last).and(watched.fRange.now.ult(r))
        return [
          ...counterBounds(),
          ...workConjuncts(),
          ...links(),
          ...named({
            running: running(),
            'ranges so far are hit once': trace.hits.now.eq(increase(trace.hits.old, passed)),
            'ranges so far are certainly hit': trace.certainHits.now.eq(increase(trace.certainHits.old, certain.and(passed))),
            'no table is met': trace.tableHits.now.eq(trace.tableHits.old),
          }),
        ]
      }
      const all = switches.S_DRAM ? bootMap.ranges.now : bv(RANGE, 1)
      b.for('r', { from: bv(RANGE, 0), below: all, invariant }, (r) => {
        const [from, to] = switches.S_DRAM
          ? [bootMap.first.now.at(r), bootMap.last.now.at(r)]
          : [bv(FRAME, 0), bv(FRAME, (1n << BigInt(FRAME)) - 1n)]
        const window = census.windowFirst.now
        const low = b.let('low', greatest(first, greatest(from, window)))
        const high = b.let('high', least(last, to))
        const skip = () => {
          b.assert(...named({ 'a range that is passed over has no wanted frame': wanted(r).not() }))
          b.next()
        }
        b.when(high.ult(low), skip)
        const start = b.let('start', low.minus(window))
        b.when(config.windowWords.now.ule(word(start)), skip)
        const end = b.let('end', high.minus(window))
        const lastBit = config.windowWords.now.minus(1).concat(bv(6, 63))
        const stop = b.let('stop', ite(word(end).ult(config.windowWords.now), end, lastBit))
        const { inside, offset } = windowOffset()
        const f = watched.f.now
        // In steps: orders among 40-bit numbers are cheap one at a time, and dear together.
        b.assert(
          ...named({
            'frames from low on': low.ule(f).iff(and(first.ule(f), from.ule(f), window.ule(f))),
            'frames up to high': f.ule(high).iff(and(f.ule(last), f.ule(to))),
          }),
        )
        if (switches.S_DRAM)
          b.assert(
            ...named({
              'the watched frame is in its own range only': and(from.ule(f), f.ule(to)).iff(
                and(watched.fRange.now.eq(r), holdsWatched(f, f)),
              ),
            }),
          )
        b.assert(
          ...named({
            'the run begins where it is wanted': inside.implies(start.ule(offset).iff(low.ule(f))),
            'the run ends where it is wanted': inside.implies(offset.ule(stop).iff(f.ule(high))),
            'wanted frames are those of the run': wanted(r).iff(inside.and(low.ule(f), f.ule(high))),
            'the run is marked where it is wanted': covered(start, stop).iff(wanted(r)),
          }),
        )
        b.call(mark, { first: start, last: stop, certain })
        b.when(running().not(), () => b.return())
      })
    },
  })

/** Notes a table, of any space (round 1) and of the current one (round 2); `range` is the range of the boot map that holds its frame. */
export const markTable = (switches: Switches) =>
  procedure('markTable', {
    params: { frame: bvSort(FRAME), range: bvSort(RANGE) },
    memory,
    modifies: markedCells,
    requires: ({ frame, range }) => [
      ...configured(),
      ...spaceInRange(),
      ...named({
        running: running(),
        'round 1 or 2': census.round.now.eq(1).or(census.round.now.eq(2)),
        'range holds the frame': range
          .ult(bootMap.ranges.now)
          .and(bootMap.first.now.at(range).ule(frame), frame.ule(bootMap.last.now.at(range))),
      }),
      ...linked(),
    ],
    ensures: ({ frame }) => [
      ...kept(),
      ...whenRunning([
        ...links(),
        ...named({
          'no leaf is hit': trace.hits.now.eq(trace.hits.old).and(trace.certainHits.now.eq(trace.certainHits.old)),
          'the table is met once': trace.tableHits.now.eq(increase(trace.tableHits.old, hitBy(frame, frame))),
        }),
      ]),
    ],
    body: (b, { frame }) => {
      spend(b, switches)
      b.ghost((g) => g.set(trace.tableHits, increase(trace.tableHits.now, hitBy(frame, frame))))
      b.when(frame.ult(census.windowFirst.now), () => b.return())
      const offset = b.let('offset', frame.minus(census.windowFirst.now))
      b.when(config.windowWords.now.ule(word(offset)), () => b.return())
      const mask = b.let('mask', u64(1).shl(offset.bits(5, 0).zext(64)))
      b.when(census.round.now.eq(1), () => {
        b.store(census.tables, word(offset), census.tables.now.at(word(offset)).bitor(mask))
        b.return()
      })
      const tables = b.let('tables', census.twice.now.at(word(offset)))
      b.tally(counts.round2.tables, census.space.now, {
        kind: 'bits',
        first: frameObject(word(offset)),
        bits: mask.bitand(tables.bitnot()),
      })
      b.store(census.twice, word(offset), tables.bitor(mask))
    },
  })

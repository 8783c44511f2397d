// The census: windows over the frames of the boot map, and for each window two rounds over all spaces (round.ts). Leaves are counted
// once, in the first round of the first window. A census ends `complete` (status running at the return) or with the reason why not.

import { named, procedure, type ProcedureBuilder, snapshot } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, bool, type Bool, bv, type Bv, or, u64 } from '../model/term.ts'
import { memory } from './boot-map.ts'
import {
  firstFacts,
  guest,
  guestFacts,
  inMap,
  known,
  round1,
  round2,
  secondFacts,
  totalFacts,
  under,
  zero,
} from './census-facts.ts'
import { bootMap, census, config, counts, FRAME, NOTED, perSpace, SLOT, SPACE, spaces, tallies, vmcbs, watched } from './cells.ts'
import { configured, counterBounds, nonZero, running, whenRunning, workConjuncts } from './link.ts'
import { unnoted, vmcbsNoted } from './mapped-vmcbs.ts'
import { nextFrame } from './next-frame.ts'
import { measureRound, roundCells } from './round.ts'
import { endings, measurable } from './space.ts'
import type { Switches } from './switches.ts'

const { f, s } = watched
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

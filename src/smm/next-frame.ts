// The next frame that windows of the census have to cover.

import { named, procedure } from '../model/builder.ts'
import { bool, bv, type Bv, ite } from '../model/term.ts'
import { memory } from './boot-map.ts'
import { inMap } from './census-facts.ts'
import { bootMap, FRAME, RANGE, watched } from './cells.ts'

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
        .and(from.ule(watched.f.now))
        .implies(found.and(frame.ule(watched.f.now))),
    }),
  body: (b, { from }, { found, frame }) => {
    b.set(found, bool(false))
    b.set(frame, bv(FRAME, 0))
    const invariant = (r: Bv) =>
      named({
        'nothing found yet': found.now.not(),
        'I11 ranges so far end below the start': watched.fRange.now.ult(r).implies(inMap().implies(watched.f.now.ult(from))),
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

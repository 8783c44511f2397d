// The boot-time DRAM map as the handler uses it: the one predicate that decides what memory is (claim I11), from a map kept in
// SMRAM, never from registers that the hypervisor can write.

import { named, procedure } from '../model/builder.ts'
import type { Memory } from '../model/procedure.ts'
import { bvSort } from '../model/sort.ts'
import { arrayVar, bv, bool, type Bool, type Bv } from '../model/term.ts'
import { bootMap, config, FRAME, RANGE, watched } from './cells.ts'

/** The frames first..last lie wholly inside range `r` of the map. */
export const rangeHolds = (r: Bv<string>, first: Bv<string>, last: Bv<string>): Bool =>
  r.ult(bootMap.ranges.now).and(bootMap.first.now.at(r).ule(first as Bv), (last as Bv).ule(bootMap.last.now.at(r)))

/** One of the frames first..last belongs to SMRAM. */
export const touchesSmram = (first: Bv<string>, last: Bv<string>): Bool =>
  (first as Bv).ule(config.smramLast.now).and(config.smramFirst.now.ule(last as Bv))

/** Frame number without the memory-encryption bit (APM 7.10.5). */
export const plainFrame = (frame: Bv<string>): Bv => (frame as Bv).bitand(config.cBit.now.bits(51, 12).bitnot())

/** Physical memory below 2^52, in 64-bit words; reads are evidenced by the range of the boot map that holds the frame. */
export const memory: Memory = {
  snapshot: arrayVar('snap', { kind: 'array', index: 49, element: { kind: 'bv', width: 64 } }),
  readable: (word, range) => {
    const frame = plainFrame(word.bits(48, 9))
    return named({
      'table in boot DRAM': rangeHolds(range, frame, frame),
      'table outside SMRAM': frame.ult(config.smramFirst.now).or(config.smramLast.now.ult(frame)),
    })
  },
}

/** Finds the range of the boot map that holds the frames first..last, if one does. Ranges of the map are apart, so a run of frames that no single range holds has a frame outside the map. */
export const findRange = procedure('findRange', {
  params: { first: bvSort(FRAME), last: bvSort(FRAME) },
  results: { found: { kind: 'bool' }, range: bvSort(RANGE) },
  memory,
  modifies: [],
  requires: () => [],
  ensures: ({ first, last }, { found, range }) =>
    named({
      'I11 found: the range holds the frames': found.implies(rangeHolds(range, first, last)),
      'I11 not found: no range holds the frames': found.or(rangeHolds(watched.range.now, first, last).not()),
    }),
  body: (b, { first, last }, { found, range }) => {
    b.set(found, bool(false))
    b.set(range, bv(RANGE, 0))
    const invariant = (r: Bv) =>
      named({
        'I11 nothing found yet': found.now.not(),
        'I11 ranges so far do not hold the frames': watched.range.now
          .ult(r)
          .implies(rangeHolds(watched.range.now, first, last).not()),
      })
    b.for('r', { from: bv(RANGE, 0), below: bootMap.ranges.now, invariant }, (r) => {
      b.when(
        bootMap.first.now
          .at(r)
          .ule(first)
          .and(last.ule(bootMap.last.now.at(r))),
        () => {
          b.set(found, bool(true))
          b.set(range, r)
          b.break()
        },
      )
    })
  },
})

/**
 * The frames that lie wholly inside the byte range [start, end) (53 bits each, end at most 2^52): what boot code puts into the
 * map. `some` is false when there is none.
 */
export function wholeFrames(start: Bv, end: Bv): { some: Bool; first: Bv; last: Bv } {
  const from = start.plus(4095).bits(52, 12)
  const to = end.bits(52, 12)
  return { some: from.ult(to), first: from.bits(FRAME - 1, 0), last: to.minus(1).bits(FRAME - 1, 0) }
}

// What boot code guarantees about the constants in SMRAM, as universally quantified hypotheses over the ranges of the boot map,
// and what the choice of watched values means. The executor checks the former on every concrete configuration.

import { and, type Bool, type Bv, type Term } from '../model/term.ts'
import { rangeHolds } from './boot-map.ts'
import { bootMap, config, watched } from './cells.ts'

export interface Axiom {
  readonly name: string
  readonly arrays: readonly Term[]
  readonly arity: 1 | 2
  readonly instance: (...indices: readonly Term[]) => Bool
}

const arrays = [bootMap.first.now, bootMap.last.now]
const known = (r: Bv): Bool => r.ult(bootMap.ranges.now)
const first = (r: Bv): Bv => bootMap.first.now.at(r)
const last = (r: Bv): Bv => bootMap.last.now.at(r)

/** Each range is a run of frames of addressable memory outside SMRAM. */
export const rangeWellFormed: Axiom = {
  name: 'boot map: each range is a run of frames outside SMRAM',
  arrays,
  arity: 1,
  instance: (r) => {
    const at = r as Bv
    const outside = last(at)
      .ult(config.smramFirst.now)
      .or(config.smramLast.now.ult(first(at)))
    return known(at).implies(and(first(at).ule(last(at)), last(at).ule(config.physMask.now.bits(51, 12)), outside))
  },
}

/** Ranges ascend and are apart. */
export const rangesApart: Axiom = {
  name: 'boot map: ranges ascend, apart',
  arrays,
  arity: 2,
  instance: (r, q) => {
    const [a, b] = [r as Bv, q as Bv]
    return a
      .ult(b)
      .and(known(b))
      .implies(last(a).ult(first(b)))
  },
}

/** The watched range is the one that holds the watched frame, if one does. */
export const watchedRangeChosen: Axiom = {
  name: 'watch: fRange is the range that holds frame f, if any',
  arrays,
  arity: 1,
  instance: (r) =>
    rangeHolds(r as Bv, watched.f.now, watched.f.now).implies(rangeHolds(watched.fRange.now, watched.f.now, watched.f.now)),
}

export const assumptions: readonly Axiom[] = [rangeWellFormed, rangesApart, watchedRangeChosen]

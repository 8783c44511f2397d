// The watched frame, as contracts speak of it: whether the boot map has it, whether the current window has it, and where.

import type { Bool, Bv } from '../model/term.ts'
import { rangeHolds } from './boot-map.ts'
import { census, config, watched } from './cells.ts'

/** The watched frame's offset from the window's first, and whether the window has it. */
export const windowOffset = (): { inside: Bool; offset: Bv } => {
  const offset = watched.f.now.minus(census.windowFirst.now)
  return { inside: census.windowFirst.now.ule(watched.f.now).and(offset.bits(39, 6).ult(config.windowWords.now)), offset }
}

/** The watched frame lies in first..last, and the boot map has it. */
export const holdsWatched = (first: Bv, last: Bv): Bool => {
  const { f, fRange } = watched
  return rangeHolds(fRange.now, f.now, f.now).and(first.ule(f.now), f.now.ule(last))
}
/** ... in the current window. */
export const hitBy = (first: Bv, last: Bv): Bool => holdsWatched(first, last).and(windowOffset().inside)

/** The watched frame is in the window, at one of the offsets first..last. */
export const covered = (first: Bv, last: Bv): Bool => {
  const { inside, offset } = windowOffset()
  return inside.and(first.ule(offset), offset.ule(last))
}

/** The current window has the watched frame. */
export const inWindow = (): Bool => windowOffset().inside

// What a report says, and whether it is so: of the hardware's own walk, at the sample instant or another.
// Leaves out: who makes reports, and when (whole-system.ts).

import { and, type Bool, type Bv, ite, or } from '../model/term.ts'
import { census, MODE, STATUS } from '../smm/cells.ts'
import { reaches, surelyReads } from '../smm/hardware-words.ts'
import {
  charged,
  type HardwareKept,
  inhabitantOf,
  measured,
  type Picture,
  sampled,
  spaceKept,
  spaceNoted,
  stageIs,
} from '../smm/measuring-state.ts'
import { snap } from '../smm/meeting-state.ts'
import { inBootMap } from '../smm/system-profile.ts'
import { handler, HANDLER_STATUS, handlerGhosts, phaseIs } from '../smm/thread-cells.ts'
import { isThread } from '../x86/topology.ts'

/** What the hardware does with threads at an instant, and memory then. */
export interface Instant {
  readonly threads: HardwareKept
  readonly memory: Picture
}
export const atSample: Instant = { threads: sampled, memory: snap }

const isLong = (mode: Bv): Bool => mode.uge(MODE.long4)

/** What the handler reports on is a whole census of all that threads run. */
export const isWhole = (): Bool =>
  and(
    phaseIs('measuring'),
    stageIs('counted'),
    handler.status.now.eq(HANDLER_STATUS.complete),
    census.status.now.eq(STATUS.running),
  )

/**
 * The guest that the thread was in at the instant has something that the report does not: nested tables that were not
 * walked, or a page that reaches a frame which is not counted for the space noted for the thread.
 */
export const isHidden = (t: Bv<string>, g: Bv, f: Bv, { threads, memory }: Instant = atSample): Bool => {
  const s = spaceNoted(t)
  const counted = ite(inBootMap(f), and(charged.distinct.at(s.concat(f)), charged.total.at(f)), charged.foreign.at(s.concat(g)))
  const walked = and(threads.nested.at(t), isLong(threads.mode.at(t)), s.ult(measured.count))
  const reached = reaches(spaceKept(t, threads, memory), g, f)
  return and(isThread(t), threads.inGuest.at(t), or(walked.not(), and(reached, counted.not())))
}
/** The frame is counted as certain for the space, and the guest that was in the space cannot surely read it. */
export const isInflated = (s: Bv, f: Bv, { threads, memory }: Instant = atSample): Bool => {
  const t = inhabitantOf(s).as<'thread'>()
  const owned = and(
    inBootMap(f),
    ...[isThread(t), threads.inGuest.at(t), threads.nested.at(t), isLong(threads.mode.at(t))],
    surelyReads(spaceKept(t, threads, memory), measured.certainPage(s, f), f),
  )
  return and(s.ult(measured.count), charged.certain.at(s.concat(f)), owned.not())
}
export const statusIn = (...names: readonly (keyof typeof HANDLER_STATUS)[]): Bool =>
  or(...names.map((name) => handler.status.now.eq(HANDLER_STATUS[name])))
/** A status other than complete has a reason: a thread, a register or a device; a guest that a thread was in; a full list. */
export const isFounded = (): Bool => {
  const t = handlerGhosts.cause.now.as<'thread'>()
  const ofThread = and(
    statusIn('shadow', 'unsupportedMode', 'vmcbOutside', 'rootMismatch', 'unrecordedRoot'),
    isThread(t),
    sampled.inGuest.at(t),
  )
  return or(statusIn('partial', 'tamper', 'dmaNotQuiesced', 'tooManySpaces'), ofThread)
}
/** Neither the meeting's status nor the census's says why something should be missing. */
export const isUnfounded = (): Bool => {
  const ofCensus = and(phaseIs('measuring'), census.status.now.ne(STATUS.running))
  return and(isFounded().not(), ofCensus.not())
}

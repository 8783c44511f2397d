// P6 on the whole system: a report that is accepted hides nothing, and counts nothing in vain, of what was so at an instant at which nobody
// could have reacted to the challenge. Durations enter as they bound the run at hand: how soon a trigger arrives and a host reacts
// (whole-time.ts), how long an answer takes and a handler waits (P6 below).

import { conjunct, type Invariant } from '../model/invariant.ts'
import { forAll } from '../model/system.ts'
import { and, type Bool, type Bv, ite, or } from '../model/term.ts'
import { ANSWER, EARLIEST, END_OF_TIME, outOfBand, PATIENCE, REACTION, TRIP } from '../protocol/freshness-state.ts'
import { isFresh, isSecret, keyOf, madeFor, nonceIn, report } from '../protocol/messages.ts'
import { acceptedReport, askedAt, clock, DEADLINE, isOpen, issuedAt, wasAccepted, wasAsked } from '../protocol/state.ts'
import { isAsKept, isSampledAs } from '../smm/measuring-state.ts'
import { picturedWord, snap } from '../smm/meeting-state.ts'
import { phaseIs } from '../smm/thread-cells.ts'
import { dram } from '../x86/dram.ts'
import { handedOver } from '../x86/modes.ts'
import { word } from '../x86/physical.ts'
import { isThread, thread } from '../x86/topology.ts'
import { isTsegWord } from '../x86/tseg.ts'
import { endToEndNames, isAccepted, madeForIt } from './end-to-end.ts'
import { meetingNames } from './meeting.ts'
import { names } from './platform.ts'
import { reportGrounds, reportNames } from './report.ts'
import { faults } from './whole-system.ts'
import {
  acceptedAfter,
  atHand,
  firstStop,
  hasArrived,
  hasStopped,
  isPrompted,
  moved,
  ofReport,
  since,
  stale,
  stillSince,
  unprompted,
  unpromptedThreads,
} from './whole-time.ts'

const TRUE_CODE = [names.GENUINE, names.RUNS, names.READS]
const { GATHERED, HERE, QUIET, STILL } = meetingNames
const { CLOCK, PAST, TIMER, NONCES, ASKED_TAGS } = reportNames

const SINCE = 'P6 the clock has gone on since the challenge'
const SOON = 'P6 while the challenge is open it is not due'
const IN_TIME = 'P6 what was accepted was accepted before it was due'
const TIMES = 'P6 what has happened was not later than now'
const TIMES_OF_REPORTS = 'P6 no measurement that a report is of was later than now'
const KEPT = 'P6 once devices have stopped for a measurement that nobody reacted to, memory is as it was'
const POSED = 'P6 ... and threads are as they were'
const SAME = 'P6 such a measurement is of memory as it was'
const SAME_THREADS = 'P6 ... and of threads as they were'
const STOPPED = 'P6 the trigger arrives, and threads stop for it, no earlier than a trip after the challenge'
const PROMPTED = 'P6 who may have reacted had the time to'
const OF_REPORT = 'P6 a report of a prompted measurement is late, and out of band past the patience'
const HIDES = 'P6 what a report hides of what there was before has changed, or the report hides memory'
const INFLATES = 'P6 what a report counts and was not there before has changed, or it counts what no guest has'
const MORE = 'P6 where there was more before, somebody may have reacted'
const EARLY = 'P6 nobody has reports of a challenge before it is made'
const LESS = 'P6 where there was less before, somebody may have reacted'

const n = atHand.now.as<'nonce'>()
const isUnprompted = (): Bool => and(handedOver.now, wasAsked.at(n), isPrompted.now.not())
const isPromptedOrEarly = (b: Bv<string>): Bool => or(ofReport.prompted.at(b), ofReport.early.at(b))

export const timely: Invariant = [
  conjunct(
    'P6',
    forAll(SINCE, [], () => ite(wasAsked.at(n), since.now.eq(clock.now.minus(askedAt.at(n))), since.now.isZero())),
    ...[CLOCK, PAST],
  ),
  conjunct(
    'P6',
    forAll(TIMES, [], () => and(since.now.ule(END_OF_TIME), firstStop.now.ule(since.now), stillSince.now.ule(since.now))),
    ...[SINCE, CLOCK, PAST],
  ),
  conjunct(
    'P6',
    forAll(SOON, [], () => isOpen.at(n).implies(since.now.ule(DEADLINE.now))),
    ...[SINCE, TIMER, CLOCK, PAST],
  ),
  conjunct(
    'P6',
    forAll(IN_TIME, [], () => wasAccepted.at(n).implies(acceptedAfter.now.ule(DEADLINE.now))),
    SOON,
  ),
  conjunct(
    'P6',
    forAll(TIMES_OF_REPORTS, [report], (b) => ofReport.stillSince.at(b).ule(END_OF_TIME)),
    TIMES,
  ),
  conjunct(
    'P6',
    forAll(KEPT, [word], (a) =>
      and(isUnprompted(), phaseIs('flushing'), isTsegWord(a).not()).implies(dram.at(a).eq(unprompted.at(a))),
    ),
    ...[GATHERED, HERE, QUIET, ...TRUE_CODE],
  ),
  conjunct(
    'P6',
    forAll(POSED, [thread], (t) => and(isUnprompted(), phaseIs('flushing'), isThread(t)).implies(isAsKept(t, unpromptedThreads))),
    ...[GATHERED, HERE, ...TRUE_CODE],
  ),
  conjunct(
    'P6',
    forAll(SAME, [picturedWord], (a) => and(isUnprompted(), phaseIs('measuring')).implies(snap.at(a).eq(unprompted.at(a)))),
    ...[KEPT, STILL, ...TRUE_CODE],
  ),
  conjunct(
    'P6',
    forAll(SAME_THREADS, [thread], (t) =>
      and(isUnprompted(), phaseIs('measuring'), isThread(t)).implies(isSampledAs(t, unpromptedThreads)),
    ),
    ...[POSED, endToEndNames.SAMPLED, ...TRUE_CODE],
  ),
  conjunct(
    'P6',
    forAll(STOPPED, [], () =>
      and(
        hasArrived.now.implies(TRIP.now.ule(since.now)),
        hasStopped.now.implies(EARLIEST.now.ule(firstStop.now.plus(REACTION.now))),
      ),
    ),
    ...[TIMES, SINCE, CLOCK, PAST],
  ),
  conjunct(
    'P6',
    forAll(PROMPTED, [], () => {
      const seen = and(hasStopped.now, firstStop.now.plus(REACTION.now).ule(stillSince.now))
      return isPrompted.now.implies(and(EARLIEST.now.ule(stillSince.now), or(outOfBand.not(), seen)))
    }),
    ...[STOPPED, TIMES],
  ),
  conjunct(
    'P6',
    forAll(OF_REPORT, [report], (b) => {
      const waited = or(ofReport.patient.at(b).not(), REACTION.now.ule(PATIENCE.now))
      return ofReport.prompted.at(b).implies(and(EARLIEST.now.ule(ofReport.stillSince.at(b)), or(outOfBand.not(), waited)))
    }),
    ...[PROMPTED, TIMES],
  ),
  conjunct(
    'P6',
    forAll(HIDES, [report], (b) => stale.hides.at(b).implies(or(moved.hides.at(b), faults.hides.at(b)))),
  ),
  conjunct(
    'P6',
    forAll(INFLATES, [report], (b) => stale.inflates.at(b).implies(or(moved.inflates.at(b), faults.inflates.at(b)))),
  ),
  conjunct(
    'P6',
    forAll(MORE, [report], (b) => moved.hides.at(b).implies(isPromptedOrEarly(b))),
    ...[SAME, SAME_THREADS],
  ),
  conjunct(
    'P6',
    forAll(LESS, [report], (b) => moved.inflates.at(b).implies(isPromptedOrEarly(b))),
    ...[SAME, SAME_THREADS],
  ),
  conjunct(
    'P6',
    forAll(EARLY, [report], (b) => {
      const isOfIt = and(isFresh.at(n), nonceIn.at(b).eq(atHand.now), isSecret.at(keyOf.at(madeFor.at(b))))
      return and(ofReport.early.at(b), isOfIt).not()
    }),
    ...[NONCES, ASKED_TAGS],
  ),
]

/** Durations bound the run at hand: of a measurement that somebody may have reacted to, the answer took its time, within the patience. */
const bounded = (): Bool => {
  const b = acceptedReport.at(n)
  const tookItsTime = ofReport.stillSince.at(b).plus(ANSWER.now).ule(acceptedAfter.now)
  return ofReport.prompted.at(b).implies(and(tookItsTime, or(outOfBand.not(), ofReport.patient.at(b))))
}
export const P6 = forAll(
  'P6 a report that is accepted was made after the challenge, and hides and inflates nothing of what was so before anybody could react',
  [],
  () => {
    const b = acceptedReport.at(n)
    const fresh = and(wasAsked.at(n), askedAt.at(n).ule(issuedAt.at(b)), stale.hides.at(b).not(), stale.inflates.at(b).not())
    return and(isAccepted(n), bounded()).implies(and(madeForIt(n), fresh))
  },
)
/** The conjuncts that it follows from. */
export const timelyGrounds: readonly string[] = [
  ...[HIDES, INFLATES, MORE, LESS, EARLY, OF_REPORT, TIMES_OF_REPORTS, IN_TIME, endToEndNames.NO_HIDE, endToEndNames.NO_INFLATE],
  ...[...reportGrounds.R1, ...reportGrounds.R3, ...reportGrounds.R4],
]

// P1, P2 and U1 on the whole system: from what the leader finds while memory holds still to the report that a proxy accepts.
// Each conjunct names what else its proof may use; those of the meeting (I7, I8), of what threads are found doing (I9, C1) and of
// the report path (R1-R6, P4) are lemmas, proved of the part that they speak of.

import { conjunct, type Invariant } from '../model/invariant.ts'
import { forAll } from '../model/system.ts'
import { and, type Bool, type Bv, or } from '../model/term.ts'
import { forWhom, isComplete, isSecret, keyOf, madeFor, nonce, nonceIn, report } from '../protocol/messages.ts'
import { acceptedReport, wasAccepted, wasIssued } from '../protocol/state.ts'
import { census, MODE, STATUS } from '../smm/cells.ts'
import { kindIs } from '../smm/discover.ts'
import { gravityOf, isInhabited, isMeasured, listed } from '../smm/enlist.ts'
import { arrived } from '../smm/meeting-state.ts'
import { asSampled, measured, saidOf, sampled, stageIs } from '../smm/measuring-state.ts'
import { space } from '../smm/system-cells.ts'
import { handler, OBSERVATION, observed, phaseIs, platformConfig } from '../smm/thread-cells.ts'
import { handedOver } from '../x86/modes.ts'
import { isThread, thread } from '../x86/topology.ts'
import { meetingNames } from './meeting.ts'
import { observedNames } from './observed.ts'
import { names } from './platform.ts'
import { reportGrounds, reportInvariant } from './report.ts'
import { isFounded } from './reported.ts'
import { faults, isOurs } from './whole-system.ts'

const { GATHERED, HERE } = meetingNames
const TRUE_CODE = [names.GENUINE, names.RUNS, names.READS]
const measuring = (): Bool => and(handedOver.now, phaseIs('measuring'))
const before = ['gathering', 'checking', 'quiescing', 'flushing'] as const
const isListed = (): Bool => or(stageIs('listed'), stageIs('counted'))

const SAMPLED = 'while memory is measured, threads are as they were at the sample instant'
const SEEN =
  'of a thread that has arrived, an observation has a name, is not parked, and what is measured is recorded, with 4 or 5 levels'
const LISTED = 'every thread has been observed, and its space is in the list'
const INHABITED = 'every space of the list is one that a thread is in'
const COUNTED = 'what a complete census has counted is what the hardware makes of memory: '
const NO_GUEST = 'P1 while all is well, no thread was in a guest'
const CLEAN = 'U1 until memory is measured nothing has been found amiss'
const CAUSED = 'U1 a status other than complete has a reason'
const NO_HIDE = 'P1 no report hides memory'
const NO_INFLATE = 'P2 no report counts what no guest has'
const FOUNDED = 'U1 no report is incomplete for no reason'

const counted = saidOf(measured, and(measuring(), stageIs('counted'), census.status.now.eq(STATUS.running)))
const countedName = (name: string): string => `${COUNTED}${name}`
const nameOfCounted = (words: string): string => countedName(counted.find((q) => q.name.includes(words))!.name)

/** What the last steps of P1 and P2 rest on. */
export const endToEndGrounds = {
  NO_HIDE: [
    ...[SAMPLED, SEEN, LISTED, nameOfCounted('is counted'), nameOfCounted('as foreign')],
    ...[observedNames.OBSERVED, observedNames.HOST, GATHERED],
  ],
  NO_INFLATE: [...[SAMPLED, INHABITED, nameOfCounted('as certain is')], ...[SEEN, observedNames.OBSERVED, GATHERED]],
} as const

export const endToEnd: Invariant = [
  conjunct(
    'P1',
    forAll(SAMPLED, [thread], (t) => and(measuring(), isThread(t)).implies(asSampled(t))),
    ...[GATHERED, HERE, ...TRUE_CODE],
  ),
  conjunct(
    'P1',
    forAll(SEEN, [thread], (t) =>
      and(handedOver.now, arrived(t)).implies(
        and(
          observed.kind.now.at(t.as()).ult(OBSERVATION.parked),
          isMeasured(t.as()).implies(
            and(observed.mode.now.at(t.as()).uge(MODE.long4), platformConfig.rootRecorded.now, platformConfig.hostRecorded.now),
          ),
        ),
      ),
    ),
    ...[HERE, ...TRUE_CODE],
  ),
  conjunct(
    'P1',
    forAll(LISTED, [thread], (t) =>
      and(measuring(), isListed(), isThread(t)).implies(
        and(kindIs(t, 'absent').not(), listed(t.as()), gravityOf(t.as()).ule(handler.status.now)),
      ),
    ),
    ...[GATHERED, HERE, ...TRUE_CODE],
  ),
  conjunct(
    'P2',
    forAll(INHABITED, [space], (s) =>
      and(measuring(), isListed(), s.as<'bits'>().ult(measured.count)).implies(isInhabited(s.as())),
    ),
    ...TRUE_CODE,
  ),
  ...counted.map((q) => conjunct(q.name.slice(0, 2), { ...q, name: countedName(q.name) }, ...TRUE_CODE)),
  conjunct(
    'P1',
    forAll(NO_HIDE, [report], (b) => faults.hides.at(b).not()),
    ...endToEndGrounds.NO_HIDE,
  ),
  conjunct(
    'P2',
    forAll(NO_INFLATE, [report], (b) => faults.inflates.at(b).not()),
    ...endToEndGrounds.NO_INFLATE,
  ),
  conjunct(
    'U1',
    forAll(CLEAN, [], () =>
      and(handedOver.now, or(...before.map((phase) => phaseIs(phase)))).implies(handler.status.now.isZero()),
    ),
    ...TRUE_CODE,
  ),
  conjunct(
    'U1',
    forAll(CAUSED, [], () => {
      const none = handler.status.now.isZero()
      const sofar = and(phaseIs('measuring'), stageIs('observing')).implies(none)
      return and(handedOver.now, or(phaseIs('measuring'), phaseIs('releasing'))).implies(and(or(none, isFounded()), sofar))
    }),
    ...[CLEAN, SAMPLED, SEEN, observedNames.HOST, GATHERED, ...TRUE_CODE],
  ),
  conjunct(
    'U1',
    forAll(FOUNDED, [report], (b) => faults.unfounded.at(b).not()),
    CAUSED,
  ),
]

/** For a challenge of this server, with a secret key. */
export const isAccepted = (n: Bv<string>): Bool => {
  const e = forWhom.at(n)
  return and(wasAccepted.at(n), isOurs.at(e), isSecret.at(keyOf.at(e)))
}
export const madeForIt = (n: Bv<string>): Bool => {
  const b = acceptedReport.at(n)
  return and(wasIssued.at(b), isComplete.at(b), nonceIn.at(b).eq(n.as()), madeFor.at(b).eq(forWhom.at(n)))
}
/** Where save areas do not record roots: a complete report is one of a server that ran no guest. */
export const unrecorded: Invariant = [
  ...endToEnd,
  conjunct(
    'P1',
    forAll(NO_GUEST, [thread], (t) =>
      and(measuring(), isListed(), isThread(t), handler.status.now.isZero()).implies(sampled.inGuest.at(t).not()),
    ),
    ...[LISTED, SEEN, SAMPLED, GATHERED, observedNames.HOST, ...TRUE_CODE],
  ),
]

/** The report path with the server in full: its key is in SMRAM, and with whoever runs there. */
export const reportLemmas: Invariant = reportInvariant.map((c) =>
  reportGrounds.K1.includes(c.name) ? { ...c, restsOn: [...c.restsOn, ...TRUE_CODE] } : c,
)

/** What the claims come to. */
export const endToEndTheorems = {
  P1: forAll('P1 a report that is accepted hides no memory', [nonce], (n) =>
    isAccepted(n).implies(and(madeForIt(n), faults.hides.at(acceptedReport.at(n)).not())),
  ),
  P2: forAll('P2 a report that is accepted counts nothing that no guest has', [nonce], (n) =>
    isAccepted(n).implies(and(madeForIt(n), faults.inflates.at(acceptedReport.at(n)).not())),
  ),
  P3: forAll(
    'P3 a report that is accepted was made by the handler of the platform that was asked, for this challenge',
    [nonce],
    (n) => isAccepted(n).implies(madeForIt(n)),
  ),
} as const
export const endToEndNames = { SAMPLED, NO_HIDE, NO_INFLATE, FOUNDED, NO_GUEST } as const

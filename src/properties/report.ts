// What holds of the report path, for any number of platforms, proxies, keys, challenges and reports, whatever the adversary delivers, drops,
// delays, repeats or derives: the invariant from which claims R1-R6, P4 and K1 follow.
// A key is secret unless the adversary had it from the start; the claims speak of enrolments with a secret key.

import { conjunct, type Invariant, type InvariantConjunct } from '../model/invariant.ts'
import { forAll, type Quantified } from '../model/system.ts'
import { and, type Bool, type Bv, or } from '../model/term.ts'
import {
  answer,
  answered,
  bodyIn,
  challengeTag,
  counterIn,
  drawnBy,
  enrolment,
  enrolmentInAnswer,
  forWhom,
  isComplete,
  isFresh,
  isSecret,
  key,
  keyIn,
  keyOf,
  madeFor,
  nonce,
  nonceIn,
  nonceInAnswer,
  proxyOf,
  report,
  reportTag,
  sequenceIn,
} from '../protocol/messages.ts'
import { has } from '../protocol/switches.ts'
import {
  acceptedAt,
  acceptedReport,
  acceptedTwice,
  answeredTwice,
  askedAt,
  clock,
  counterSeen,
  DEADLINE,
  falseAlarm,
  falselyAhead,
  hasAlarm,
  isOpen,
  issuedAt,
  knowsChallengeTag,
  knowsKey,
  knowsNonce,
  knowsReportTag,
  lastAsked,
  lastCounter,
  lastDrawn,
  reportsMade,
  sequenceSeen,
  wasAccepted,
  wasAnswered,
  wasAsked,
  wasIssued,
} from '../protocol/state.ts'

/** Keys of this enrolment are with platform and proxy only. */
const hasSecret = (e: Bv<string>): Bool => isSecret.at(keyOf.at(e))
const due = (since: Bv): Bv => since.plus(DEADLINE.now)
const END_OF_TIME = 2n ** 63n

const KEYS = 'K1 the adversary knows no secret key'
const TAGS = 'a tag under a secret key is of a report that its handler issued'
const ASKED_TAGS = 'a tag of a challenge under a secret key is of one that was asked'
const NONCES = 'a fresh nonce is known only when it was asked'
const ASKED = 'what was asked is fresh, its counter was drawn'
const OPEN = 'an open challenge was asked, and has no end yet'
const ENDED = 'what has ended was asked'
const CLOCK = 'the clock is at most 2^63'
const PAST = 'what was asked was asked in the past'
const TIMER = 'no open challenge is overdue'
const ISSUED = 'what was issued answers a nonce that is known, and was issued in the past'
const ANSWERS = 'R1 what is accepted says that it is from the platform that was asked, for this challenge'
const GENUINE = 'R1 what is accepted was issued by the handler of its platform'
const ONCE = 'R2 no challenge is accepted twice'
const ONE_ANSWER = 'R2 no platform answers a nonce twice'
const ANSWERED = 'what was answered is at most the last counter'
const AFTER = 'R3 what is issued for a challenge is issued after it was asked'
const IN_TIME = 'R3 what is accepted is accepted in time'
const BEFORE = 'R3 what is accepted was issued before it is accepted'
const COMPLETE = 'R4 what is accepted is complete'
const ENDS = 'P4 a challenge is open, accepted or an alarm'
const NUMBERED = 'what was issued has a number that was used'
const COUNTED = 'what was issued has a counter that was answered'
const ORDER = 'reports with larger counters have larger numbers'
const PACE = 'a handler has made no more reports than it was asked for'
const PACED = 'a report has a number of at most its counter'
const UNUSED = 'a report leaves out no more counters than its handler'
const PACED_SEEN = 'a number that was seen is at most its counter'
const UNUSED_SEEN = 'what was seen leaves out no more counters than the handler'
const SEEN = 'a number that was seen was used'
const SEEN_COUNTER = 'a counter that was seen was drawn'
const AHEAD = 'reports with a counter above what was seen have a number above'
const UNUSED_ORDER = 'reports with larger counters leave out no fewer'
const UNUSED_AHEAD = 'reports with a counter above what was seen leave out no fewer counters'
const LATEST = 'an open challenge is the last of its platform'
const UNSEEN = 'an open challenge has a counter above what was seen'
const NO_FALSE = 'R5 no false alarm'
const NOT_AHEAD = 'R7 no false alarm of being ahead'
const SPENT = 'R6 the handler has answered no counter that its proxy has not drawn'

/** For those who build on them. */
export const reportNames = { CLOCK, PAST, TIMER, NONCES, ASKED_TAGS } as const

const basis = (statement: Quantified, ...restsOn: readonly string[]): InvariantConjunct =>
  conjunct('basis', statement, ...restsOn)

const knowledge: Invariant = [
  conjunct(
    'K1',
    forAll(KEYS, [key], (k) => knowsKey.at(k).implies(isSecret.at(k).not())),
  ),
  basis(
    forAll(TAGS, [reportTag], (t) => {
      const b = bodyIn(t)
      return and(knowsReportTag.at(t), isSecret.at(keyIn(t))).implies(and(wasIssued.at(b), keyOf.at(madeFor.at(b)).eq(keyIn(t))))
    }),
    KEYS,
  ),
  basis(
    forAll(ASKED_TAGS, [challengeTag], (t) =>
      and(knowsChallengeTag.at(t), isSecret.at(keyIn(t))).implies(wasAsked.at(bodyIn(t))),
    ),
    KEYS,
  ),
  basis(forAll(NONCES, [nonce], (n) => and(has('S_RANDOM'), knowsNonce.at(n), isFresh.at(n)).implies(wasAsked.at(n)))),
]

const challenges: Invariant = [
  basis(
    forAll(ASKED, [nonce], (n) =>
      wasAsked
        .at(n)
        .implies(
          and(isFresh.at(n), drawnBy.at(n).eq(proxyOf.at(forWhom.at(n))), counterIn.at(n).ule(lastDrawn.at(drawnBy.at(n)))),
        ),
    ),
  ),
  basis(
    forAll(OPEN, [nonce], (n) => isOpen.at(n).implies(and(wasAsked.at(n), wasAccepted.at(n).not(), hasAlarm.at(n).not()))),
    ...[ENDED, ASKED],
  ),
  basis(
    forAll(ENDED, [nonce], (n) => or(wasAccepted.at(n), hasAlarm.at(n)).implies(wasAsked.at(n))),
    OPEN,
  ),
  basis(forAll(CLOCK, [], () => clock.now.ule(END_OF_TIME))),
  basis(
    forAll(PAST, [nonce], (n) => wasAsked.at(n).implies(askedAt.at(n).ule(clock.now))),
    CLOCK,
  ),
  basis(
    forAll(TIMER, [nonce], (n) => isOpen.at(n).implies(clock.now.ule(due(askedAt.at(n))))),
    CLOCK,
  ),
  conjunct(
    'P4',
    forAll(ENDS, [nonce], (n) => wasAsked.at(n).implies(or(wasAccepted.at(n), hasAlarm.at(n), isOpen.at(n)))),
  ),
]

/** What the proxy sees for itself, whoever has the key. */
export const reportAnswers = forAll(ANSWERS, [nonce], (n) => {
  const b = acceptedReport.at(n)
  return wasAccepted.at(n).implies(and(nonceIn.at(b).eq(n.as()), madeFor.at(b).eq(forWhom.at(n))))
})

/** That a handler cannot be asked in advance: nobody knows the nonce, or nobody can ask with it. */
export const reportAfter = forAll(AFTER, [report], (b) => {
  const n = nonceIn.at(b)
  return and(wasIssued.at(b), isFresh.at(n), hasSecret(madeFor.at(b))).implies(
    and(wasAsked.at(n), askedAt.at(n).ule(issuedAt.at(b))),
  )
})

const reports: Invariant = [
  basis(
    forAll(ISSUED, [report], (b) => wasIssued.at(b).implies(and(knowsNonce.at(nonceIn.at(b)), issuedAt.at(b).ule(clock.now)))),
    CLOCK,
  ),
  conjunct('R1', reportAnswers),
  conjunct(
    'R1',
    forAll(GENUINE, [nonce], (n) => and(wasAccepted.at(n), hasSecret(forWhom.at(n))).implies(wasIssued.at(acceptedReport.at(n)))),
    TAGS,
  ),
  conjunct(
    'R2',
    forAll(ONCE, [nonce], (n) => acceptedTwice.at(n).not()),
    OPEN,
  ),
  conjunct(
    'R2',
    forAll(ONE_ANSWER, [answer], (a) => answeredTwice.at(a).not()),
    ANSWERED,
  ),
  basis(
    forAll(ANSWERED, [answer], (a) =>
      wasAnswered.at(a).implies(counterIn.at(nonceInAnswer(a)).ule(lastCounter.at(enrolmentInAnswer(a)))),
    ),
  ),
  conjunct('R3', reportAfter, ...[NONCES, ASKED_TAGS, PAST, ASKED]),
  conjunct(
    'R3',
    forAll(IN_TIME, [nonce], (n) => wasAccepted.at(n).implies(and(wasAsked.at(n), acceptedAt.at(n).ule(due(askedAt.at(n)))))),
    ...[OPEN, TIMER, ASKED],
  ),
  conjunct(
    'R3',
    forAll(BEFORE, [nonce], (n) => {
      const b = acceptedReport.at(n)
      return and(wasAccepted.at(n), hasSecret(forWhom.at(n))).implies(and(wasIssued.at(b), issuedAt.at(b).ule(acceptedAt.at(n))))
    }),
    ...[TAGS, ISSUED],
  ),
  conjunct(
    'R4',
    forAll(COMPLETE, [nonce], (n) => wasAccepted.at(n).implies(isComplete.at(acceptedReport.at(n)))),
  ),
]

/** Counters that no report was made for, of this many: they grow with the counter, since a counter makes one report at most. */
const unused = (counter: Bv, sequence: Bv): Bv => counter.minus(sequence)
const unusedBy = (e: Bv<string>): Bv => unused(lastCounter.at(e), reportsMade.at(e))
const unusedSeen = (e: Bv<string>): Bv => unused(counterSeen.at(e), sequenceSeen.at(e))
const unusedIn = (b: Bv<string>): Bv => unused(counterIn.at(nonceIn.at(b)), sequenceIn.at(b))

/** Both of one platform, and the second for the larger counter. */
const later = (a: Bv<string>, b: Bv<string>): Bool =>
  and(
    ...[wasIssued.at(a), wasIssued.at(b), madeFor.at(a).eq(madeFor.at(b))],
    counterIn.at(nonceIn.at(a)).ult(counterIn.at(nonceIn.at(b))),
  )

/** With a counter above what its proxy has seen. */
const isUnseen = (b: Bv<string>): Bool => {
  const e = madeFor.at(b)
  return and(wasIssued.at(b), hasSecret(e), counterSeen.at(e).ult(counterIn.at(nonceIn.at(b))))
}

const order: Invariant = [
  basis(forAll(PACE, [enrolment], (e) => reportsMade.at(e).ule(lastCounter.at(e)))),
  basis(
    forAll(PACED, [report], (b) => wasIssued.at(b).implies(sequenceIn.at(b).ule(counterIn.at(nonceIn.at(b))))),
    PACE,
  ),
  basis(
    forAll(UNUSED, [report], (b) => wasIssued.at(b).implies(unusedIn(b).ule(unusedBy(madeFor.at(b))))),
    PACE,
  ),
  basis(
    forAll(PACED_SEEN, [enrolment], (e) => hasSecret(e).implies(sequenceSeen.at(e).ule(counterSeen.at(e)))),
    ...[TAGS, PACED],
  ),
  basis(
    forAll(UNUSED_SEEN, [enrolment], (e) => hasSecret(e).implies(unusedSeen(e).ule(unusedBy(e)))),
    ...[TAGS, UNUSED, PACE],
  ),
  basis(forAll(NUMBERED, [report], (b) => wasIssued.at(b).implies(sequenceIn.at(b).ule(reportsMade.at(madeFor.at(b)))))),
  basis(
    forAll(COUNTED, [report], (b) => wasIssued.at(b).implies(counterIn.at(nonceIn.at(b)).ule(lastCounter.at(madeFor.at(b))))),
  ),
  basis(
    forAll(ORDER, [report, report], (a, b) => later(a, b).implies(sequenceIn.at(a).ult(sequenceIn.at(b)))),
    ...[NUMBERED, COUNTED],
  ),
  basis(
    forAll(UNUSED_ORDER, [report, report], (a, b) => later(a, b).implies(unusedIn(a).ule(unusedIn(b)))),
    ...[UNUSED, COUNTED, PACE],
  ),
  basis(
    forAll(SEEN, [enrolment], (e) =>
      hasSecret(e).implies(and(sequenceSeen.at(e).ule(reportsMade.at(e)), counterSeen.at(e).ule(lastCounter.at(e)))),
    ),
    ...[TAGS, NUMBERED, COUNTED],
  ),
  basis(
    forAll(AHEAD, [report], (b) => isUnseen(b).implies(sequenceSeen.at(madeFor.at(b)).ult(sequenceIn.at(b)))),
    ...[SEEN, ORDER, TAGS],
  ),
  basis(
    forAll(UNUSED_AHEAD, [report], (b) => isUnseen(b).implies(unusedSeen(madeFor.at(b)).ule(unusedIn(b)))),
    ...[UNUSED_SEEN, UNUSED_ORDER, TAGS, PACE, SEEN],
  ),
  basis(forAll(LATEST, [nonce], (n) => isOpen.at(n).implies(lastAsked.at(forWhom.at(n)).eq(n.as())))),
  basis(
    forAll(SEEN_COUNTER, [enrolment], (e) => counterSeen.at(e).ule(lastDrawn.at(proxyOf.at(e)))),
    ...[OPEN, ASKED],
  ),
  basis(
    forAll(UNSEEN, [nonce], (n) => isOpen.at(n).implies(counterSeen.at(forWhom.at(n)).ult(counterIn.at(n)))),
    ...[SEEN_COUNTER, LATEST],
  ),
  conjunct(
    'R5',
    forAll(NO_FALSE, [nonce], (n) => falseAlarm.at(n).not()),
    ...[AHEAD, TAGS, UNSEEN],
  ),
  conjunct(
    'R7',
    forAll(NOT_AHEAD, [nonce], (n) => falselyAhead.at(n).not()),
    ...[UNUSED_AHEAD, PACED, TAGS, UNSEEN],
  ),
  conjunct(
    'R6',
    forAll(SPENT, [enrolment], (e) => hasSecret(e).implies(lastCounter.at(e).ule(lastDrawn.at(proxyOf.at(e))))),
    ...[ASKED_TAGS, ASKED],
  ),
]

export const reportInvariant: Invariant = [...knowledge, ...challenges, ...reports, ...order]

const madeInTime = (n: Bv<string>): Bool => {
  const b = acceptedReport.at(n)
  return and(askedAt.at(n).ule(issuedAt.at(b)), issuedAt.at(b).ule(acceptedAt.at(n)), acceptedAt.at(n).ule(due(askedAt.at(n))))
}

/** What the claims come to, for those who do not care how they are proved. */
export const reportTheorems = {
  K1: forAll(KEYS, [key], (k) => knowsKey.at(k).implies(isSecret.at(k).not())),
  R1: forAll('R1 what is accepted was issued by the handler of the platform that was asked, for this challenge', [nonce], (n) => {
    const [b, e] = [acceptedReport.at(n), forWhom.at(n)]
    const issued = and(wasIssued.at(b), nonceIn.at(b).eq(n.as()), madeFor.at(b).eq(e))
    return and(wasAccepted.at(n), hasSecret(e)).implies(issued)
  }),
  R2: forAll('R2 a challenge is accepted once, and answered once', [nonce, enrolment], (n, e) =>
    and(acceptedTwice.at(n).not(), answeredTwice.at(answered(e, n)).not()),
  ),
  R3: forAll('R3 what is accepted was issued after the challenge and before it is accepted, by the deadline', [nonce], (n) =>
    and(wasAccepted.at(n), hasSecret(forWhom.at(n))).implies(madeInTime(n)),
  ),
  R4: forAll(COMPLETE, [nonce], (n) => wasAccepted.at(n).implies(isComplete.at(acceptedReport.at(n)))),
  R5: forAll(NO_FALSE, [nonce], (n) => falseAlarm.at(n).not()),
  R7: forAll(NOT_AHEAD, [nonce], (n) => falselyAhead.at(n).not()),
  R6: forAll(SPENT, [enrolment], (e) => hasSecret(e).implies(lastCounter.at(e).ule(lastDrawn.at(proxyOf.at(e))))),
  P4: forAll('P4 after its deadline, a challenge is accepted or an alarm', [nonce], (n) =>
    and(wasAsked.at(n), due(askedAt.at(n)).ult(clock.now)).implies(or(wasAccepted.at(n), hasAlarm.at(n))),
  ),
} as const satisfies Readonly<Record<string, Quantified>>
export type ReportClaim = keyof typeof reportTheorems

/** The conjuncts that a theorem follows from. */
export const reportGrounds: Readonly<Record<ReportClaim, readonly string[]>> = {
  K1: [KEYS],
  R1: [ANSWERS, GENUINE],
  R2: [ONCE, ONE_ANSWER],
  R3: [ANSWERS, AFTER, IN_TIME, BEFORE],
  R4: [COMPLETE],
  R5: [NO_FALSE],
  R6: [SPENT],
  R7: [NOT_AHEAD],
  P4: [ENDS, TIMER],
}

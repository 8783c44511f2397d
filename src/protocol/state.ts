// The state of the report path: what the adversary knows, what handlers and proxies keep, and what really happened (ghosts).
//
// Leaves out: what changes it (adversary.ts, handler.ts, proxy.ts).
// Liberties: one clock, the proxies'; it stays below 2^63 of whatever unit. Handlers have no clock.

import { forAll, rigid, state } from '../model/system.ts'
import { answer, challengeTag, enrolment, key, nonce, proxy, report, reportTag } from './messages.ts'

const TIME = 64
const NAME = 64

// ---- constants ----

/** The most time from a challenge to a report that is accepted. */
export const DEADLINE = rigid.bits('DEADLINE', TIME)
export const shortDeadline = forAll('deadlines are below 2^62', [], () => DEADLINE.now.ult(2n ** 62n))

// ---- what the adversary knows; whatever is sent, he knows, and whatever he knows he may send, whenever and as often as he likes ----

export const knowsKey = state.per(key).flag('knows the key')
export const knowsNonce = state.per(nonce).flag('knows the nonce')
export const knowsReportTag = state.per(reportTag).flag('knows the tag of a report')
export const knowsChallengeTag = state.per(challengeTag).flag('knows the tag of a challenge')

// ---- what a handler keeps ----

export const lastCounter = state.per(enrolment).bits('last counter answered', 64)
export const reportsMade = state.per(enrolment).bits('reports made', 64)

// ---- what a proxy keeps ----

export const clock = state.bits('clock', TIME)
export const lastDrawn = state.per(proxy).bits('last counter drawn', 64)
export const isOpen = state.per(nonce).flag('challenge open')
export const askedAt = state.per(nonce).bits('asked at', TIME)
export const lastAsked = state.per(enrolment).bits('nonce of the last challenge', NAME)
export const sequenceSeen = state.per(enrolment).bits('sequence number seen', 64)

// ---- ghosts ----

export const wasAsked = state.per(nonce).flag('asked')
export const wasAccepted = state.per(nonce).flag('accepted')
export const acceptedTwice = state.per(nonce).flag('accepted twice')
export const acceptedReport = state.per(nonce).bits('report accepted', NAME)
export const acceptedAt = state.per(nonce).bits('accepted at', TIME)
export const hasAlarm = state.per(nonce).flag('alarm')
/** An alarm that a report's number is behind what was seen, over a report that its handler did make; or that it is ahead of what was asked. */
export const falseAlarm = state.per(nonce).flag('false alarm')
export const falselyAhead = state.per(nonce).flag('false alarm of being ahead')
export const wasIssued = state.per(report).flag('issued by the handler')
/** The first time. */
export const issuedAt = state.per(report).bits('issued at', TIME)
export const wasAnswered = state.per(answer).flag('answered')
export const answeredTwice = state.per(answer).flag('answered twice')
/** The counter of the report that `sequence number seen` is of. */
export const counterSeen = state.per(enrolment).bits('counter seen', 64)

export const stateVariables = [
  DEADLINE,
  ...[knowsKey, knowsNonce, knowsReportTag, knowsChallengeTag],
  ...[lastCounter, reportsMade],
  ...[clock, lastDrawn, isOpen, askedAt, lastAsked, sequenceSeen],
  ...[wasAsked, wasAccepted, acceptedTwice, acceptedReport, acceptedAt, hasAlarm, falseAlarm, falselyAhead],
  ...[wasIssued, issuedAt, wasAnswered, answeredTwice, counterSeen],
] as const

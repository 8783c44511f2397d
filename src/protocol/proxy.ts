// The proxies' part of the protocol, as src/proxy/decision.ts has it: a challenge, a message that the adversary brings, time that passes, the
// deadline.
//
// Covers: asking; accepting or raising an alarm; the timer.
// Leaves out: messages that are discarded: they change nothing. Reports after the deadline: the timer has ended their challenge.
// Liberties: a proxy's timer is on time, that is, the clock does not pass a deadline before its alarm is raised.

import { action, forAll, given } from '../model/system.ts'
import { bvSort } from '../model/sort.ts'
import { and, bool, or } from '../model/term.ts'
import {
  counterIn,
  drawnBy,
  forWhom,
  isComplete,
  isFresh,
  isSecret,
  keyOf,
  madeFor,
  nonce,
  nonceIn,
  proxyOf,
  report,
  sequenceIn,
  tagged,
} from './messages.ts'
import {
  acceptedAt,
  acceptedReport,
  acceptedTwice,
  askedAt,
  clock,
  counterSeen,
  DEADLINE,
  falseAlarm,
  falselyAhead,
  hasAlarm,
  isOpen,
  knowsChallengeTag,
  knowsNonce,
  knowsReportTag,
  lastAsked,
  lastDrawn,
  sequenceSeen,
  wasAccepted,
  wasAsked,
} from './state.ts'
import { has } from './switches.ts'

const ALL_ONES = 2n ** 64n - 1n
const END_OF_TIME = 2n ** 63n
const about = { actor: 'hardware', cite: 'facts 12.1, outside' } as const

export const ask = action('ask', { ...about, parameters: { n: nonce } }, ({ n }) => {
  const e = forWhom.at(n)
  const p = proxyOf.at(e)
  return {
    guard: and(
      drawnBy.at(n).eq(p),
      lastDrawn.at(p).ne(ALL_ONES),
      counterIn.at(n).eq(lastDrawn.at(p).plus(1)),
      isFresh.at(n),
      isOpen.at(lastAsked.at(e)).not(),
    ),
    cases: {
      asked: [
        lastDrawn.set(p, counterIn.at(n)),
        lastAsked.set(e, n.as()),
        isOpen.set(n, bool(true)),
        askedAt.set(n, clock.now),
        knowsNonce.set(n, bool(true)),
        knowsChallengeTag.set(tagged(keyOf.at(e), n), bool(true)),
        wasAsked.set(n, bool(true)),
      ],
    },
  }
})

/** A message that is not discarded: its tag is right, and it answers the open challenge. */
export const deliver = action(
  'deliver a report',
  { ...about, actor: 'hypervisor', parameters: { n: nonce, b: report } },
  ({ n, b }) => {
    const e = forWhom.at(n)
    const alarm = [isOpen.set(n, bool(false)), hasAlarm.set(n, bool(true))]
    const isOwn = and(isSecret.at(keyOf.at(e)), madeFor.at(b).eq(e))
    const isBehind = sequenceIn.at(b).ule(sequenceSeen.at(e))
    // A platform makes at most one report for each counter, so that the counters without a report can only become more.
    const [sequence, counter] = [sequenceIn.at(b), counterIn.at(n)]
    const isAhead = or(counter.ult(sequence), counter.minus(sequence).ult(counterSeen.at(e).minus(sequenceSeen.at(e))))
    const seen = [sequenceSeen.set(e, sequenceIn.at(b)), counterSeen.set(e, counterIn.at(n))]
    return {
      guard: and(
        isOpen.at(n),
        or(has('S_MAC').not(), knowsReportTag.at(tagged(keyOf.at(e), b))),
        knowsNonce.at(nonceIn.at(b)),
        or(has('S_NONCE').not(), nonceIn.at(b).eq(n.as())),
      ),
      cases: {
        'of another platform': given(and(has('S_PLATFORM'), madeFor.at(b).ne(e)), alarm),
        'behind what was seen': given(and(has('S_SEQUENCE'), isBehind), alarm, falseAlarm.set(n, or(falseAlarm.at(n), isOwn))),
        'ahead of what was asked': given(
          and(has('S_SEQUENCE'), isAhead),
          alarm,
          falselyAhead.set(n, or(falselyAhead.at(n), isOwn)),
        ),
        'not complete': given(and(has('S_FLAGS'), isComplete.at(b).not()), alarm, seen),
        accepted: [
          isOpen.set(n, bool(false)),
          seen,
          acceptedTwice.set(n, or(acceptedTwice.at(n), wasAccepted.at(n))),
          wasAccepted.set(n, bool(true)),
          acceptedReport.set(n, b.as()),
          acceptedAt.set(n, clock.now),
        ],
      },
    }
  },
)

export const deadline = action('the deadline', { ...about, parameters: { n: nonce } }, ({ n }) => ({
  guard: and(has('S_DEADLINE'), isOpen.at(n), askedAt.at(n).plus(DEADLINE.now).ule(clock.now)),
  cases: { alarm: [isOpen.set(n, bool(false)), hasAlarm.set(n, bool(true))] },
}))

export const tick = action('time passes', { ...about, parameters: { d: bvSort(64) } }, ({ d }) => ({
  guard: and(d.ult(END_OF_TIME), clock.now.plus(d).ule(END_OF_TIME)),
  everywhere: [
    forAll('no timer is overdue', [nonce], (n) =>
      and(has('S_DEADLINE'), isOpen.at(n)).implies(clock.now.plus(d).ule(askedAt.at(n).plus(DEADLINE.now))),
    ),
  ],
  cases: { passed: [clock.set(clock.now.plus(d))] },
}))

export const proxyActions = [ask, deliver, deadline, tick] as const

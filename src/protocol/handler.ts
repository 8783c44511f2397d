// The handler's part of the protocol: it answers a challenge that the adversary brings it, as src/proxy/challenge.ts admits it.
//
// Covers: which challenges are answered; the report, and what becomes known by sending it.
// Leaves out: how the census comes about (src/smm): complete or not, and what it counted, are arbitrary here.
// Liberties: reading the challenge, measuring and sending are one step; what happens between them is the platform's matter (claims I5, I7).

import { action } from '../model/system.ts'
import { and, bool, type Bv, ite, or } from '../model/term.ts'
import {
  answered,
  counterIn,
  drawnBy,
  enrolment,
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
  answeredTwice,
  clock,
  issuedAt,
  knowsChallengeTag,
  knowsNonce,
  knowsReportTag,
  lastCounter,
  reportsMade,
  wasAnswered,
  wasIssued,
} from './state.ts'
import { has } from './switches.ts'

const ALL_ONES = 2n ** 64n - 1n

/** What answering a challenge takes, and what it does. */
export function answering({ e, n, b }: { readonly e: Bv<string>; readonly n: Bv<string>; readonly b: Bv<string> }) {
  const k = keyOf.at(e)
  const sequence = reportsMade.at(e).plus(1)
  const pair = answered(e, n)
  return {
    guard: and(
      drawnBy.at(n).eq(proxyOf.at(e)),
      knowsNonce.at(n),
      or(has('S_CHALLENGE_MAC').not(), knowsChallengeTag.at(tagged(k, n))),
      or(has('S_MONO').not(), lastCounter.at(e).ult(counterIn.at(n))),
      reportsMade.at(e).ne(ALL_ONES),
      // The report that it writes.
      and(nonceIn.at(b).eq(n.as()), madeFor.at(b).eq(e.as()), sequenceIn.at(b).eq(sequence)),
    ),
    effects: [
      lastCounter.set(e, counterIn.at(n)),
      reportsMade.set(e, sequence),
      knowsReportTag.set(tagged(k, b), bool(true)),
      wasIssued.set(b, bool(true)),
      issuedAt.set(b, ite(wasIssued.at(b), issuedAt.at(b), clock.now)),
      answeredTwice.set(pair, or(answeredTwice.at(pair), wasAnswered.at(pair))),
      wasAnswered.set(pair, bool(true)),
    ],
  }
}

export const answerChallenge = action(
  'answer a challenge',
  { actor: 'SMM', cite: 'facts 12.5', parameters: { e: enrolment, n: nonce, b: report } },
  (p) => {
    const { guard, effects } = answering(p)
    return { guard, cases: { answered: effects } }
  },
)

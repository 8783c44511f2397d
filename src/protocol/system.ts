// The report path as one transition system: any number of platforms, proxies, keys, challenges and reports; one adversary who carries every
// message.

import { forAll, type System } from '../model/system.ts'
import { and, or } from '../model/term.ts'
import { adversaryActions } from './adversary.ts'
import { answerChallenge } from './handler.ts'
import {
  answer,
  challengeTag,
  enrolment,
  isFresh,
  isSecret,
  key,
  messageParts,
  nonce,
  proxy,
  report,
  reportTag,
} from './messages.ts'
import { proxyActions } from './proxy.ts'
import {
  acceptedTwice,
  answeredTwice,
  clock,
  counterSeen,
  falseAlarm,
  falselyAhead,
  hasAlarm,
  isOpen,
  knowsChallengeTag,
  knowsKey,
  knowsNonce,
  knowsReportTag,
  lastCounter,
  lastDrawn,
  reportsMade,
  sequenceSeen,
  shortDeadline,
  stateVariables,
  wasAccepted,
  wasAnswered,
  wasAsked,
  wasIssued,
} from './state.ts'
import { has, switchVariables } from './switches.ts'

export const reportPath: System = {
  name: 'report path',
  domains: [proxy, key, nonce, enrolment, report, reportTag, challengeTag, answer],
  variables: [...switchVariables, ...messageParts, ...stateVariables],
  facts: [shortDeadline],
  initial: [
    forAll('keys that are not secret are known', [key], (k) => knowsKey.at(k).iff(isSecret.at(k).not())),
    forAll('nonces that can be foreseen are known', [nonce], (n) =>
      knowsNonce.at(n).iff(or(isFresh.at(n).not(), has('S_RANDOM').not())),
    ),
    forAll('no tag of a report', [reportTag], (t) => knowsReportTag.at(t).not()),
    forAll('no tag of a challenge', [challengeTag], (t) => knowsChallengeTag.at(t).not()),
    forAll('nothing answered or seen', [enrolment], (e) =>
      and(lastCounter.at(e).isZero(), reportsMade.at(e).isZero(), sequenceSeen.at(e).isZero(), counterSeen.at(e).isZero()),
    ),
    forAll('nothing drawn', [proxy], (p) => lastDrawn.at(p).isZero()),
    forAll('nothing asked', [nonce], (n) =>
      and(
        ...[isOpen, wasAsked, wasAccepted, acceptedTwice, hasAlarm, falseAlarm, falselyAhead].map((table) => table.at(n).not()),
      ),
    ),
    forAll('nothing issued', [report], (b) => wasIssued.at(b).not()),
    forAll('nothing answered', [answer], (a) => and(wasAnswered.at(a).not(), answeredTwice.at(a).not())),
    forAll('the clock', [], () => clock.now.ule(2n ** 63n)),
  ],
  actions: [...proxyActions, answerChallenge, ...adversaryActions],
}

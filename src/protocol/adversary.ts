// What the adversary (the host, the network, everybody but the handler and the proxies) does besides carrying messages: derive what can be
// derived (Dolev and Yao, 1983), reset platforms, take keys where they are not kept.
//
// Covers: tags under keys that are known; loss of what SMRAM kept; keys that leak.
// Leaves out: taking apart: reports are sent in the clear, so what is in them is known when they are; tags give nothing away. Putting a report
//   together: any report of a known nonce may be delivered (proxy.ts, handler.ts ask for the nonce).

import { action, given } from '../model/system.ts'
import { and, bool, bv } from '../model/term.ts'
import { challengeTag, enrolment, key, keyIn, bodyIn, nonceIn, reportTag } from './messages.ts'
import { has } from './switches.ts'
import { knowsChallengeTag, knowsKey, knowsNonce, knowsReportTag, lastCounter, reportsMade } from './state.ts'

const ZERO = bv(64, 0)
const about = { actor: 'hypervisor', cite: 'facts 9.E' } as const

export const tagReport = action('make the tag of a report', { ...about, parameters: { tag: reportTag } }, ({ tag }) => ({
  guard: and(knowsKey.at(keyIn(tag)), knowsNonce.at(nonceIn.at(bodyIn(tag)))),
  cases: { made: [knowsReportTag.set(tag, bool(true))] },
}))

export const tagChallenge = action('make the tag of a challenge', { ...about, parameters: { tag: challengeTag } }, ({ tag }) => ({
  guard: and(knowsKey.at(keyIn(tag)), knowsNonce.at(bodyIn(tag))),
  cases: { made: [knowsChallengeTag.set(tag, bool(true))] },
}))

/** E08: out of SMRAM, flash, a cold module. */
export const takeKey = action('take a key', { ...about, parameters: { k: key } }, ({ k }) => ({
  guard: has('H_KEY_SECRET').not(),
  cases: { taken: [knowsKey.set(k, bool(true))] },
}))

/** E06: a reset, S3 or INVD; what is kept elsewhere stays. */
export const reset = action('reset a platform', { ...about, parameters: { e: enrolment } }, ({ e }) => ({
  cases: {
    'the counters are kept elsewhere': given(has('S_PERSIST')),
    'SMRAM is lost': [lastCounter.set(e, ZERO), reportsMade.set(e, ZERO)],
  },
}))

export const adversaryActions = [tagReport, tagChallenge, takeKey, reset] as const

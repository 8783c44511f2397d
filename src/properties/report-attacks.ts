// What each defence of the report path is for: the theorem that falls when it is missing. The honest steps of proxy and handler are given, the
// adversary's between them are found.
// S_RANDOM and S_CHALLENGE_MAC keep a handler from being asked in advance, each without the other.
// S_SEQUENCE has no line: every report answers a challenge, and a challenge without an accepted report is an alarm, so that a gap in the numbers tells
// nothing new about a report. It tells a platform that has lost its counters from one that has not.

import type { Quantified } from '../model/system.ts'
import type { Claim } from '../prover/claim.ts'
import { adversary, happens, type Slot } from '../prover/scenario.ts'
import { scenarioClaim } from '../prover/system-claim.ts'
import { answerChallenge } from '../protocol/handler.ts'
import { ask, tick } from '../protocol/proxy.ts'
import { protectedBut, type ReportSwitch } from '../protocol/switches.ts'
import { reportPath } from '../protocol/system.ts'
import { type ReportClaim, reportAfter, reportTheorems } from './report.ts'
import { REPORT_ASSUMPTIONS, reportStatements } from './report-claims.ts'

export interface ReportAttack {
  readonly claim: ReportClaim
  readonly missing: readonly ReportSwitch[]
  /** The honest steps, with room for the adversary's between them. */
  readonly scenario: readonly Slot[]
  /** What falls, where it is a part of the theorem. */
  readonly part?: Quantified
}

const [asks, answers, ticks] = [happens(ask.name), happens(answerChallenge.name), happens(tick.name)]

export const reportAttacks: readonly ReportAttack[] = [
  { claim: 'K1', missing: ['H_KEY_SECRET'], scenario: [adversary(1)] },
  { claim: 'R1', missing: ['S_MAC'], scenario: [asks, adversary(2)] },
  { claim: 'R3', missing: ['S_MAC'], scenario: [asks, adversary(2)] },
  { claim: 'R1', missing: ['S_NONCE'], scenario: [asks, answers, asks, adversary(1)] },
  { claim: 'R3', missing: ['S_RANDOM', 'S_CHALLENGE_MAC'], scenario: [adversary(1), answers], part: reportAfter },
  { claim: 'R2', missing: ['S_MONO'], scenario: [asks, answers, adversary(1), answers] },
  { claim: 'R2', missing: ['S_PERSIST'], scenario: [asks, answers, adversary(1), answers] },
  { claim: 'P4', missing: ['S_DEADLINE'], scenario: [asks, adversary(1), ticks] },
  { claim: 'R4', missing: ['S_FLAGS'], scenario: [asks, answers, adversary(1)] },
  { claim: 'R1', missing: ['S_PLATFORM'], scenario: [asks, answers, adversary(1)] },
  { claim: 'R6', missing: ['S_CHALLENGE_MAC'], scenario: [adversary(1), answers] },
]

/** The claim that the theorem holds all the same. */
export function reportAttack({ claim: id, missing, scenario, part }: ReportAttack): Claim {
  const attack = scenarioClaim({
    id: `${id} without ${missing.join(', ')}`,
    statement: reportStatements[id],
    system: reportPath,
    profile: protectedBut(...missing),
    slots: scenario,
    breaks: part ?? reportTheorems[id],
    expect: 'refuted',
    assumptions: REPORT_ASSUMPTIONS,
  })
  return { ...attack, refutes: { claim: id, without: missing } }
}

// What each defence of the report path is for: the theorem that falls when it is missing, to a run of a few kinds of steps. A run of these steps is a run
// of the whole system, so a scenario makes the search short and the finding no weaker.
// S_RANDOM and S_CHALLENGE_MAC keep a handler from being asked in advance, each without the other.
// S_SEQUENCE has no line: every report answers a challenge, and a challenge without an accepted report is an alarm, so that a gap in the numbers tells
// nothing new about a report. It tells a platform that has lost its counters from one that has not.

import { conjunct, supportOf } from '../model/invariant.ts'
import type { Action, Quantified } from '../model/system.ts'
import type { Claim } from '../prover/claim.ts'
import { adversary, happens, type Slot } from '../prover/scenario.ts'
import { scenarioClaim, systemClaim } from '../prover/system-claim.ts'
import { tagReport, takeKey } from '../protocol/adversary.ts'
import { answerChallenge } from '../protocol/handler.ts'
import { ask, deliver, tick } from '../protocol/proxy.ts'
import { protectedBut, type ReportSwitch } from '../protocol/switches.ts'
import { reportPath } from '../protocol/system.ts'
import {
  fallenWithout,
  type ReportClaim,
  reportAfter,
  reportAnswers,
  reportGrounds,
  reportInvariant,
  reportTheorems,
} from './report.ts'
import { REPORT_ASSUMPTIONS, reportStatements } from './report-claims.ts'

export interface ReportAttack {
  readonly claim: ReportClaim
  readonly missing: readonly ReportSwitch[]
  /** Kinds of steps that the run may take, or the honest steps with room for the adversary's between them. */
  readonly scenario: readonly Action[] | readonly Slot[]
  /** What falls, where it is a part of the theorem. */
  readonly part?: Quantified
}

export const reportAttacks: readonly ReportAttack[] = [
  { claim: 'K1', missing: ['H_KEY_SECRET'], scenario: [takeKey] },
  { claim: 'R1', missing: ['S_MAC'], scenario: [ask, deliver] },
  { claim: 'R3', missing: ['S_MAC'], scenario: [ask, deliver] },
  { claim: 'R1', missing: ['S_NONCE'], scenario: [tagReport, ask, deliver], part: reportAnswers },
  { claim: 'R3', missing: ['S_RANDOM', 'S_CHALLENGE_MAC'], scenario: [answerChallenge], part: reportAfter },
  { claim: 'R2', missing: ['S_MONO'], scenario: [ask, answerChallenge] },
  {
    claim: 'R2',
    missing: ['S_PERSIST'],
    scenario: [happens(ask.name), happens(answerChallenge.name), adversary(1), happens(answerChallenge.name)],
  },
  { claim: 'P4', missing: ['S_DEADLINE'], scenario: [ask, tick] },
  { claim: 'R4', missing: ['S_FLAGS'], scenario: [ask, answerChallenge, deliver] },
  { claim: 'R1', missing: ['S_PLATFORM'], scenario: [ask, answerChallenge, deliver] },
  { claim: 'R6', missing: ['S_CHALLENGE_MAC'], scenario: [answerChallenge] },
]

/** The claim that the theorem holds all the same. What its proof rests on, as far as it still holds, keeps the search to states that can occur. */
export function reportAttack({ claim: id, missing, scenario, part }: ReportAttack): Claim {
  const fallen = missing.flatMap((name) => fallenWithout[name] ?? [])
  const standing = supportOf(reportInvariant, reportGrounds[id]).filter(
    (c) =>
      (c.claim === 'basis' || c.claim === 'K1') &&
      supportOf(reportInvariant, [c.name]).every(({ name }) => !fallen.includes(name)),
  )
  const [basis, theorem] = [standing.filter((c) => c.claim !== id), part ?? reportTheorems[id]]
  const common = {
    id: `${id} without ${missing.join(', ')}`,
    statement: reportStatements[id],
    profile: protectedBut(...missing),
    assumptions: REPORT_ASSUMPTIONS,
    expect: 'refuted',
  } as const
  const refutes = { claim: id, without: missing }
  if (isSlots(scenario)) return { ...scenarioClaim({ ...common, system: reportPath, slots: scenario, breaks: theorem }), refutes }
  const attack = systemClaim({
    ...common,
    system: { ...reportPath, name: `report path: ${scenario.map((a) => a.name).join(', ')}`, actions: scenario },
    invariant: [...basis, conjunct(id, theorem, ...basis.map((c) => c.name))],
    of: [theorem.name],
  })
  return { ...attack, refutes }
}
const isSlots = (scenario: ReportAttack['scenario']): scenario is readonly Slot[] => scenario.every((s) => 'kind' in s)

// The theorem: what a report that the proxy accepts is worth, from the proxy to the hardware and back.

import { but } from '../model/switchboard.ts'
import type { Profile } from '../model/invariant.ts'
import type { Claim } from '../prover/claim.ts'
import type { Quantified } from '../model/system.ts'
import { type Lemma, systemClaim } from '../prover/system-claim.ts'
import { assumingFresh, freshnessSwitchNames } from '../protocol/freshness-state.ts'
import { reportPath } from '../protocol/system.ts'
import { protectedBut } from '../protocol/switches.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { built, meetingAssumptions } from '../smm/system-profile.ts'
import { assumptionsOf, hardened } from '../x86/profile.ts'
import { confined, runsOfConfinement, stepsOfSmm } from './confinement.ts'
import { endToEnd, endToEndNames, endToEndTheorems, reportLemmas, unrecorded } from './end-to-end.ts'
import { FRESHNESS_ASSUMPTIONS } from './freshness.ts'
import { knownAttacks } from './known-attacks.ts'
import { meeting } from './meeting.ts'
import { platformClaim } from './platform-claims.ts'
import { observations } from './observed.ts'
import { reportGrounds, reportTheorems } from './report.ts'
import { REPORT_ASSUMPTIONS } from './report-claims.ts'
import { residual } from './residual.ts'
import { P6, timely, timelyGrounds } from './timely.ts'
import { wholeGuide } from './whole-guide.ts'
import { wholeSampler } from './whole-runs.ts'
import { wholeSystem } from './whole-system.ts'

interface Statement {
  readonly statement: string
  readonly of: readonly string[]
  readonly implies?: readonly Quantified[]
  /** Besides those of the others. */
  readonly profile?: Profile
  readonly assumptions?: readonly string[]
}
const statements = {
  P1: {
    statement:
      'For every number of threads, every memory, every interleaving, every challenge and every guest page: if the proxy accepts a report, each thread that was in a guest at the sample instant ran it on nested tables that were walked, and every frame that the hardware lets its page reach then is counted for its space (or as foreign, outside the boot map).',
    of: [endToEndNames.NO_HIDE, ...reportGrounds.R1, ...reportGrounds.R4],
    implies: [endToEndTheorems.P1],
  },
  P2: {
    statement:
      'For every number of threads, every memory, every interleaving, every challenge and every frame: if the proxy accepts a report, a frame that it counts as certain is DRAM of the boot map that a guest, in which a thread was at the sample instant, can surely read.',
    of: [endToEndNames.NO_INFLATE, ...reportGrounds.R1, ...reportGrounds.R4],
    implies: [endToEndTheorems.P2],
  },
  P3: {
    statement:
      'For every challenge of a platform with a secret key: a report that is accepted was made by the handler in its SMRAM, for this challenge, of a census that was complete.',
    of: [...reportGrounds.R1, ...reportGrounds.R4],
    implies: [endToEndTheorems.P3],
  },
  P4: {
    statement: 'For every challenge, whatever the host does: after its deadline it has been accepted or raised an alarm.',
    of: reportGrounds.P4,
    implies: [reportTheorems.P4],
  },
  P6: {
    statement:
      'For every challenge, every number of threads, every memory, every interleaving and every delay: if the proxy accepts a report, the report hides nothing and counts nothing in vain of what was so at an instant after the challenge at which nobody could have reacted to it, where answers take at least ANSWER and the handler waits for threads and devices no longer than PATIENCE.',
    of: timelyGrounds,
    implies: [P6],
    profile: assumingFresh(...freshnessSwitchNames),
    assumptions: FRESHNESS_ASSUMPTIONS,
  },
  U1: {
    statement:
      'For every meeting: a report is complete unless a thread was missing, a register differed, devices could not be stopped, a guest that a thread was in is why, or the census ran out of budget or met a table or mode it cannot walk; and a complete one is not taken for one out of order.',
    of: [endToEndNames.FOUNDED, ...reportGrounds.R5],
  },
} as const satisfies Readonly<Record<string, Statement>>
type OfWhole = keyof typeof statements
export type Theorem = OfWhole | 'P5'
const theoremIds: readonly Theorem[] = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'U1']

const BY_REPORT = ['R1 to R6, P4, K1 (specs/report.ts)']
const BY_MEETING = ['I1 to I6 (specs/platform.ts)', 'I7, I8 (specs/meeting.ts)', 'I9, C1 (specs/meeting/observed.ts)']
const lemmas = (server: Lemma['system']): readonly Lemma[] => [
  { system: server, conjuncts: [...meeting, ...observations], provedBy: BY_MEETING },
  { system: reportPath, conjuncts: reportLemmas, provedBy: BY_REPORT },
]
/** Attacks on the lemmas, under the names that their conjuncts have here. Those on P6 are of another, smaller system. */
const attacks = knownAttacks.filter((a) => a.claim !== 'P6').map((a) => ({ ...a, claim: a.claim.replace(/^system\//, '') }))
/** What the steps that are contracts promise is proved of their procedures. */
const CONTRACTS =
  'the steps of the list and of the census do what their procedures promise: handler/I9, P2, U1 (specs/handler.ts), W1, W2 (specs/census.ts)'

function theorem(id: OfWhole): Claim {
  const { statement, of, implies = [], profile = [], assumptions = [] }: Statement = statements[id]
  const about = systemClaim({
    id,
    statement,
    system: wholeSystem(),
    invariant: [...meeting, ...observations, ...reportLemmas, ...endToEnd, ...timely],
    of,
    implies,
    profile: [...assumptionsOf(hardened), ...meetingAssumptions(built), ...protectedBut(), ...profile],
    profiles: [[]],
    lemmas: lemmas(handlerSystem()),
    sampler: wholeSampler,
    guide: wholeGuide,
    assumptions: [...REPORT_ASSUMPTIONS, CONTRACTS, ...assumptions],
  })
  return { ...about, attacks, residual }
}

/**
 * What is left of P1 on a platform whose save areas do not record what it needs, with a handler that knows: nothing is claimed of
 * guests, and nobody is told otherwise. (A handler that does not know is deceived: C16, C28, C71 of the gallery.)
 */
export const theoremWithout = (parameter: 'P_FF38' | 'P_HOSTMODE_SRC'): Claim => {
  const about = systemClaim({
    id: `P1 without ${parameter}`,
    statement:
      'For every number of threads, every memory and every interleaving: while a report may still be complete, no thread was in a guest at the sample instant.',
    system: wholeSystem(),
    invariant: [...meeting, ...observations, ...reportLemmas, ...unrecorded],
    of: [endToEndNames.NO_GUEST],
    profile: [...assumptionsOf(hardened), ...meetingAssumptions(but(built, parameter)), ...protectedBut()],
    lemmas: lemmas(handlerSystem()),
    sampler: wholeSampler,
    guide: wholeGuide,
  })
  return { ...about, residual }
}

/** P5, one step at a time. */
const confinement = (): Claim => ({
  ...systemClaim({
    id: 'P5',
    statement:
      'For every state that the invariants of the platform allow, every thread and every word outside TSeg: no step that code in SMM takes changes the word.',
    system: stepsOfSmm(wholeSystem()),
    invariant: [...meeting, ...confined],
    of: 'P5',
    profile: [...assumptionsOf(hardened), ...meetingAssumptions(built)],
    restProved: true,
    sampler: wholeSampler,
    guide: wholeGuide,
    runs: runsOfConfinement(wholeSystem()),
  }),
  restsOn: (['I2', 'I4', 'I5', 'I6'] as const).map((id) => platformClaim(id)),
  attacks,
  residual,
})
export const theorems = (...ids: readonly Theorem[]): readonly Claim[] =>
  (ids.length === 0 ? theoremIds : ids).map((id) => (id === 'P5' ? confinement() : theorem(id)))

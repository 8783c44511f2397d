// The claims about the report path, with any of its defences missing.

import type { Claim } from '../prover/claim.ts'
import { systemClaim } from '../prover/system-claim.ts'
import { reportPath } from '../protocol/system.ts'
import { protectedBut, type ReportSwitch } from '../protocol/switches.ts'
import { knownAttacks } from './known-attacks.ts'
import { type ReportClaim, reportGrounds, reportInvariant, reportTheorems } from './report.ts'

export const reportStatements = {
  K1: 'For every key that the adversary did not have from the start: he never knows it.',
  R1: 'For every challenge of a platform with a secret key: a report that is accepted for it was issued by the handler of that platform, for its nonce.',
  R2: 'For every challenge and platform: it is accepted at most once, and the handler answers it at most once.',
  R3: 'For every challenge of a platform with a secret key: what is accepted was issued after the challenge was made, before it is accepted, and that is within the deadline.',
  R4: 'For every challenge: what is accepted says that the census is complete.',
  R5: 'For every challenge of a platform with a secret key: no report that its handler made for it is taken for one that is behind.',
  R7: 'For every challenge of a platform with a secret key: no report that its handler made for it is taken for one that is ahead of what was asked.',
  R6: 'For every platform with a secret key: its handler has answered no counter that its proxy has not drawn, so that it will answer the next.',
  P4: 'For every challenge, whatever the host does: after its deadline it has been accepted or raised an alarm.',
} as const satisfies Readonly<Record<ReportClaim, string>>
export const reportClaimIds = Object.keys(reportStatements) as readonly ReportClaim[]

export const REPORT_ASSUMPTIONS = [
  'symbolic adversary: tags are made with the key only, and no two reports have one tag',
  "the proxies' timers are on time, and their clock does not reach 2^63",
]

const IMPLIED: readonly ReportClaim[] = ['R1', 'R2', 'R3', 'P4']

/** A claim about the report path. @param missing defences that it should hold without. */
export const reportClaim = (id: ReportClaim, ...missing: readonly ReportSwitch[]): Claim => ({
  ...systemClaim({
    id: missing.length === 0 ? id : `${id} without ${missing.join(', ')}`,
    statement: reportStatements[id],
    system: reportPath,
    invariant: reportInvariant,
    of: reportGrounds[id],
    profile: protectedBut(...missing),
    assumptions: REPORT_ASSUMPTIONS,
    ...(IMPLIED.includes(id) ? { implies: [reportTheorems[id]] } : {}),
  }),
  ...(missing.length === 0 ? { attacks: knownAttacks } : {}),
})
/** All but R7, which takes most of the time of all of them: its arithmetic is of 64 bits. */
export const reportClaims = (): readonly Claim[] => reportClaimIds.filter((id) => id !== 'R7').map((id) => reportClaim(id))

// Rows of the attack gallery about the report path: without a defence a theorem about challenges and reports falls to a run, with
// all of them it is proved.

import type { Claim } from '../prover/claim.ts'
import type { ReportSwitch } from '../protocol/switches.ts'
import type { AttackRow } from './attack-pair.ts'
import { reportAttack, reportAttacks } from './report-attacks.ts'
import { reportClaim } from './report-claims.ts'
import type { ReportClaim } from './report.ts'

export interface ReportPath extends AttackRow {
  readonly without: ReportSwitch | readonly ReportSwitch[]
  readonly breaks: ReportClaim
}

/** @throws Error when no run is known to be sought for this claim without these defences. */
export function reportPair({ without, breaks, ...row }: ReportPath): readonly Claim[] {
  const missing: readonly ReportSwitch[] = typeof without === 'string' ? [without] : without
  const defence = missing.join(', ')
  const attack = reportAttacks.find((a) => a.claim === breaks && a.missing.join(', ') === defence)
  if (attack === undefined) throw new Error(`${row.id}: there is no scenario for ${breaks} without ${defence}`)
  const [fallen, proof] = [reportAttack(attack), reportClaim(breaks)]
  return [
    {
      ...fallen,
      id: `${row.id} without ${defence}`,
      statement: `${row.name}. ${fallen.statement}`,
      row: { ...row, defence, half: 'attack' },
    },
    {
      ...proof,
      id: `${row.id} with ${defence}`,
      statement: `${row.name} is gone. ${proof.statement}`,
      row: { ...row, defence, half: 'defence' },
    },
  ]
}

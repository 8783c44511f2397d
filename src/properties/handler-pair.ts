// Rows of the attack gallery that one step of the handler decides: with a defence of its own off, what memory says fools it; with
// all of them on, the same step keeps its contract.

import type { Claim } from '../prover/claim.ts'
import type { AttackRow } from './attack-pair.ts'
import { controlDefended, type ControlTooth, controlTooth } from './control-teeth.ts'
import { defended, type Tooth, tooth } from './teeth.ts'

type Told<T> = AttackRow & Omit<T, 'rows' | 'what'>

/** An attack on the walk of a table: the entries that fool it are found. */
export type WalkAttack = Told<Tooth>
/** An attack on a step around the census: what the step finds when it begins is found. */
export type StepAttack = Told<ControlTooth>

export function walkPair({ id, name, reference, year, ...rest }: WalkAttack): readonly Claim[] {
  const t: Tooth = { rows: [id], what: name, ...rest }
  return pair({ id, name, reference, year }, rest.off, tooth(t), defended(t))
}

export function stepPair({ id, name, reference, year, ...rest }: StepAttack): readonly Claim[] {
  const t: ControlTooth = { rows: [id], what: name, ...rest }
  return pair({ id, name, reference, year }, rest.off, controlTooth(t), controlDefended(t))
}

function pair(row: AttackRow, defence: string, attack: Claim, proof: Claim): readonly Claim[] {
  return [
    {
      ...attack,
      id: `${row.id} without ${defence}`,
      statement: `${row.name}. ${attack.statement}`,
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

// A row of the attack gallery about what triggers the handler: an SMI that the thread's own I/O causes can be lost, one from
// outside cannot. Both halves are about the rule of acceptance (src/x86/smi.ts), which claim S3 holds against the manual's table.

import type { Claim } from '../prover/claim.ts'
import { claim } from '../prover/claim.ts'
import { bool } from '../model/term.ts'
import { smiFate } from '../x86/smi.ts'
import type { AttackRow } from './attack-pair.ts'
import { threadState } from './smi-table.ts'

const DEFENCE = 'an external trigger'

/** The trigger is lost in no state of the thread. */
export function triggerPair(row: AttackRow): readonly Claim[] {
  const half = (external: boolean): Claim => {
    const fate = smiFate({ ...threadState, parked: bool(false), external: bool(external) })
    const goal = fate.lost.not()
    const name = 'the trigger is not lost'
    const source = external ? 'a device outside of the processor' : 'an I/O access of the thread itself'
    return claim({
      id: `${row.id} ${external ? 'with' : 'without'} ${DEFENCE}`,
      statement: `${row.name}${external ? ' is gone' : ''}. For every state of a thread that executes, with ${source} as the trigger: no SMI is lost.`,
      expect: external ? 'proved' : 'refuted',
      obligations: () => [
        { id: name, conjunct: name, parts: [{ name, term: goal }], origin: { kind: 'validity' }, hypotheses: [], goal },
      ],
      row: { ...row, defence: DEFENCE, half: external ? 'defence' : 'attack' },
    })
  }
  return [half(false), half(true)]
}

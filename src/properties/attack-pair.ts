// Rows of the attack gallery: pairs of claims about one attack. Without the defence a run is found that breaks a statement; with
// it, the statement is proved.

import type { InvariantConjunct } from '../model/invariant.ts'
import type { Claim, GalleryRow } from '../prover/claim.ts'
import { adversary, happens, type Slot } from '../prover/scenario.ts'
import { scenarioClaim, systemClaim } from '../prover/system-claim.ts'
import { exampleMachine, type MachineChoice } from '../x86/example-machine.ts'
import { platform } from '../x86/platform.ts'
import { sampler } from '../x86/platform-sampler.ts'
import { but } from '../model/switchboard.ts'
import { assumptionsOf, hardened, type Profile, type SwitchName, switchMeaning } from '../x86/profile.ts'
import { invariant } from './platform.ts'
import { missingIn } from './platform-claims.ts'
import { platformWording } from './platform-wording.ts'

/** What the catalogue says of an attack. */
export type AttackRow = Omit<GalleryRow, 'defence' | 'half'>

export interface PlatformAttack extends AttackRow {
  /** What is missing: a defence that is off, or a parameter that is as the attacker would like it. */
  readonly without: SwitchName | readonly SwitchName[]
  /** The honest part, with slots for the adversary. */
  readonly scenario: readonly Slot[]
  readonly machine?: MachineChoice
  /** A conjunct of the platform's invariant, or another statement that is inductive by itself. */
  readonly breaks: string | InvariantConjunct
  /** Conjuncts that are proved with it: those that the defence is for. */
  readonly by?: readonly string[]
  /** Other defences than the hardened profile's. */
  readonly base?: Profile
}

/** Firmware hands over to software that nobody trusts. */
export const handOver: Slot = happens('firmware hands over')
/** The chipset raises an SMI, and it arrives at a thread. */
export const anSmi: readonly Slot[] = [happens('chipset raises an SMI'), happens('SMI arrives')]
export { adversary, happens }

/** @throws Error when the invariant has no such conjunct. */
export function platformConjunct(name: string): InvariantConjunct {
  const found = invariant.find((c) => c.name === name)
  if (found === undefined) throw new Error(`the platform's invariant has no conjunct called "${name}"`)
  return found
}

/** The attack, and the proof that it is gone with the defence. */
export function platformPair(attack: PlatformAttack): readonly Claim[] {
  const { without, scenario, machine, breaks, by = [], base = hardened, ...row } = attack
  const statement = typeof breaks === 'string' ? platformConjunct(breaks) : breaks
  const all = typeof breaks === 'string' ? invariant : [...invariant, breaks]
  const missing = typeof without === 'string' ? [without] : without
  const bare = but(base, ...missing)
  const defence = missing.map((s) => (base.values[s] ? s : `not ${s}`)).join(', ')
  const meaning = missing.map((s) => `${s}: ${switchMeaning(s)}`).join('; ')
  const refutes = { claim: statement.claim, without: missingIn(bare) }
  const attackHalf = scenarioClaim({
    id: `${row.id} without ${defence}`,
    statement: `${row.name}. For every run of the scenario on a machine without ${defence} (${meaning}): ${statement.name}.`,
    ...{ system: platform, profile: assumptionsOf(bare), slots: scenario, machine: exampleMachine(machine) },
    ...{ breaks: statement, expect: 'refuted', wording: platformWording, sampler },
    row: { ...row, defence, half: 'attack' },
  })
  return [
    { ...attackHalf, refutes },
    systemClaim({
      id: `${row.id} with ${defence}`,
      statement: `${row.name} is gone. For every run of every machine of profile ${base.name}, of any length: ${statement.name}.`,
      ...{ system: platform, invariant: all, of: [statement.name, ...by], profile: assumptionsOf(base), sampler },
      // On another profile the rest of the invariant is nobody else's claim.
      restProved: base === hardened,
      assumptions: base === hardened ? ['the conjuncts that it rests on, which specs/platform.ts proves'] : [],
      row: { ...row, defence, half: 'defence' },
    }),
  ]
}

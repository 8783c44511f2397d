// How the key gets out where a defence is missing: runs from power-on, two at a time, that differ at their end for somebody outside
// SMM. What is honest in them is written down, the adversary's steps are found.

import { mark, type Product } from '../model/product.ts'
import { forAll, type Quantified } from '../model/system.ts'
import { bv, type Bv } from '../model/term.ts'
import type { Claim } from '../prover/claim.ts'
import { adversary, happens, type Slot } from '../prover/scenario.ts'
import { scenarioClaim } from '../prover/system-claim.ts'
import type { Wording } from '../prover/wording.ts'
import { keyMaterial, keyWord } from '../smm/tagging-steps.ts'
import { exampleMachine, type MachineChoice } from '../x86/example-machine.ts'
import { WORD_BITS, word } from '../x86/physical.ts'
import { but } from '../model/switchboard.ts'
import { assumptionsOf, hardened, type SwitchName, switchMeaning } from '../x86/profile.ts'
import { bootSmmAddr } from '../x86/tseg.ts'
import { anSmi, handOver } from './attack-pair.ts'
import { platformWording } from './platform-wording.ts'
import { plainRuns } from './secrecy.ts'
import { secrecySystem } from './secrecy-system.ts'

export interface Leak {
  readonly without: SwitchName
  /** What happens, in a few words. */
  readonly name: string
  readonly scenario: readonly Slot[]
  readonly machine?: MachineChoice
}

const code = 'misled SMM code does anything'
export const leaks: readonly Leak[] = [
  { without: 'H_SMMLOCK', name: 'TSeg is switched off and read', scenario: [handOver, happens('WRMSR SMMMASK'), adversary(1)] },
  {
    without: 'H_SMMKEY',
    name: 'who knows SMM_KEY unlocks TSeg, switches it off and reads it',
    scenario: [handOver, adversary(1), happens('WRMSR SMMMASK'), adversary(1)],
  },
  {
    without: 'H_ALLCORES',
    name: 'a core that has lost its registers reads TSeg',
    scenario: [handOver, happens('a core wakes from CC6'), adversary(1)],
  },
  {
    without: 'H_TVALID',
    name: 'TSeg was never valid',
    scenario: [handOver, adversary(1)],
    machine: { free: ['TSeg', 'handler'] },
  },
  { without: 'H_DMA_TSEG', name: 'a device reads TSeg', scenario: [handOver, adversary(1)] },
  {
    without: 'H_ALIAS_CHECK',
    name: 'a second address of the key is read',
    scenario: [handOver, adversary(1)],
    machine: { free: ['memory'] },
  },
  {
    without: 'H_CODECHK',
    name: 'SMM calls code outside of SMRAM, which reads the key',
    scenario: [handOver, ...anSmi, happens('SMM fetch'), happens(code)],
  },
  {
    without: 'H_TPM_ROT',
    name: 'firmware that is not genuine hands the key out',
    scenario: [handOver, happens('write the flash'), happens('reset'), handOver, ...anSmi, happens(code)],
  },
]

/** Where the key lies in the example machine: the first words of the handler's data. */
const example = (machine: MachineChoice | undefined): readonly Quantified[] => {
  if (machine?.free?.includes('handler') === true) return []
  const first = bootSmmAddr.now.bits(51, 3).plus(0x3_0000 / 8)
  return [
    forAll('the key is the first of the data', [], () => keyWord(0).eq(first.as())),
    forAll('nothing else depends on it', [word], (a) =>
      keyMaterial.at(a).iff(
        a
          .as<'bits'>()
          .minus(keyWord(0) as unknown as Bv)
          .ult(bv(WORD_BITS, 4)),
      ),
    ),
  ]
}

/** What the mark says, by name. */
const wordingOf = ({ differences, agree }: Product): Wording => ({
  ...platformWording,
  change: (variable, index, from, to, at) =>
    Object.is(variable, mark)
      ? `from now on the runs differ: ${differences[Number(to)]}`
      : platformWording.change(variable, index, from, to, at),
  why: (statement, ids, at) =>
    statement.name === agree.name
      ? 'Somebody outside SMM knows something that is one thing under one key and another under another.'
      : platformWording.why(statement, ids, at),
})

/** The claim that falls without the defence; with all of them there is no such run (K2). */
export function leakClaim({ without, name, scenario, machine }: Leak, expect: Claim['expect'] = 'refuted'): Claim {
  const profile = expect === 'refuted' ? but(hardened, without) : hardened
  const product = plainRuns(secrecySystem())
  const missing = `without ${without}`
  const found = scenarioClaim({
    id: expect === 'refuted' ? `K2 ${missing}` : `K2 with ${without}`,
    statement: `For every two runs of the scenario that differ in the key only${expect === 'refuted' ? `, on a machine ${missing} (${switchMeaning(without)})` : ''}: nobody outside SMM sees a difference (${expect === 'refuted' ? `somebody does: ${name}` : `as somebody does where ${without} is missing`}).`,
    ...{ system: product.system, profile: assumptionsOf(profile), slots: scenario },
    machine: [...exampleMachine(machine), ...example(machine)],
    ...{ breaks: product.agree, expect, wording: wordingOf(product) },
  })
  return expect === 'refuted' ? { ...found, refutes: { claim: 'K2', without: [without] } } : found
}
export const leakClaims = (): readonly Claim[] => leaks.map((leak) => leakClaim(leak))

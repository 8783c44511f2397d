// Rows of the attack gallery on platform and handler together: an SMI, the handler's honest steps, and slots in which the
// adversary does what it likes. Without a defence a run is found that breaks what the meeting is for; with it, the same is proved.

import type { Claim } from '../prover/claim.ts'
import type { Slot } from '../prover/scenario.ts'
import { scenarioClaim, systemClaim } from '../prover/system-claim.ts'
import { exampleMeeting, type MeetingMachine } from '../smm/example-meeting.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { meetingSampler } from '../smm/meeting-sampler.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import {
  built,
  meetingAssumptions,
  meetingSwitchMeaning,
  type MeetingProfile,
  type MeetingSwitch,
  meetingSwitchNames,
} from '../smm/system-profile.ts'
import { but } from '../model/switchboard.ts'
import { assumptionsOf, hardened, type Profile, switchMeaning, type SwitchName, switchNames } from '../x86/profile.ts'
import type { AttackRow } from './attack-pair.ts'
import { type Honest, honest } from './meeting-scenario.ts'
import { meetingStatements, type MeetingStatement } from './meeting-statements.ts'
import { meetingWording } from './meeting-wording.ts'

/** A defence of the handler in the composed system; S_TCLOSE_CHECK is the platform's entry stub. */
export type HandlerSwitch = Exclude<keyof Switches, SwitchName>
/** A defence or parameter of platform, firmware or handler. */
export type MeetingMissing = SwitchName | MeetingSwitch | HandlerSwitch

export interface MeetingAttack extends AttackRow {
  /** What is missing: defences that are off, or parameters that are as the attacker would like them. */
  readonly without: MeetingMissing | readonly MeetingMissing[]
  /** The honest part, with slots for the adversary. */
  readonly scenario: (honest: Honest) => readonly Slot[]
  /** Threads that do not join the meeting. */
  readonly absent?: readonly number[]
  readonly machine?: MeetingMachine
  readonly breaks: MeetingStatement
}

export interface MeetingSetup {
  readonly platform: Profile
  readonly built: MeetingProfile
  readonly switches: Switches
}

const isPlatform = (s: MeetingMissing): s is SwitchName => (switchNames as readonly string[]).includes(s)
const isFirmware = (s: MeetingMissing): s is MeetingSwitch => (meetingSwitchNames as readonly string[]).includes(s)
const isHandler = (s: MeetingMissing): s is HandlerSwitch => !isPlatform(s) && !isFirmware(s)

/** Platform, firmware and handler with every defence but these. */
export function setupWithout(missing: readonly MeetingMissing[]): MeetingSetup {
  return {
    platform: missing.some(isPlatform) ? but(hardened, ...missing.filter(isPlatform)) : hardened,
    built: missing.some(isFirmware) ? but(built, ...missing.filter(isFirmware)) : built,
    switches: { ...ALL_ON, ...Object.fromEntries(missing.filter(isHandler).map((s) => [s, false])) },
  }
}

const listOf = (without: MeetingAttack['without']): readonly MeetingMissing[] =>
  typeof without === 'string' ? [without] : without
const named = (s: MeetingMissing): string => {
  const isOn = isPlatform(s) ? hardened.values[s] : isFirmware(s) ? built.values[s] : true
  return isOn ? s : `not ${s}`
}
const meaningOf = (s: MeetingMissing): string | undefined =>
  isPlatform(s) ? switchMeaning(s) : isFirmware(s) ? meetingSwitchMeaning(s) : undefined

/** That no run of the scenario breaks the statement, where these are missing. */
export function meetingScenario(attack: MeetingAttack, expect: Claim['expect'] = 'refuted'): Claim {
  const { without, scenario, absent = [], machine = {}, breaks, ...row } = attack
  const missing = listOf(without)
  const { platform, built: firmware, switches } = setupWithout(missing)
  const { statement } = meetingStatements[breaks]
  const defence = missing.map(named).join(', ')
  const meanings = missing.flatMap((s) => meaningOf(s) ?? []).map((m) => `: ${m}`)
  const broken = /^(I7|I8|I9|C1) /.exec(statement.name)?.[1]
  const found = scenarioClaim({
    id: `${row.id} without ${defence}`,
    statement: `${row.name}. For every run of the scenario on a machine without ${defence}${meanings.join('')}: ${statement.name}.`,
    system: handlerSystem(switches),
    profile: [...assumptionsOf(platform), ...meetingAssumptions(firmware)],
    slots: scenario(honest(switches, absent, machine.counted ?? 2)),
    machine: exampleMeeting(platform, firmware, machine),
    ...{ breaks: statement, expect, wording: meetingWording, sampler: meetingSampler },
    row: { ...row, defence, half: 'attack' },
  })
  // Each of these statements is a part of the claim of that name, or follows from it.
  return broken === undefined ? found : { ...found, refutes: { claim: `system/${broken}`, without: missing.map(named) } }
}

/** The attack, and the proof that it is gone with the defence. */
export function meetingPair(attack: MeetingAttack): readonly Claim[] {
  const { without, scenario: _, absent: _absent, machine: _machine, breaks, ...row } = attack
  const { statement, of, implies = [], invariant } = meetingStatements[breaks]
  const defence = listOf(without).map(named).join(', ')
  return [
    meetingScenario(attack),
    systemClaim({
      id: `${row.id} with ${defence}`,
      statement: `${row.name} is gone. For every number of threads and every interleaving, of any length: ${statement.name}.`,
      ...{ system: handlerSystem(), invariant, of, implies },
      profile: [...assumptionsOf(hardened), ...meetingAssumptions(built)],
      sampler: meetingSampler,
      restProved: true,
      assumptions: ['the conjuncts that it rests on, which specs/platform.ts, specs/meeting.ts and specs/meeting/ prove'],
      row: { ...row, defence, half: 'defence' },
    }),
  ]
}

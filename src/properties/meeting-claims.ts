// The claims about platform and handler together, under any profile and with any of the handler's defences.

import type { Claim } from '../prover/claim.ts'
import { knownAttacks } from './known-attacks.ts'
import { systemClaim } from '../prover/system-claim.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { meetingSampler } from '../smm/meeting-sampler.ts'
import { ALL_ON, type Switches, switchNames, withoutSwitches } from '../smm/switches.ts'
import { built, meetingAssumptions, type MeetingProfile } from '../smm/system-profile.ts'
import { assumptionsOf, hardened, type Profile } from '../x86/profile.ts'
import { allInSmm, meeting, meetingNames } from './meeting.ts'
import { observations, observedNames } from './observed.ts'

const statements = {
  I7: {
    statement:
      'For every number of threads and every interleaving: from the end of the gathering to the release every thread of the platform is in SMM, and has written its caches back before memory is read; between meetings no flag is left up.',
    of: [meetingNames.GATHERED, meetingNames.HERE, meetingNames.FLUSHED, meetingNames.EMPTY],
    implies: [allInSmm],
  },
  I8: {
    statement:
      'For every word outside TSeg and every interleaving: while memory is measured no thread and no device changes it, and every read of the handler returns what it held when the measurement began.',
    of: [meetingNames.STILL, meetingNames.READ],
    implies: [],
  },
  I9: {
    statement:
      'For every number of threads and every interleaving: the root and the paging mode that are measured for a thread are those that its processor translates its guest with, whatever the control block in memory says; where the save area does not record them nothing is measured for it.',
    of: [observedNames.OBSERVED],
    implies: [],
  },
  C1: {
    statement:
      'For every number of threads and every interleaving: a thread is noted as in the host exactly when its SMI found it in no guest.',
    of: [observedNames.HOST],
    implies: [],
  },
} as const
export type MeetingClaim = keyof typeof statements

export interface MeetingSetting {
  readonly platform?: Profile
  readonly built?: MeetingProfile
  readonly switches?: Switches
  readonly expect?: Claim['expect']
}

/** One claim about platform and handler. */
export function meetingClaim(id: MeetingClaim, setting: MeetingSetting = {}): Claim {
  const { platform = hardened, built: firmware = built, switches = ALL_ON, expect = 'proved' } = setting
  const off = (Object.keys(switches) as (keyof Switches)[]).filter((s) => !switches[s])
  const differs = [
    ...(platform === hardened ? [] : [platform.name]),
    ...(firmware === built ? [] : [firmware.name]),
    ...off.map((s) => `${s} off`),
  ]
  const proof = systemClaim({
    id: `system/${id}${differs.length === 0 ? '' : ` on ${differs.join(', ')}`}`,
    statement: statements[id].statement,
    system: handlerSystem(switches),
    invariant: [...meeting, ...observations],
    of: statements[id].of,
    implies: statements[id].implies,
    profile: [...assumptionsOf(platform), ...meetingAssumptions(firmware)],
    sampler: meetingSampler,
    expect,
  })
  if (differs.length > 0) return proof
  return {
    ...proof,
    attacks: knownAttacks,
    builtIn: {
      names: switchNames,
      without: (missing) => meetingClaim(id, { ...setting, switches: withoutSwitches(missing) }).obligations(),
    },
  }
}
export const meetingClaims = (...ids: readonly MeetingClaim[]): readonly Claim[] => ids.map((id) => meetingClaim(id))

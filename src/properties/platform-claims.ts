// The claims about the platform, under any profile.

import type { Claim } from '../prover/claim.ts'
import { knownAttacks } from './known-attacks.ts'
import { systemClaim } from '../prover/system-claim.ts'
import { platform } from '../x86/platform.ts'
import { sampler } from '../x86/platform-sampler.ts'
import { assumptionsOf, hardened, legacy, type Profile } from '../x86/profile.ts'
import { invariant } from './platform.ts'

const statements = {
  I1: 'For every core, from hand-off to the next reset: SMRAM is locked.',
  I2: 'For every core and thread, from hand-off: the registers that decode SMRAM are as firmware left them, and no thread outside SMM has its view.',
  I3: 'For every word of TSeg, from hand-off: it was last written by SMM, and the handler there is the genuine one.',
  I4: 'For every thread, from hand-off: SMM_BASE is what firmware set, inside TSeg; no action changes it, RSM included.',
  I5: 'For every thread, from hand-off: what the handler fetches is its own code in TSeg.',
  I6: 'For every thread, from hand-off: what the handler reads at its own addresses is what SMM wrote.',
  T1: 'For every thread: in SMM its TLB holds no guest translation, and outside none that is older than its last RSM.',
  S1: 'For every word of TSeg, from hand-off: no thread outside SMM and no device reads it.',
  S2: 'For every thread, from hand-off: an external SMI that was raised stays pending until it is taken, and none ends the guest instead.',
} as const
export type PlatformClaim = keyof typeof statements
export const platformClaimIds = Object.keys(statements) as readonly PlatformClaim[]

/** One claim about the platform. @param expect what its author expects under this profile. */
export function platformClaim(id: PlatformClaim, profile: Profile = hardened, expect: Claim['expect'] = 'proved'): Claim {
  const proof = systemClaim({
    id: profile === hardened ? id : `${id} on ${profile.name}`,
    statement: statements[id],
    system: platform,
    invariant,
    of: id,
    profile: assumptionsOf(profile),
    sampler,
    expect,
    profiles: elsewhere,
  })
  if (profile === hardened) return { ...proof, attacks: knownAttacks }
  return expect === 'refuted' ? { ...proof, refutes: { claim: id, without: missingIn(profile) } } : proof
}
/** Assumptions of the hardened profile that do not hold in another. */
export function missingIn(profile: Profile): string[] {
  const there = new Set(assumptionsOf(profile).map((a) => a.name))
  return assumptionsOf(hardened).flatMap((a) => (there.has(a.name) ? [] : [a.name]))
}
/** Where actions may happen that a profile keeps from happening: on an older part, and whatever the switches and parameters. */
const elsewhere = [assumptionsOf(legacy), []]
export const platformClaims = (profile: Profile = hardened): Claim[] => platformClaimIds.map((id) => platformClaim(id, profile))

// The claims about the key: of two runs of platform and handler (K2), and of the procedures that use it.

import type { InvariantConjunct } from '../model/invariant.ts'
import { type Claim, claim } from '../prover/claim.ts'
import { conditionsOf } from '../prover/conditions.ts'
import { systemClaim } from '../prover/system-claim.ts'
import { built, meetingAssumptions } from '../smm/system-profile.ts'
import { CAREFUL, clearRegisters, emit, takeChallenge } from '../smm/tagging.ts'
import { assumptionsOf, hardened } from '../x86/profile.ts'
import { knownAttacks } from './known-attacks.ts'
import { meetingClaim } from './meeting-claims.ts'
import { lemmas, secrecy, twoRuns } from './secrecy.ts'
import { secrecySystem } from './secrecy-system.ts'

const limits = [
  'the conjuncts that it rests on, which specs/platform.ts and specs/meeting.ts prove of each run',
  'tags tell nothing of the key but themselves (HMAC-SHA-256)',
  'both runs make the same choices, and are compared step by step: time, caches, speculation and memory without power are left out',
] as const

/** Two runs with two keys look the same from outside SMM. */
export function secrecyClaim(): Claim {
  const product = twoRuns(secrecySystem())
  const invariant = secrecy(product)
  const own = invariant.filter((c: InvariantConjunct) => c.claim === 'K2').map((c) => c.name)
  const proof = systemClaim({
    id: 'K2',
    statement:
      'For every two runs of platform and handler, with any number of threads, whose memory differs in nothing but the key in TSeg and what the handler derives from it, and in which everybody makes the same choices: after every step they differ in nothing else, where the tags and verdicts that the handler gives under the two keys are the same.',
    system: product.system,
    invariant,
    of: own,
    restProved: true,
    implies: lemmas,
    profile: [...assumptionsOf(hardened), ...meetingAssumptions(built)],
    assumptions: limits,
  })
  return { ...proof, attacks: knownAttacks, restsOn: [meetingClaim('I7')] }
}

/** What is told is the tag of an answer, and nothing is left in registers. */
export const taggingClaim = (): Claim =>
  claim({
    id: 'K2/procedures',
    statement:
      'For every key, challenge and report: the handler takes a challenge only if its tag is right, tells nothing but its answer and the tag of that, and leaves nothing of the key in registers that RSM does not restore.',
    obligations: () => [takeChallenge, emit(CAREFUL), clearRegisters(CAREFUL)].flatMap((p) => conditionsOf(p, 'havoc')),
  })

export const secrecyClaims = (): readonly Claim[] => [secrecyClaim(), taggingClaim()]

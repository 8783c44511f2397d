// Claims W1 to W4 and the census half of U1, for 4- and 5-level nested trees: from the handler's own code, for arbitrary
// memory, roots, guest pages, frames, MAXPHYADDR, boot map, bitmap size, budget and number of spaces.

import { type BuiltIn, type Claim, claim } from '../prover/claim.ts'
import { knownAttacks } from './known-attacks.ts'
import type { Obligation } from '../prover/obligation.ts'
import { explainRead, replay } from './replay.ts'
import { ALL_ON, type Switches, switchNames, withoutSwitches } from '../smm/switches.ts'
import { claimOfObligation, conditionsOfHandler } from './handler.ts'
import { theoremObligations } from './census-theorem.ts'

export const ASSUMPTIONS: readonly string[] = [
  'snapshot: from the first read to the last, memory holds still (claims I7 and I8 of the platform); W4 does without',
  'H_BOOTMAP_COMPLETE: the boot map lists the DRAM outside SMRAM, in ascending ranges that are apart',
  'boot constants: MAXPHYADDR 36..52, encryption bit above it or none, EFER.NXE, 1-GiB pages and GMET capability are as in the CPU; guest width 36..52 bits',
  'budget below 2^44 units; a bitmap has 1 to 2^33 words of 64 bits; at least one range in the boot map',
]

const STATEMENTS = {
  W1: 'For every memory, machine, list of spaces, space, guest page and frame: when a census ends complete, every frame of the boot map that a guest access through the page can reach is counted (as distinct, in the total; as mapped more than once, shared or certain where it is so), and a reachable frame elsewhere is counted as foreign.',
  W2: 'For every memory, machine, list of spaces, space and frame: when a census ends complete, a frame that is counted is in the boot map and some guest page below the guest width reaches it by the walk of the hardware (certainly, if counted as certain).',
  W3: 'For every memory, machine, list of spaces, space, guest page and frame: when a census ends complete, each count is a cardinality: every leaf event is a translation of the hardware (E1), every mapped page is covered by one (E2), events come in increasing, disjoint order (E3), and each object is charged at most once, exactly when its bit turns (E4).',
  W4: 'For every machine, every value that any read of memory returns, and every step: work stays within the budget, no index leaves its array, no sum wraps, memory is read only inside the boot map and outside SMRAM; loops and calls are bounded by construction, and nothing but SMRAM is written.',
  U1: 'For every memory and machine: a census ends complete, or as truncated with the whole budget spent, or as foreign-table with a guest page whose walk needs a table outside the boot map, or as unsupported-mode for a space whose recorded mode has neither 4 nor 5 levels.',
  support:
    'For every memory and machine: the bookkeeping invariants that W1 to W4 and U1 use are kept by every procedure of the census.',
} as const

export type CensusClaim = keyof typeof STATEMENTS

/** A claim of the census for a handler with the given switches. */
export function censusClaim(id: CensusClaim, switches: Switches = ALL_ON): Claim {
  const builtIn: BuiltIn = {
    names: switchNames,
    without: (missing) => obligations(id, withoutSwitches(missing)),
  }
  return claim({
    id: id === 'support' ? 'W0' : id,
    statement: STATEMENTS[id],
    assumptions: ASSUMPTIONS,
    obligations: () => obligations(id, switches),
    replay,
    explain: explainRead,
    ...(switches === ALL_ON ? { builtIn, attacks: knownAttacks } : {}),
  })
}
const obligations = (id: CensusClaim, switches: Switches): readonly Obligation[] => [
  ...conditionsOfHandler(switches).filter((o) => claimOfObligation(o) === id),
  ...theoremObligations(id, switches),
]

export const censusClaims = (switches: Switches = ALL_ON): readonly Claim[] =>
  (['support', 'W1', 'W2', 'W3', 'W4', 'U1'] as const).map((id) => censusClaim(id, switches))

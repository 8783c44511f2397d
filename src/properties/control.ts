// The procedures around the census: entry, barrier, checks, discovery. And the claims made of them, each procedure by itself:
// what they mean together, with any number of threads between their steps, is claimed of the composed system.

import { type BuiltIn, type Claim, claim } from '../prover/claim.ts'
import type { Obligation } from '../prover/obligation.ts'
import { assumptions } from '../smm/assumptions.ts'
import { checkConfiguration, noteFlushed } from '../smm/configuration.ts'
import { recognise } from '../smm/discover.ts'
import { discover, enlist, listAll, observeAll } from '../smm/enlist.ts'
import { arrive, checkEntry, leave } from '../smm/enter.ts'
import { awaitDepartures, collectFlushes, collectVerdicts, gather, quiesce, release } from '../smm/rendezvous.ts'
import { ALL_ON, type Switches, switchNames, withoutSwitches, oncePerSwitches } from '../smm/switches.ts'
import { claimOfObligation, conditionsOfPart, type Part } from './handler.ts'
import { knownAttacks } from './known-attacks.ts'
import { replay } from './replay.ts'

/** Every procedure around the census, with the axioms of its own proof. */
export const controlOf = (switches: Switches): readonly Part[] =>
  [
    ...[checkEntry(switches), arrive, leave],
    ...[gather(switches), collectVerdicts(switches), quiesce(switches), collectFlushes(switches), release, awaitDepartures],
    ...[checkConfiguration, noteFlushed, recognise(switches), enlist, observeAll(switches), listAll, discover(switches)],
  ].map((procedure) => ({ procedure, axioms: assumptions }))

export const conditionsOfControl = oncePerSwitches((switches): readonly Obligation[] =>
  controlOf(switches).flatMap(conditionsOfPart),
)

const STATEMENTS = {
  I6: 'For every value of SMMMASK: the entry check refuses exactly when the close bits are set, and touches no data before.',
  I7: 'For every number of threads and every state of the others between two steps: a thread joins only while threads gather, the leader passes a thread only with its flag up (or parked, where that shows), each phase begins when every thread was passed, and no flag comes down before the release.',
  I8: 'For every platform: caches are flushed, and memory is read, only after devices were stopped.',
  I9: 'For every save area, control block and number of threads: what is measured for a thread is the root and mode that its save area recorded, and the list of spaces has them; what only memory says is never measured.',
  I11: 'For every value of every register that routes addresses: a thread passes the check only with the boot-time value.',
  C1: 'For every save area: a thread is noted as host exactly when its SMI found it in no guest.',
  P2: 'For every number of threads: every space in the list is one that a thread is in.',
  U1: 'For every number of threads: the handler gives up only for a reason that has a name: a thread missing for as long as its patience lasts, a register that differs, devices that cannot be stopped, a root that nothing records.',
  W4: 'For every value that any read of memory returns: no index leaves its array, no sum wraps, memory is read only inside the boot map, looks in vain are bounded.',
  support: 'For every number of threads: the bookkeeping that I7 to I9 use.',
} as const
export type ControlClaim = keyof typeof STATEMENTS
const ids = Object.keys(STATEMENTS) as readonly ControlClaim[]

/** A claim of the handler's procedures around the census. */
export const controlClaim = (id: ControlClaim, switches: Switches = ALL_ON): Claim =>
  claim({
    id: `handler/${id === 'support' ? 'W0' : id}`,
    statement: STATEMENTS[id],
    assumptions: ['the boot map and the copies of registers are as boot code left them'],
    obligations: () => obligations(id, switches),
    replay,
    ...(switches === ALL_ON ? { builtIn: builtIn(id), attacks: knownAttacks } : {}),
  })
const obligations = (id: ControlClaim, switches: Switches): readonly Obligation[] =>
  conditionsOfControl(switches).filter((o) => claimOfObligation(o) === id)
const builtIn = (id: ControlClaim): BuiltIn => ({
  names: switchNames,
  without: (missing) => obligations(id, withoutSwitches(missing)),
})
export const controlClaims = (switches: Switches = ALL_ON): readonly Claim[] => ids.map((id) => controlClaim(id, switches))

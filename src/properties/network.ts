// N1: what the handler tells of a machine's traffic is what was carried, if nobody else writes the counters; and the forged counter where the host can.

import { conjunct, type Invariant } from '../model/invariant.ts'
import { forAll } from '../model/system.ts'
import type { Claim } from '../prover/claim.ts'
import { systemClaim } from '../prover/system-claim.ts'
import {
  carried,
  carriedAtFirst,
  carriedBetween,
  counter,
  countersBut,
  type CounterSwitch,
  firstReading,
  isTold,
  lent,
  nicCounters,
  told,
  virtualFunction,
  wasRead,
} from '../protocol/nic-counters.ts'

const EXACT = 'a counter is what was carried'
const FIRST = 'a first reading is what had been carried'
const OWN = 'no function is lent'
const TOLD = 'N1 what is told is what was carried'

const invariant: Invariant = [
  conjunct(
    'basis',
    forAll(OWN, [virtualFunction], (f) => lent.at(f).not()),
  ),
  conjunct(
    'basis',
    forAll(EXACT, [virtualFunction], (f) => counter.at(f).eq(carried.at(f))),
    OWN,
  ),
  conjunct(
    'basis',
    forAll(FIRST, [virtualFunction], (f) => wasRead.at(f).implies(firstReading.at(f).eq(carriedAtFirst.at(f)))),
    EXACT,
  ),
  conjunct(
    'N1',
    forAll(TOLD, [virtualFunction], (f) => isTold.at(f).implies(told.at(f).eq(carriedBetween.at(f)))),
    ...[EXACT, FIRST],
  ),
]

/** @param missing what hardware does not promise: then a run shows a number that is told and wrong. */
export const networkClaim = (...missing: readonly CounterSwitch[]): Claim =>
  systemClaim({
    id: missing.length === 0 ? 'N1' : `N1 without ${missing.join(', ')}`,
    statement:
      'For every virtual function: what the handler tells of it is what its machine sent and received between the two readings.',
    system: nicCounters,
    invariant: missing.length === 0 ? invariant : invariant.filter((c) => c.claim === 'N1').map((c) => ({ ...c, restsOn: [] })),
    of: 'N1',
    profile: countersBut(...missing),
    expect: missing.length === 0 ? 'proved' : 'refuted',
  })

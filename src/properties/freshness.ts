// P6: what a report says was mapped, was mapped when the proxy asked, but for what the host would have changed anyway. It holds where the host cannot
// look at the trigger and threads stop close together, or where a deadline leaves no time to react; the attack where neither is so.

import { conjunct, type Invariant, type InvariantConjunct, supportOf } from '../model/invariant.ts'
import { forAll, type Quantified } from '../model/system.ts'
import { and, type Bool, type Bv, or } from '../model/term.ts'
import type { Claim } from '../prover/claim.ts'
import type { AttackRow } from './attack-pair.ts'
import { adversary, happens, type Slot } from '../prover/scenario.ts'
import { scenarioClaim, systemClaim } from '../prover/system-claim.ts'
import { freshness, hasReacted, isOpenToChange } from '../protocol/freshness.ts'
import {
  ANSWER,
  assumingFresh,
  type Duration,
  dueAt,
  EARLIEST,
  durationOf,
  END_OF_TIME,
  firstStopAt,
  type FreshnessSwitch,
  freshnessSwitchNames,
  guestFrame,
  hostKnows,
  isAccepted,
  isMapped,
  isReported,
  knownAt,
  mappedAtTrigger,
  movedAnyway,
  notFresh,
  now,
  outOfBand,
  PATIENCE,
  REACTION,
  reactedInTime,
  sampledAt,
  stageIs,
  TRIP,
} from '../protocol/freshness-state.ts'
import { freshnessNotes, type Setting, settings } from './freshness-numbers.ts'
import { knownAttacks } from './known-attacks.ts'
import { residual } from './residual.ts'

const CLOCK = 'times are in the past, and below 2^63'
const REST = 'what is accepted has ended its challenge'
const STOPPED = 'threads stop no earlier than a trip after the trigger'
const TOGETHER = 'the last thread stops within the patience after the first'
const SEEN = 'what the host knows of was there to be seen, no earlier than a trip after the trigger'
const OUT_OF_BAND = 'out of band, what the host knows of is a thread that has stopped'
const UNTOUCHED = 'before a reaction, what is mapped was mapped at the trigger, or moved anyway'
const SAMPLED = 'what was sampled was mapped at the trigger, or moved anyway, or the host had the time to react'
const LATE = 'a host that had the time to react had it after the trigger could be seen'
const LATER = 'out of band, a host that had the time to react had it after the first stop'
const DUE = 'a report of such a sample is due later than that by an answer'
const FRESH = 'P6 what is accepted was so at the trigger, or moved anyway, or the host had the time to react'
const IN_TIME = 'P6 of what is accepted the host had no time to react'

const asking = stageIs('on its way', 'an SMI is pending', 'threads stop', 'all have stopped', 'reported')
const stopping = stageIs('threads stop', 'all have stopped', 'reported')
const sampled = stageIs('all have stopped', 'reported')
const sameAsAtTrigger = (table: typeof isMapped, f: Bv<string>): Bool =>
  or(table.at(f).iff(mappedAtTrigger.at(f)), movedAnyway.at(f))
const basis = (statement: Quantified, ...restsOn: readonly string[]): InvariantConjunct =>
  conjunct('basis', statement, ...restsOn)

export const P6 = forAll('P6 what an accepted report says is mapped was mapped when the proxy asked', [guestFrame], (f) =>
  isAccepted.now.implies(sameAsAtTrigger(isReported, f)),
)

export const freshnessInvariant: Invariant = [
  basis(
    forAll(CLOCK, [], () =>
      and(
        now.now.ule(END_OF_TIME),
        and(asking, hostKnows.now).implies(knownAt.now.ule(now.now)),
        stopping.implies(firstStopAt.now.ule(now.now)),
        sampled.implies(sampledAt.now.ule(now.now)),
      ),
    ),
  ),
  basis(forAll(REST, [], () => isAccepted.now.implies(asking.not()))),
  basis(
    forAll(STOPPED, [], () =>
      and(
        or(stageIs('an SMI is pending'), stopping).implies(TRIP.now.ule(now.now)),
        stopping.implies(TRIP.now.ule(firstStopAt.now)),
      ),
    ),
    CLOCK,
  ),
  basis(
    forAll(TOGETHER, [], () => sampled.implies(sampledAt.now.ule(firstStopAt.now.plus(PATIENCE.now)))),
    CLOCK,
  ),
  basis(
    forAll(SEEN, [], () => and(asking, hostKnows.now).implies(TRIP.now.ule(knownAt.now))),
    ...[CLOCK, STOPPED],
  ),
  basis(
    forAll(OUT_OF_BAND, [], () => and(outOfBand, asking, hostKnows.now).implies(and(stopping, firstStopAt.now.ule(knownAt.now)))),
    CLOCK,
  ),
  basis(
    forAll(UNTOUCHED, [guestFrame], (f) => and(isOpenToChange, hasReacted.not()).implies(sameAsAtTrigger(isMapped, f))),
    CLOCK,
  ),
  basis(
    forAll(SAMPLED, [guestFrame], (f) => sampled.implies(or(sameAsAtTrigger(isReported, f), reactedInTime.now))),
    ...[CLOCK, UNTOUCHED],
  ),
  basis(
    forAll(LATE, [], () => and(sampled, reactedInTime.now).implies(EARLIEST.now.ule(sampledAt.now))),
    ...[CLOCK, SEEN],
  ),
  basis(
    forAll(LATER, [], () =>
      and(sampled, reactedInTime.now, outOfBand).implies(firstStopAt.now.plus(REACTION.now).ule(sampledAt.now)),
    ),
    ...[CLOCK, OUT_OF_BAND],
  ),
  basis(
    forAll(DUE, [], () => and(stageIs('reported'), reactedInTime.now).implies(EARLIEST.now.plus(ANSWER.now).ule(dueAt.now))),
    ...[CLOCK, LATE],
  ),
  conjunct(
    'P6',
    forAll(IN_TIME, [], () => isAccepted.now.implies(reactedInTime.now.not())),
    ...[CLOCK, REST, TOGETHER, DUE, LATER],
  ),
  conjunct(
    'P6',
    forAll(FRESH, [guestFrame], (f) => isAccepted.now.implies(or(sameAsAtTrigger(isReported, f), reactedInTime.now))),
    ...[REST, SAMPLED],
  ),
]

const STATEMENT =
  'For every challenge, every frame, every delay of an SMI and every change of the map by the host: if the report is accepted, it says of the frame what was so when the proxy asked, unless the host had changed it anyway.'
export const FRESHNESS_ASSUMPTIONS = [
  'the host does not foresee when it is asked (S_RAND)',
  'a change of the map because of a challenge takes the host at least REACTION; nothing changes the map while all threads are in SMM (I7, I8)',
]
/** All that would do, each set for itself: which of them do is what `--assumptions` says. */
const profile = assumingFresh(...freshnessSwitchNames)

const p6 = (id: string, assumed: readonly FreshnessSwitch[]): Claim =>
  systemClaim({
    id,
    statement: STATEMENT,
    system: freshness,
    invariant: freshnessInvariant,
    of: 'P6',
    implies: [P6],
    profile: profile.filter((a) => assumed.some((name) => name === a.name)),
    assumptions: FRESHNESS_ASSUMPTIONS,
  })

/** With all of it; then with one of the two sets that suffice. */
export const freshnessClaims = (): readonly Claim[] => [
  { ...p6('P6', freshnessSwitchNames), attacks: knownAttacks, residual, notes: freshnessNotes },
  p6('P6 out of band', ['H_OOB_TRIGGER', 'PATIENCE < REACTION']),
  p6('P6 by deadline', ['DEADLINE < TRIP + REACTION + ANSWER']),
]

// ---- runs ----

/** Durations as they might be. */
const machineOf = ({ times }: Setting) =>
  (Object.entries(times) as [Duration, bigint][]).map(([name, value]) =>
    forAll(`${name} is ${value} ns`, [], () => durationOf(name).now.eq(value)),
  )

const wait = happens('time passes')
const [asked, stopped, answered] = [
  [happens('ask'), wait, happens('the trigger arrives')],
  [wait, happens('the last thread takes the SMI', 'sampled'), happens('the handler reports')],
  [wait, happens('the report arrives', 'accepted')],
]
const first = happens('the first thread takes the SMI')
const runs = {
  /** It sees the challenge, and holds the SMI until the map has changed. */
  trigger: [...asked, wait, adversary(1), wait, adversary(1), first, ...stopped, ...answered],
  /** It sees that another thread has stopped, and holds the SMI on its own until the map has changed. */
  stop: [...asked, first, wait, adversary(1), wait, adversary(1), ...stopped, ...answered],
  honest: [...asked, first, ...stopped, ...answered],
} as const satisfies Readonly<Record<string, readonly Slot[]>>

export interface FreshnessAttack {
  /** What is missing; everything else is there. */
  readonly without: readonly FreshnessSwitch[]
  readonly run: 'trigger' | 'stop'
  readonly setting: Setting
}

/** P6 without some of what it needs, on a machine of these durations. */
export function freshnessAttack(id: string, { without, run, setting }: FreshnessAttack): Claim {
  const there = freshnessSwitchNames.filter((name) => !without.includes(name))
  const attack = scenarioClaim({
    id,
    statement: `${STATEMENT} Without: ${without.join('; ')}; ${setting.name}.`,
    system: freshness,
    profile: [...assumingFresh(...there), ...notFresh(...without)],
    slots: runs[run],
    machine: machineOf(setting),
    breaks: P6,
    expect: 'refuted',
    assumptions: FRESHNESS_ASSUMPTIONS,
  })
  return { ...attack, refutes: { claim: 'P6', without } }
}

/** The attack, and the proof that it is gone with what is missing. */
export function freshnessPair({ id, name, reference, year, ...attack }: AttackRow & FreshnessAttack): readonly Claim[] {
  const defence = attack.without.join(' or ')
  const row = { id, name, reference, year, defence }
  const [fallen, proof] = [freshnessAttack(`${id} without ${defence}`, attack), p6(`${id} with ${defence}`, freshnessSwitchNames)]
  return [
    { ...fallen, statement: `${name}. ${fallen.statement}`, row: { ...row, half: 'attack' } },
    { ...proof, statement: `${name} is gone. ${proof.statement}`, row: { ...row, half: 'defence' } },
  ]
}

/** That nothing is ever accepted: refuted by an honest run, so that P6 is not true for want of reports. */
export const nothingAccepted = (id: string, names: readonly FreshnessSwitch[], setting: Setting): Claim =>
  scenarioClaim({
    id,
    statement: `For every run of an honest host: no report is ever accepted. Under: ${names.join('; ')}; ${setting.name}.`,
    system: freshness,
    profile: assumingFresh(...names),
    slots: runs.honest,
    machine: machineOf(setting),
    breaks: forAll('no report is accepted', [], () => isAccepted.now.not()),
    expect: 'refuted',
  })

/** Conjuncts that P6 rests on, for tests. */
export const freshnessGrounds = supportOf(freshnessInvariant, [FRESH, IN_TIME]).map((c) => c.name)
export { settings }

// Time between a challenge and its answer: what there is of it. The proxy asks, the trigger travels, threads stop one after the other, memory is
// measured when the last has stopped, the report travels back. Meanwhile the host may learn that somebody asks, and change what is mapped.
//
// Covers: constants of time, phases of one challenge, what is mapped and what was, what the host knows.
// Leaves out: what changes it (freshness.ts); who may forge or replay what (system.ts); how memory is measured (src/smm).
// Liberties: times are counted from the last trigger, 64 bits of whatever unit, and do not wrap (durations are below 2^58, the deadline below 2^62). A change of the map is one
//   step, however many entries it takes; the host needs at least REACTION for it.

import type { Assumption } from '../model/invariant.ts'
import { domain, forAll, rigid, type Scalar, state } from '../model/system.ts'
import { and, type Bool, type Bv } from '../model/term.ts'
import { DEADLINE } from './state.ts'

const TIME = 64
const SHORT = 2n ** 58n
export const END_OF_TIME = 2n ** 63n

// ---- constants ----

/** The least time from the proxy's asking to a trigger that is at the platform, or where the host can see it. */
export const TRIP = rigid.bits('TRIP', TIME)
/** The least time from something that can be seen, the challenge or a thread that has stopped, to a map that has changed because of it: detection plus remap. */
export const REACTION = rigid.bits('REACTION', TIME)
/** TRIP + REACTION, by a name of its own: the earliest that the map can have changed because of a challenge. */
export const EARLIEST = rigid.bits('EARLIEST', TIME)
/** The least time from the last thread's stop to a report at the proxy: measuring, and the way back. */
export const ANSWER = rigid.bits('ANSWER', TIME)
/** The most time between the first and the last thread's stop; after that the handler gives up (S_RDV). */
export const PATIENCE = rigid.bits('PATIENCE', TIME)
// The most time from a challenge to a report that is accepted (S_DEADLINE) is the proxies' own.
const durations = { TRIP, REACTION, ANSWER, PATIENCE, DEADLINE } as const
export type Duration = keyof typeof durations
export const durationOf = (name: Duration): Scalar<Bv> => durations[name]
const H_OOB_TRIGGER = rigid.flag('H_OOB_TRIGGER')
export const outOfBand: Bool = H_OOB_TRIGGER.now

/** All but the proxies' own. */
export const timingConstants = [TRIP, REACTION, ANSWER, PATIENCE, EARLIEST, H_OOB_TRIGGER] as const
export const earliest = forAll('EARLIEST is TRIP + REACTION', [], () => EARLIEST.now.eq(TRIP.now.plus(REACTION.now)))
export const shortTimes = forAll('durations on the way are below 2^58', [], () =>
  and(...[TRIP, REACTION, ANSWER, PATIENCE].map((d) => d.now.ult(SHORT))),
)

/** A host that reacts to a challenge is too late with its answer. */
const deadlineIsShort = DEADLINE.now.ult(EARLIEST.now.plus(ANSWER.now))
/** A host that reacts to the first thread's stop is too late for the last one's. */
const patienceIsShort = PATIENCE.now.ult(REACTION.now)

const about = {
  H_OOB_TRIGGER: outOfBand,
  'DEADLINE < TRIP + REACTION + ANSWER': deadlineIsShort,
  'PATIENCE < REACTION': patienceIsShort,
} as const
export type FreshnessSwitch = keyof typeof about
export const freshnessSwitchNames = Object.keys(about) as readonly FreshnessSwitch[]
/** What is assumed, each by its name; what is not named may or may not be. */
export const assumingFresh = (...names: readonly FreshnessSwitch[]): readonly Assumption[] =>
  names.map((name) => ({ name, term: about[name] }))
export const notFresh = (...names: readonly FreshnessSwitch[]): readonly Assumption[] =>
  names.map((name) => ({ name: `not ${name}`, term: about[name].not() }))

// ---- one challenge ----

/** In their order. */
export const STAGES = ['nobody asks', 'on its way', 'an SMI is pending', 'threads stop', 'all have stopped', 'reported'] as const
export type Stage = (typeof STAGES)[number]
export const stage = state.bits('stage', 3)
export const stageIs = (...some: readonly Stage[]): Bool =>
  some.map((s) => stage.now.eq(STAGES.indexOf(s))).reduce((all, s) => all.or(s))
export const stageNumber = (s: Stage): number => STAGES.indexOf(s)

/** Since the trigger, like all times below. */
export const now = state.bits('now', TIME)
export const firstStopAt = state.bits('first thread stopped at', TIME)
export const sampledAt = state.bits('last thread stopped at', TIME)
/** The earliest that the report can be at the proxy. */
export const dueAt = state.bits('report due at', TIME)
/** A report for the last challenge has been accepted. */
export const isAccepted = state.flag('report accepted')

// ---- the host ----

export const hostKnows = state.flag('the host knows')
/** When it was there to be seen. */
export const knownAt = state.bits('the host knows of', TIME)
/** Frames, by name: of the guest that is measured, whatever their number. */
export const guestFrame = domain('frame of the guest', 64)
export const isMapped = state.per(guestFrame).flag('mapped')

// ---- ghosts ----

export const mappedAtTrigger = state.per(guestFrame).flag('mapped when triggered')
/** Changed since the trigger, before the sample, and not because of it: a host changes maps for many reasons, at times of their own. */
export const movedAnyway = state.per(guestFrame).flag('moved anyway')
export const isReported = state.per(guestFrame).flag('reported')
/** Between trigger and sample the host had the time to change the map because of what it knew. */
export const reactedInTime = state.flag('the host had time to react')

export const freshnessVariables = [
  ...[...timingConstants, DEADLINE],
  ...[stage, now, firstStopAt, sampledAt, dueAt, isAccepted, hostKnows, knownAt],
  ...[isMapped, mappedAtTrigger, movedAnyway, isReported, reactedInTime],
] as const

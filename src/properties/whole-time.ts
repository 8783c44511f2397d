// Time in the whole system: ghosts that an observer of one challenge keeps, any one, beside what happens. They constrain nothing, so what is
// proved of the system is proved with them; durations enter only what is said of them (timely.ts).
//
// Covers: the earliest that anybody can have reacted to the challenge; memory and threads at an instant before that; when devices had stopped
//   for the measurement that a report is of.
// Leaves out: how the challenge travels, and what the host does with what it sees: whatever changes after the earliest reaction may be because
//   of the challenge. The same story as a small system of its own, with its attacks: src/protocol/freshness.ts.
// Liberties: a host that can see the challenge sees it TRIP after it was made, and has reacted REACTION later: no host is faster. Where it cannot,
//   what it can see is the first external SMI that a thread takes after the trigger has arrived.

import { action, type Action, type Effect, forAll, rigid, state, when, withObserver } from '../model/system.ts'
import { and, bool, type Bool, bv, type Bv, ite, or } from '../model/term.ts'
import { EARLIEST, outOfBand, PATIENCE, REACTION, timingConstants, TRIP } from '../protocol/freshness-state.ts'
import { isComplete, nonce, report } from '../protocol/messages.ts'
import { askedAt, clock, wasAsked } from '../protocol/state.ts'
import { FRAME } from '../smm/cells.ts'
import { type HardwareKept, keepHardware } from '../smm/measuring-state.ts'
import { picturedWord, snap } from '../smm/meeting-state.ts'
import { dram } from '../x86/dram.ts'
import type { word } from '../x86/physical.ts'
import { phaseIs } from '../smm/thread-cells.ts'
import { thread } from '../x86/topology.ts'
import { isTsegWord } from '../x86/tseg.ts'
import { type Instant, isHidden, isInflated } from './reported.ts'

const TIME = 64

/** The challenge at hand: any. */
export const atHand = rigid.bits('challenge at hand', nonce.width)
const isAtHand = (n: Bv<string>): Bool => n.as<'bits'>().eq(atHand.now)
const wasAskedFor = (): Bool => wasAsked.at(atHand.now)

// ---- what anybody can have noticed ----

export const hasArrived = state.flag('the trigger has arrived')
export const hasStopped = state.flag('a thread has stopped for the trigger')
/** Time since the challenge, like those below. */
export const since = state.bits('time since the challenge', TIME)
export const firstStop = state.bits('first thread stopped for the trigger at', TIME)
export const acceptedAfter = state.bits('challenge at hand accepted at', TIME)

/** The host may have changed something because of the challenge. */
export const mayHaveReacted = (): Bool => {
  const stopSeen = and(hasStopped.now, firstStop.now.plus(REACTION.now).ule(since.now))
  return and(wasAskedFor(), ite(outOfBand, stopSeen, EARLIEST.now.ule(since.now)))
}

// ---- an instant before anybody could have reacted ----

const ofThread = state.per(thread)
/** Threads at that instant. */
export const unpromptedThreads: HardwareKept = {
  inGuest: ofThread.flag('unprompted guest'),
  nested: ofThread.flag('unprompted NP_ENABLE'),
  root: ofThread.bits('unprompted N_CR3', FRAME),
  mode: ofThread.bits('unprompted mode', 2),
  nxe: ofThread.flag('unprompted host NXE'),
}
/** Memory at that instant. */
export const unprompted = state.per(picturedWord).bits('unprompted memory', 64)
const isTseg = (a: Bv<string>): Bool => isTsegWord(a.as<typeof word.name>())
const remember = (): readonly Effect[] => [
  unprompted.sweep((a) => ite(and(phaseIs('measuring'), isTseg(a)), snap.at(a), dram.at(a.as<'word'>()))),
  ...keepHardware(unpromptedThreads),
]
const rememberTseg = (): Effect => unprompted.sweep((a) => ite(isTseg(a), dram.at(a.as<'word'>()), unprompted.at(a)))
/** With TSeg, which is SMM's own, as it is at the sample instant. */
const beforeReaction: Instant = { threads: unpromptedThreads, memory: unprompted }

/** Of the last time that devices were stopped: when, and whether somebody may have reacted by then. */
export const stillSince = state.bits('devices stopped at', TIME)
export const isPrompted = state.flag('devices stopped after a reaction')

// ---- of reports ----

/** There is something in memory, or in what threads did, at that instant that the report hides, or counts in vain. */
export const stale = {
  hides: state.per(report).flag('report hides what there was'),
  inflates: state.per(report).flag('report counts what there was not'),
} as const
/** ... and it does not do so of the sample instant: what there was has changed. */
export const moved = {
  hides: state.per(report).flag('report hides what there was and is no more'),
  inflates: state.per(report).flag('report counts what there was not and is'),
} as const
export const ofReport = {
  prompted: state.per(report).flag('report of a prompted measurement'),
  /** It was made when nobody had asked. */
  early: state.per(report).flag('report before the challenge'),
  stillSince: state.per(report).bits('devices stopped for the report at', TIME),
  /** Devices stopped within the handler's patience after the first thread. */
  patient: state.per(report).flag('report within patience'),
} as const
const withinPatience = (): Bool => or(hasStopped.now.not(), stillSince.now.ule(firstStop.now.plus(PATIENCE.now)))

// ---- steps ----

const parameter = (known: Action, name: string): Bv => known.parameters.find((p) => p.name === name)!.term as Bv
const nothingYet = (): readonly Effect[] => [
  ...[hasArrived, hasStopped, isPrompted].map((ghost) => ghost.set(bool(false))),
  ...[since, firstStop, stillSince].map((time) => time.set(bv(TIME, 0))),
  ...remember(),
]

const observers: Readonly<Record<string, (known: Action) => Action>> = {
  ask: (known) => withObserver(known, () => when(isAtHand(parameter(known, 'n')), nothingYet())),
  'time passes': (known) =>
    withObserver(known, () =>
      when(wasAskedFor(), since.set(clock.now.plus(parameter(known, 'd')).minus(askedAt.at(atHand.now)))),
    ),
  'deliver a report': (known) =>
    withObserver(known, ({ name }) =>
      name === 'accepted' ? when(isAtHand(parameter(known, 'n')), acceptedAfter.set(since.now)) : [],
    ),
  'SMI arrives': (known) =>
    withObserver(known, ({ name }) =>
      name.startsWith('SMM')
        ? when(and(hasArrived.now, hasStopped.now.not()), hasStopped.set(bool(true)), firstStop.set(since.now))
        : [],
    ),
  'the leader stops devices': (known) =>
    withObserver(known, ({ name }) =>
      name === 'stopped'
        ? [stillSince.set(since.now), isPrompted.set(mayHaveReacted()), ...when(mayHaveReacted().not(), remember())]
        : [],
    ),
  'the leader asks who has flushed': (known) => withObserver(known, ({ name }) => (name === 'all have' ? [rememberTseg()] : [])),
  'the leader reports': (known) => {
    const [b, u, g, s, f] = ['b', 'u', 'g', 's', 'f'].map((name) => parameter(known, name)) as [Bv, Bv, Bv, Bv, Bv]
    const about = and(isAtHand(parameter(known, 'n')), isComplete.at(b))
    const [hides, inflates] = [and(about, isHidden(u, g, f, beforeReaction)), and(about, isInflated(s, f, beforeReaction))]
    return withObserver(known, () => [
      ofReport.prompted.set(b, isPrompted.now),
      ofReport.early.set(b, wasAskedFor().not()),
      ofReport.stillSince.set(b, stillSince.now),
      ofReport.patient.set(b, withinPatience()),
      stale.hides.set(b, hides),
      stale.inflates.set(b, inflates),
      moved.hides.set(b, and(hides, isHidden(u, g, f).not())),
      moved.inflates.set(b, and(inflates, isInflated(s, f).not())),
    ])
  },
}

const arrival = action('the trigger arrives', { actor: 'hardware', cite: 'facts 1.4, 4.3', parameters: {} }, () => ({
  guard: and(wasAskedFor(), hasArrived.now.not(), TRIP.now.ule(since.now)),
  cases: { 'an SMI is raised': [hasArrived.set(bool(true))] },
}))

/** The actions, with what the observer keeps of each. */
export const inTime = (actions: readonly Action[]): readonly Action[] => [
  ...actions.map((a) => observers[a.name]?.(a) ?? a),
  arrival,
]
export const timeVariables = [
  ...[...timingConstants, atHand, hasArrived, hasStopped, since, firstStop, acceptedAfter, unprompted, stillSince, isPrompted],
  ...[...Object.values(stale), ...Object.values(moved), ...Object.values(unpromptedThreads), ...Object.values(ofReport)],
] as const
export const timeInitial = [
  forAll('nothing of the challenge is known', [], () =>
    and(
      ...[hasArrived, hasStopped, isPrompted].map((ghost) => ghost.now.not()),
      ...[since, firstStop, stillSince, acceptedAfter].map((time) => time.now.isZero()),
    ),
  ),
  forAll('no report is stale', [report], (b) =>
    and(
      ...[...Object.values(stale), ...Object.values(moved), ofReport.prompted, ofReport.early].map((ghost) => ghost.at(b).not()),
      ofReport.stillSince.at(b).eq(bv(TIME, 0)),
    ),
  ),
] as const

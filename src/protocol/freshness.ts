// Freshness as a small timed transition system: delay and remap (B01, B24, C08). Between a challenge and its sample the host may hold SMIs back as long
// as it likes (CLGI); once it knows that somebody asks, it may change what is mapped. It learns of a challenge on the way, unless the trigger goes
// where the host cannot look; and it learns of it from a thread that has stopped, if another has not.
//
// Covers: any number of challenges one after the other, any frames, any number of changes of the map, any values of the constants.
// Leaves out: under which conditions a report is accepted besides its time (system.ts); a host that foresees when it is asked (S_RAND); what becomes of a
//   challenge that has ended in an alarm.
// Liberties: a host that has known for REACTION reacts with every change that it makes from then on; what it changes before that it would have changed
//   anyway. While all threads are in SMM nothing changes the map (claims I7, I8). With two threads or more somebody is outside of SMM until the last
//   has stopped; more runs than with one.

import { bvSort, boolSort } from '../model/sort.ts'
import { action, forAll, given, type System, type Effect } from '../model/system.ts'
import { and, bool, type Bool, bv, or } from '../model/term.ts'
import {
  ANSWER,
  dueAt,
  earliest,
  END_OF_TIME,
  firstStopAt,
  freshnessVariables,
  guestFrame,
  hostKnows,
  isAccepted,
  isMapped,
  isReported,
  knownAt,
  mappedAtTrigger,
  movedAnyway,
  now,
  outOfBand,
  PATIENCE,
  REACTION,
  reactedInTime,
  sampledAt,
  shortTimes,
  type Stage,
  stage,
  stageIs,
  stageNumber,
  TRIP,
} from './freshness-state.ts'
import { DEADLINE, shortDeadline } from './state.ts'

const enter = (s: Stage): Effect => stage.set(bv(3, stageNumber(s)))
const outside = { actor: 'hardware', cite: 'facts 12.1, outside', parameters: {} } as const
const platform = { actor: 'hardware', cite: 'facts 1.4, 4.3', parameters: {} } as const
const handler = { actor: 'SMM', cite: 'facts 12.5', parameters: {} } as const
const host = { actor: 'hypervisor', cite: 'facts B01, B24, C08', parameters: {} } as const

/** The host has had the time to change the map because of what it knows. */
export const hasReacted: Bool = and(hostKnows.now, knownAt.now.plus(REACTION.now).ule(now.now))
/** The sample is still to come. */
export const isOpenToChange = stageIs('on its way', 'an SMI is pending', 'threads stop')

const trigger = action('ask', outside, () => ({
  guard: stageIs('nobody asks'),
  cases: {
    asked: [
      enter('on its way'),
      now.set(bv(64, 0)),
      isAccepted.set(bool(false)),
      hostKnows.set(bool(false)),
      mappedAtTrigger.sweep((f) => isMapped.at(f)),
      movedAnyway.sweep(() => bool(false)),
    ],
  },
}))

const arrival = action('the trigger arrives', platform, () => ({
  guard: and(stageIs('on its way'), TRIP.now.ule(now.now)),
  cases: { 'an SMI is raised': [enter('an SMI is pending')] },
}))

/** From then on the host holds nothing back on this thread; until then it may (CLGI). */
const firstStop = action('the first thread takes the SMI', platform, () => ({
  guard: stageIs('an SMI is pending'),
  cases: { stopped: [enter('threads stop'), firstStopAt.set(now.now)] },
}))

const lastStop = action('the last thread takes the SMI', platform, () => ({
  guard: stageIs('threads stop'),
  cases: {
    'too late': given(firstStopAt.now.plus(PATIENCE.now).ult(now.now), enter('nobody asks')),
    sampled: [
      enter('all have stopped'),
      sampledAt.set(now.now),
      isReported.sweep((f) => isMapped.at(f)),
      reactedInTime.set(hasReacted),
    ],
  },
}))

const report = action('the handler reports', handler, () => ({
  guard: stageIs('all have stopped'),
  cases: { sent: [enter('reported'), dueAt.set(sampledAt.now.plus(ANSWER.now))] },
}))

const answer = action('the report arrives', outside, () => ({
  guard: and(stageIs('reported'), dueAt.now.ule(now.now)),
  cases: {
    late: given(DEADLINE.now.ult(now.now), enter('nobody asks')),
    accepted: [enter('nobody asks'), isAccepted.set(bool(true))],
  },
}))

const giveUp = action('the proxy raises an alarm', outside, () => ({
  guard: and(stageIs('nobody asks').not(), DEADLINE.now.ult(now.now)),
  cases: { alarm: [enter('nobody asks')] },
}))

const seeTrigger = action('see the challenge', host, () => ({
  guard: and(outOfBand.not(), isOpenToChange, hostKnows.now.not(), TRIP.now.ule(now.now)),
  cases: { seen: [hostKnows.set(bool(true)), knownAt.set(now.now)] },
}))

const seeStop = action('see a thread stop', host, () => ({
  guard: and(stageIs('threads stop'), hostKnows.now.not()),
  cases: { seen: [hostKnows.set(bool(true)), knownAt.set(now.now)] },
}))

const remap = action('change the map', { ...host, parameters: { f: guestFrame, to: boolSort } }, ({ f, to }) => ({
  guard: stageIs('all have stopped').not(),
  cases: {
    'because somebody asks': given(and(isOpenToChange, hasReacted), isMapped.set(f, to)),
    'as it would have anyway': given(isOpenToChange, isMapped.set(f, to), movedAnyway.set(f, bool(true))),
    'when nobody asks': [isMapped.set(f, to)],
  },
}))

const tick = action('time passes', { ...outside, parameters: { d: bvSort(64) } }, ({ d }) => ({
  guard: and(d.ult(END_OF_TIME), now.now.plus(d).ule(END_OF_TIME)),
  cases: { passed: [now.set(now.now.plus(d))] },
}))

export const freshness: System = {
  name: 'freshness',
  domains: [guestFrame],
  variables: freshnessVariables,
  facts: [shortTimes, earliest, shortDeadline],
  initial: [
    forAll('nobody asks, nothing is known', [], () =>
      and(stageIs('nobody asks'), hostKnows.now.not(), isAccepted.now.not(), reactedInTime.now.not()),
    ),
    forAll('the clock', [], () => and(...[now, firstStopAt, sampledAt, dueAt, knownAt].map((t) => t.now.isZero()))),
    forAll('nothing is mapped', [guestFrame], (f) =>
      or(...[isMapped, mappedAtTrigger, movedAnyway, isReported].map((table) => table.at(f))).not(),
    ),
  ],
  actions: [trigger, arrival, firstStop, lastStop, report, answer, giveUp, seeTrigger, seeStop, remap, tick],
}

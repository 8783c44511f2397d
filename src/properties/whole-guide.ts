// How concrete runs of the whole system choose their steps: which code stands behind steps that proofs know by contract, which
// action leads on from a state, which parameters are worth a try, and what of a step is worth counting.
// Leaves out: where runs begin (whole-runs.ts), everything that makes a run random (src/executor/simulation).
// Liberties: none. A guide only prefers: what an action's guard does not allow is not taken, and every action stays possible.

import type { ArrayValue } from '../model/evaluate.ts'
import type { Choice, Guide, Reading } from '../model/sampler.ts'
import type { Table } from '../model/system.ts'
import * as m from '../protocol/messages.ts'
import * as p from '../protocol/state.ts'
import { STATUS } from '../smm/cells.ts'
import { type CensusRun, censusOfPicture } from '../smm/census-of-picture.ts'
import { counting, countingAction, listing, listingAction } from '../smm/handler-code.ts'
import { handlerActions } from '../smm/handler-steps.ts'
import { picturedWord } from '../smm/meeting-state.ts'
import { platformActions } from '../smm/meeting-platform.ts'
import { charged } from '../smm/measuring-state.ts'
import { ALL_ON } from '../smm/switches.ts'
import { handler, HANDLER_STATUS } from '../smm/thread-cells.ts'
import { gif, parked, shutdown } from '../x86/modes.ts'
import { word } from '../x86/physical.ts'
import { online } from '../x86/topology.ts'
import { HOST } from './whole-runs.ts'
import {
  of,
  one,
  is,
  not,
  both,
  entering,
  unchecked,
  mayJoin,
  misledInSmm,
  unverdicted,
  unflushed,
  follows,
  runsGuest,
  needsEfer,
  runsReadyHost,
  threadThat,
  leads,
} from './whole-guide/reading.ts'
import {
  askable,
  challenge,
  overdue,
  wait,
  report,
  wereInGuest,
  deliverable,
  tagOf,
  knownNonces,
  knownReports,
} from './whole-guide/messages.ts'
import {
  observe,
  handOver,
  startPaging,
  store,
  vmrun,
  resume,
  leaveGuest,
  mappedByGuest,
  held,
  restored,
} from './whole-guide/threads.ts'
import { onward } from './whole-guide/onward.ts'

// ---- what is worth counting ----

function ofReport(now: Reading, chosen: Choice): readonly string[] {
  if (now.at(m.isComplete, chosen.b as bigint) !== true) return ['reports of what was missing']
  const guests = wereInGuest(now).length
  return guests === 0 ? ['complete reports of no guest'] : ['complete reports of guests']
}
function ofCensus(now: Reading, chosen: Choice): readonly string[] {
  const raisedIn = (table: Table): number =>
    [...(chosen[table.name] as ArrayValue).entries.values()].filter((is_) => is_ === true).length
  const [frames, certain] = [raisedIn(charged.distinct), raisedIn(charged.certain)]
  const ended = chosen.ended === BigInt(STATUS.running) && now.value(of(handler.status)) === BigInt(HANDLER_STATUS.complete)
  return [
    ...(frames > 0 && ended ? ["censuses of guests' frames"] : []),
    ...(frames > 64 ? ['of many frames'] : []),
    ...(certain < frames ? ['of frames that are not certain'] : []),
    ...(raisedIn(charged.foreign) > 0 ? ['of foreign frames'] : []),
    ...(raisedIn(charged.shared) > 0 ? ['of shared frames'] : []),
  ]
}

// ---- the guide ----

/** What ends a meeting early, or makes that nothing comes of it, is rare; what has to happen in it is frequent. */
const preferred: Readonly<Record<string, number>> = {
  ...Object.fromEntries(platformActions.filter((a) => a.name.startsWith('WRMSR')).map((a) => [a.name, 0.02])),
  ...Object.fromEntries(
    ['reset', 'S3 sleep and wake', 'INIT message', 'triple fault', 'RSM', 'VMSAVE', 'SKINIT'].map((name) => [name, 0.01]),
  ),
  ...Object.fromEntries(handlerActions(ALL_ON).map((a) => [a.name, 2])),
  ...{ 'the leader reads memory': 0.3, 'the leader lets threads go': 0.1, 'a thread leaves the meeting': 1 },
  ...{ 'the leader looks for a thread': 0.1, 'host store': 2, 'guest store': 2, 'device write': 0.3, VMRUN: 2 },
  ...{ 'chipset raises an SMI': 0.02, 'send an SMI message': 0.02, 'SMI arrives': 1, 'SMM stub checks SMMMASK': 1 },
  ...{ ask: 2, 'deliver a report': 2, 'another platform answers a challenge': 1, 'reset a platform': 0.05 },
}
const led = ['the leader looks for a thread', 'the leader asks for a verdict', 'the leader stops devices'] as const

/** @param count what counts; the test of the simulation gives one that is wrong */
export const guideCounting = (count: CensusRun): Guide => ({
  computed: { [listingAction]: listing, [countingAction]: counting(count) },
  suggested: {
    ...Object.fromEntries(
      [
        ...[...led, 'the leader asks who has flushed', listingAction, countingAction],
        ...['the leader lets threads go', 'the leader waits for departures', 'the leader reads memory', 'SMM lets DMA go'],
      ].map((name) => [name, leads]),
    ),
    'firmware hands over': handOver,
    VMRUN: vmrun,
    'SIPI message': threadThat(is(parked)),
    'a thread comes online': threadThat(not(is(online))),
    'SMI arrives': threadThat(entering),
    'SMM stub checks SMMMASK': threadThat(unchecked),
    'a thread joins the meeting': threadThat(mayJoin),
    'a thread checks its registers': threadThat(unverdicted),
    'a thread writes its caches back': threadThat(unflushed),
    'a thread leaves the meeting': threadThat(follows),
    RSM: resume,
    ...restored,
    'misled SMM code does anything': threadThat(misledInSmm),
    'misled SMM code takes a key': threadThat(misledInSmm),
    STGI: threadThat(both(runsReadyHost, not(is(gif)))),
    'NMI leaves shutdown': threadThat(is(shutdown)),
    'host store': store,
    'MOV CR': startPaging,
    'WRMSR EFER': (now, random) => {
      const found = threadThat(needsEfer)(now, random)
      return found === undefined ? undefined : { ...found, value: HOST.efer }
    },
    'nested walk fills the TLB': mappedByGuest,
    'nested walk sets A and D': threadThat(runsGuest),
    'nested page fault': leaveGuest,
    'intercepted event': leaveGuest,
    'guest store': held,
    'guest load': held,
    ask: challenge(askable),
    'time passes': wait,
    'the deadline': challenge(overdue),
    'make the tag of a report': tagOf(p.knowsReportTag, knownReports),
    'make the tag of a challenge': tagOf(p.knowsChallengeTag, knownNonces),
    'the leader observes a thread': observe,
    'the leader reports': report,
    'deliver a report': (now, random) => one(random, deliverable(now)),
  },
  preferred,
  onward,
  notable: { 'the leader reports': ofReport, [countingAction]: ofCensus },
  alike: [[word, picturedWord]],
})
/** The census is what the processor's decoding of entries comes to. */
export const wholeGuide: Guide = guideCounting(censusOfPicture)

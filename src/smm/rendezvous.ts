// The barrier, as its leader sees it: every thread has arrived, every thread has checked its registers, every thread has
// written its caches back, every thread has left. Each is a loop over threads whose index lies in SMRAM, and one procedure here
// is one turn of it: between turns, other threads go on. No thread is counted, each is looked at.
// Leaves out: what the other threads do meanwhile (enter.ts, configuration.ts).

import { type Declared, named, procedure, type ProcedureBuilder } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { boolSort } from '../model/sort.ts'
import { and, type Bool, bool, bv, type Bv, or } from '../model/term.ts'
import { memory } from './boot-map.ts'
import type { Switches } from './switches.ts'
import {
  handler,
  HANDLER_STATUS,
  perThread,
  PHASE,
  phaseIs,
  platformConfig,
  THREAD,
  VERDICT,
  watchedThread,
} from './thread-cells.ts'

export type PhaseName = keyof typeof PHASE
type Status = keyof typeof HANDLER_STATUS

const { phase, next, polls, status } = handler
const here = (): Bv => next.now
const was = (): Bv => next.old
const past = (): Bool => next.now.uge(platformConfig.threads.now)

const goTo = (b: ProcedureBuilder, to: PhaseName): void => {
  b.set(next, bv(THREAD, 0))
  b.set(phase, bv(4, PHASE[to]))
}
const goOn = (b: ProcedureBuilder): void => b.set(next, next.now.plus(1))
const giveUp = (b: ProcedureBuilder, why: Status): void => {
  b.set(status, bv(8, HANDLER_STATUS[why]))
  goTo(b, 'releasing')
}

const went = (to: PhaseName): Bool => phaseIs(to)
const stays = (in_: PhaseName): Bool => phaseIs(in_)
const inPhase = (p: PhaseName): Conjunct[] => named({ [`the phase is ${p}`]: phaseIs(p) })
const statusKept = (): Bool => status.now.eq(status.old)
const gaveUp = (why: Status): Bool => and(phaseIs('releasing'), status.now.eq(HANDLER_STATUS[why]))

/** A turn of a loop over all threads, that goes on to the next thread only where `passes`, and to phase `to` only at the end. */
const turn = (of: PhaseName, to: PhaseName, passes: Bool): Conjunct[] =>
  named({
    [`I7 ${of}: a thread is passed only where it may be`]: and(stays(of), next.now.ne(was())).implies(
      and(next.now.eq(was().plus(1)), was().ult(platformConfig.threads.now), passes),
    ),
    [`I7 ${of}: the next phase begins when every thread was passed`]: went(to).implies(
      and(was().uge(platformConfig.threads.now), next.now.isZero(), statusKept()),
    ),
    [`I7 ${of}: there is no other way out`]: or(stays(of), went(to), went('releasing')),
  })

/** Whether a thread takes part, or may be left out: parked where that shows. */
const isHere = (t: Bv, parked: Bool): Bool => or(perThread.arrived.now.has(t), and(platformConfig.parkVisible.now, parked))

/** @param parked the hardware shows the thread at hand in wait-for-SIPI; asked only under P_PARK_VISIBLE */
export const gather = (switches: Switches) =>
  procedure('gather', {
    params: { parked: boolSort },
    memory,
    modifies: [phase, next, polls, status],
    requires: () => inPhase('gathering'),
    ensures: ({ parked }) => [
      ...turn('gathering', 'checking', isHere(was(), parked)),
      ...named({
        'U1 a meeting is partial only after looking for a thread in vain often enough': gaveUp('partial').implies(
          and(polls.old.uge(platformConfig.patience.now), was().ult(platformConfig.threads.now), isHere(was(), parked).not()),
        ),
        'U1 only a missing thread ends the gathering': went('releasing').implies(gaveUp('partial')),
        'W4 looks in vain are bounded': polls.old
          .ule(platformConfig.patience.now)
          .implies(polls.now.ule(platformConfig.patience.now)),
        'U1 a turn gets on: a thread, a look in vain, or the end': or(
          next.now.ne(was()),
          polls.now.ne(polls.old),
          stays('gathering').not(),
        ),
      }),
    ],
    body: (b, { parked }) => {
      b.when(past(), () => {
        goTo(b, 'checking')
        b.return()
      })
      b.when(isHere(here(), parked), () => {
        goOn(b)
        b.return()
      })
      b.when(polls.now.ult(platformConfig.patience.now), () => {
        b.set(polls, polls.now.plus(1))
        b.return()
      })
      if (switches.S_RDV) giveUp(b, 'partial')
      else goOn(b)
    },
  })

/** Every thread that takes part has compared its registers, and found them as at boot. */
export const collectVerdicts = (switches: Switches) => {
  const verdict = (t: Bv): Bv => perThread.verdict.now.at(t)
  const passes = (t: Bv): Bool => or(perThread.arrived.now.has(t).not(), verdict(t).eq(VERDICT.asAtBoot))
  return procedure('collectVerdicts', {
    params: {},
    memory,
    modifies: [phase, next, status],
    requires: () => inPhase('checking'),
    ensures: () => [
      ...turn('checking', 'quiescing', passes(was())),
      ...named({
        'U1 only a register that differs ends the check': went('releasing').implies(
          and(gaveUp('tamper'), was().ult(platformConfig.threads.now), verdict(was()).eq(VERDICT.differs)),
        ),
      }),
    ],
    body: (b) => {
      b.when(switches.S_ROUTE_CHECK ? past() : bool(true), () => {
        goTo(b, 'quiescing')
        b.return()
      })
      b.when(passes(here()), () => {
        goOn(b)
        b.return()
      })
      b.when(verdict(here()).eq(VERDICT.differs), () => giveUp(b, 'tamper'))
    },
  })
}

/** Devices are stopped, or the meeting ends. `stop`: the hardware is told to, and has done it when the procedure returns. */
export const quiesce = (switches: Switches) =>
  procedure('quiesce', {
    params: {},
    results: { stop: boolSort },
    memory,
    modifies: [phase, next, status],
    requires: () => inPhase('quiescing'),
    ensures: (_, { stop }) =>
      named({
        'I8 the caches are flushed only after devices were stopped': went('flushing').implies(
          and(stop, platformConfig.stopsDma.now),
        ),
        'U1 only devices that cannot be stopped end the meeting': went('releasing').implies(
          and(gaveUp('dmaNotQuiesced'), platformConfig.stopsDma.now.not()),
        ),
        'I8 one or the other': or(and(went('flushing'), next.now.isZero(), statusKept()), went('releasing')),
      }),
    body: (b, _, { stop }) => {
      b.set(stop, platformConfig.stopsDma.now)
      b.when(
        switches.S_QUIESCE ? platformConfig.stopsDma.now : bool(true),
        () => goTo(b, 'flushing'),
        () => giveUp(b, 'dmaNotQuiesced'),
      )
    },
  })

/** Every thread that takes part has written its caches back: memory may be read. */
export const collectFlushes = (switches: Switches) => {
  const passes = (t: Bv): Bool => or(perThread.arrived.now.has(t).not(), perThread.flushed.now.has(t))
  return procedure('collectFlushes', {
    params: {},
    memory,
    modifies: [phase, next],
    requires: () => inPhase('flushing'),
    ensures: () => [
      ...named({
        'I7 flushing: a thread is passed only where it may be': and(stays('flushing'), next.now.ne(was())).implies(
          and(next.now.eq(was().plus(1)), was().ult(platformConfig.threads.now), passes(was())),
        ),
        'I7 flushing: the next phase begins when every thread was passed': went('measuring').implies(
          and(was().uge(platformConfig.threads.now), next.now.isZero()),
        ),
        'I7 flushing: there is no other way out': or(stays('flushing'), went('measuring')),
      }),
    ],
    body: (b) => {
      b.when(switches.S_FLUSH_READ ? past() : bool(true), () => {
        goTo(b, 'measuring')
        b.return()
      })
      b.when(passes(here()), () => goOn(b))
    },
  })
}

/** After the last read: threads may leave. */
export const release: Declared = procedure('release', {
  params: {},
  memory,
  modifies: [phase, next],
  requires: () => inPhase('measuring'),
  ensures: () => named({ 'I7 the release ends the measurement': and(went('releasing'), next.now.isZero()) }),
  body: (b) => goTo(b, 'releasing'),
})

/** The leader waits until every other flag is down, then takes its own down: the barrier can be used again. */
export const awaitDepartures = procedure('awaitDepartures', {
  params: {},
  results: { left: boolSort },
  memory,
  modifies: [phase, next, perThread.arrived],
  requires: () => [
    ...inPhase('releasing'),
    ...named({ 'the leader is a thread of the platform': handler.leader.now.ult(platformConfig.threads.now) }),
  ],
  ensures: (_, { left }) => {
    const leader = handler.leader.now
    const u = watchedThread.now
    return named({
      'I7 releasing: a thread is passed only where its flag is down': and(stays('releasing'), next.now.ne(was())).implies(
        and(next.now.eq(was().plus(1)), or(was().eq(leader), perThread.arrived.now.has(was()).not())),
      ),
      'I7 the meeting ends when every thread was passed, the flag of the leader last': and(
        left.iff(went('idle')),
        left.iff(stays('releasing').not()),
        left.implies(and(was().uge(platformConfig.threads.now), perThread.arrived.now.has(leader).not())),
      ),
      'I7 flags of others stay as they are': or(u.eq(leader), perThread.arrived.now.has(u).iff(perThread.arrived.old.has(u))),
      'I7 the leader stays till the end': or(left, perThread.arrived.now.has(leader).iff(perThread.arrived.old.has(leader))),
    })
  },
  body: (b, _, { left }) => {
    b.set(left, past())
    b.when(past(), () => {
      b.store(perThread.arrived, handler.leader.now, bool(false))
      goTo(b, 'idle')
      b.return()
    })
    b.when(or(here().eq(handler.leader.now), perThread.arrived.now.has(here()).not()), () => goOn(b))
  },
})

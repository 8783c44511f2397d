// What each thread does by itself: the check at its entry, joining the meeting, leaving it.
// Leaves out: the barrier's other side (rendezvous.ts), RSM itself (src/x86/smm.ts).

import { named, procedure, type ProcedureBuilder } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, bool, type Bool, bv, type Bv, or } from '../model/term.ts'
import { smmMask } from '../x86/routing.ts'
import { memory } from './boot-map.ts'
import type { Switches } from './switches.ts'
import {
  handler,
  isKnownThread,
  observed,
  OBSERVATION,
  perThread,
  PHASE,
  phaseIs,
  saved,
  type SavedWord,
  savedWords,
  THREAD,
  VERDICT,
  watchedThread,
} from './thread-cells.ts'

/** The bits of SMMMASK that send SMM's own data accesses elsewhere (CVE-2023-31315). */
const closed = (mask: Bv): Bool => {
  const { TCLOSE, ACLOSE } = smmMask.of(mask)
  return or(TCLOSE, ACLOSE)
}

/** The first instructions: the close bits, before any access to data. It mentions no cell of SMRAM. */
export const checkEntry = (switches: Switches) =>
  procedure('checkEntry', {
    params: { smmMask: bvSort(64) },
    results: { refused: boolSort },
    memory,
    modifies: [],
    requires: () => [],
    ensures: ({ smmMask: mask }, { refused }) =>
      named({ 'I6 refused exactly when SMRAM data is closed': refused.iff(closed(mask)) }),
    body: (b, { smmMask: mask }, { refused }) =>
      b.set(refused, switches.S_TCLOSE_CHECK ? or(mask.bit(2), mask.bit(3)) : bool(false)),
  })

const u = watchedThread.now
const others = (t: Bv, what: Bool): Bool => u.eq(t).or(what)
const unchanged = (cell: { now: { has(i: Bv): Bool }; old: { has(i: Bv): Bool } }): Bool => cell.now.has(u).iff(cell.old.has(u))
const isThread = (t: Bv): Conjunct[] => named({ 'the thread is one of the platform': isKnownThread(t) })

const words = Object.fromEntries(savedWords.map((name) => [name, bvSort(64)])) as Record<SavedWord, ReturnType<typeof bvSort>>

/**
 * A thread joins the meeting: it keeps what its save area says, and raises its flag. The first one leads. Who comes after the
 * gathering has ended does not join, and has to leave. One thread at a time (a lock around it).
 */
export const arrive = procedure('arrive', {
  params: { t: bvSort(THREAD), ...words },
  results: { joined: boolSort },
  memory,
  modifies: [
    ...[handler.phase, handler.leader, handler.epoch, handler.next, handler.polls, handler.status],
    ...[...Object.values(perThread), ...Object.values(saved), observed.kind],
  ],
  requires: ({ t }) => isThread(t),
  ensures: ({ t, ...given }, { joined }) => [
    ...named({
      'I7 who joins has its flag up, in the gathering': joined.implies(and(perThread.arrived.now.has(t), phaseIs('gathering'))),
      'I7 joining is for the first one, and while threads gather': joined.iff(
        or(phaseIs('idle', handler.phase.old), phaseIs('gathering', handler.phase.old)),
      ),
      'I7 flags of others stay as they are': others(t, unchanged(perThread.arrived)),
      'I7 who does not join changes nothing': joined.or(
        and(handler.phase.now.eq(handler.phase.old), unchanged(perThread.arrived), handler.next.now.eq(handler.next.old)),
      ),
      'I7 nothing is known yet of who joins': joined.implies(
        and(perThread.verdict.now.at(t).eq(VERDICT.none), perThread.flushed.now.has(t).not(), observed.kind.now.at(t).isZero()),
      ),
      'I9 the words of the save area are kept': joined.implies(
        and(...savedWords.map((name) => saved[name].now.at(t).eq(given[name]))),
      ),
      'I9 those of others stay': others(t, and(...savedWords.map((name) => saved[name].now.at(u).eq(saved[name].old.at(u))))),
    }),
  ],
  body: (b, { t, ...given }, { joined }) => {
    b.when(phaseIs('idle'), () => begin(b, t))
    b.when(
      phaseIs('gathering'),
      () => {
        for (const name of savedWords) b.store(saved[name], t, given[name])
        b.store(perThread.verdict, t, bv(2, VERDICT.none))
        b.store(perThread.flushed, t, bool(false))
        b.store(observed.kind, t, bv(4, OBSERVATION.absent))
        b.store(perThread.arrived, t, bool(true))
        b.set(joined, bool(true))
      },
      () => b.set(joined, bool(false)),
    )
  },
})

function begin(b: ProcedureBuilder, t: Bv): void {
  b.set(handler.phase, bv(4, PHASE.gathering))
  b.set(handler.leader, t)
  b.set(handler.next, bv(THREAD, 0))
  b.set(handler.polls, bv(32, 0))
  b.set(handler.status, bv(8, 0))
  b.when(handler.epoch.now.ne(0xffff_ffff_ffff_ffffn), () => b.set(handler.epoch, handler.epoch.now.plus(1)))
}

/** A thread that does not lead takes its flag down, when the leader has let go: the last thing before RSM. */
export const leave = procedure('leave', {
  params: { t: bvSort(THREAD) },
  results: { left: boolSort },
  memory,
  modifies: [perThread.arrived],
  requires: ({ t }) => isThread(t),
  ensures: ({ t }, { left }) =>
    named({
      'I7 nobody leaves before the release': perThread.arrived.old.has(t).and(left).implies(phaseIs('releasing')),
      'I7 who leaves has its flag down': left.implies(perThread.arrived.now.has(t).not()),
      'I7 who stays keeps its flag': left.or(perThread.arrived.now.has(t).iff(perThread.arrived.old.has(t))),
      'I7 flags of others stay as they are': others(t, unchanged(perThread.arrived)),
    }),
  body: (b, { t }, { left }) => {
    const mayLeave = and(phaseIs('releasing'), handler.leader.now.ne(t))
    b.set(left, mayLeave)
    b.when(mayLeave, () => b.store(perThread.arrived, t, bool(false)))
  },
})

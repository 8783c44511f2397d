// From what each thread was doing to the list of address spaces to measure: every pair of root and mode that the hardware
// recorded, once. And to how much is known in all: the meeting's status is the gravest of its threads'.
// Leaves out: address spaces that no thread is in.

import { named, procedure } from '../model/builder.ts'
import type { Cell } from '../model/cell.ts'
import type { Conjunct } from '../model/procedure.ts'
import { bvSort } from '../model/sort.ts'
import { and, type Arr, type Bool, bv, type Bv, ite, or } from '../model/term.ts'
import { memory } from './boot-map.ts'
import { SPACE } from './cells.ts'
import { kindIs, type Observation, recognise } from './discover.ts'
import type { Switches } from './switches.ts'
import {
  found,
  handler,
  handlerGhosts,
  HANDLER_STATUS,
  isKnownThread,
  mostSpaces,
  observed,
  platformConfig,
  THREAD,
  watchedSpace,
  watchedThread,
} from './thread-cells.ts'

const u = watchedThread.now
const i = watchedSpace.now
const { status } = handler
const { cause } = handlerGhosts
const at = (cell: Cell<Arr>, index: Bv): Bv => cell.now.at(index)
const was = (cell: Cell<Arr>, index: Bv): Bv => cell.old.at(index)

/** What an observation makes of the whole. */
const GRAVITY: Partial<Record<Observation, keyof typeof HANDLER_STATUS>> = {
  shadow: 'shadow',
  unrecordedRoot: 'unrecordedRoot',
  rootMismatch: 'rootMismatch',
  vmcbOutside: 'vmcbOutside',
  unsupportedMode: 'unsupportedMode',
}
/** As a status of the meeting. */
export const gravityOf = (t: Bv): Bv =>
  Object.entries(GRAVITY).reduce<Bv>(
    (otherwise, [kind, s]) => ite(kindIs(t, kind as Observation), bv(8, HANDLER_STATUS[s]), otherwise),
    bv(8, 0),
  )

/** The space is measured: hardware recorded its root and mode. */
export const isMeasured = (t: Bv): Bool => or(kindIs(t, 'guest'), kindIs(t, 'rootMismatch'))
const tooMany = (): Bool => status.now.uge(HANDLER_STATUS.tooManySpaces)

/** The space noted for a thread is in the list, with that thread's root and mode. */
const isListed = (t: Bv): Bool => {
  const space = at(observed.space, t)
  return and(
    space.ult(found.count.now),
    at(found.root, space).eq(at(observed.root, t)),
    at(found.mode, space).eq(at(observed.mode, t)),
  )
}
export const listed = (t: Bv): Bool => or(isMeasured(t).not(), isListed(t), tooMany())
/** A space of the list is one that a thread is in. */
export const isInhabited = (space: Bv): Bool => {
  const t = at(found.thread, space)
  return and(
    isKnownThread(t),
    isMeasured(t),
    at(observed.root, t).eq(at(found.root, space)),
    at(observed.mode, t).eq(at(found.mode, space)),
  )
}
const grave = (t: Bv): Bool => gravityOf(t).ule(status.now)
/** The status is what it was, or what the thread `cause`, one of the first `k`, deserves; or the list is full. */
const deserved = (k: Bv): Bool =>
  or(
    status.now.eq(status.old),
    and(cause.now.ult(k), status.now.eq(gravityOf(cause.now))),
    and(status.now.eq(HANDLER_STATUS.tooManySpaces), found.count.now.eq(mostSpaces)),
  )

const FOUND = { topic: 'found' }
/** No space of the list has changed. */
const kept = (): Conjunct[] =>
  named(
    {
      'spaces in the list stay': i
        .ult(found.count.old)
        .implies(and(i.ult(found.count.now), ...[found.root, found.mode, found.thread].map((c) => at(c, i).eq(was(c, i))))),
    },
    { also: new Map([[i, at(observed.space, u)]]) },
  )

const untouched = (): Conjunct[] => named({ 'no note so far': at(observed.space, u).eq(was(observed.space, u)) })

/** Puts the space of a thread into the list, unless it is there; and raises the status to what the thread deserves. */
export const enlist = procedure('enlist', {
  params: { t: bvSort(THREAD) },
  memory,
  modifies: [...Object.values(found), observed.space, status, cause],
  requires: ({ t }) => named({ 'the thread is one of the platform': isKnownThread(t) }),
  ensures: ({ t }) => [
    ...named({
      'I9 a space that is measured is in the list, as observed': listed(t),
      'U1 the status is at least as grave as the thread': and(grave(t), status.old.ule(status.now)),
      'U1 and no graver than a thread, or a list that is full': or(
        and(status.now.eq(status.old), cause.now.eq(cause.old)),
        and(cause.now.eq(t), status.now.eq(gravityOf(t))),
        and(status.now.eq(HANDLER_STATUS.tooManySpaces), found.count.now.eq(mostSpaces)),
      ),
      'spaces of others stay': u.eq(t).or(at(observed.space, u).eq(was(observed.space, u))),
      'P2 a new space is the one of the thread': or(
        found.count.now.eq(found.count.old),
        and(
          found.count.now.eq(found.count.old.plus(1)),
          found.count.old.ult(mostSpaces),
          isMeasured(t),
          at(found.thread, found.count.old).eq(t),
          at(found.root, found.count.old).eq(at(observed.root, t)),
          at(found.mode, found.count.old).eq(at(observed.mode, t)),
        ),
      ),
    }),
    ...kept(),
  ],
  body: (b, { t }) => {
    const own = b.let('own', gravityOf(t))
    b.when(status.now.ult(own), () => {
      b.set(status, own)
      b.ghost((ghost) => ghost.set(cause, t))
    })
    b.when(isMeasured(t).not(), () => b.return())
    const root = b.let('root', at(observed.root, t))
    const mode = b.let('mode', at(observed.mode, t))
    b.for('n', { from: bv(SPACE, 0), below: found.count.now, invariant: untouched }, (n) => {
      b.when(and(at(found.root, n).eq(root), at(found.mode, n).eq(mode)), () => {
        b.store(observed.space, t, n)
        b.return()
      })
    })
    b.when(found.count.now.uge(mostSpaces), () => {
      b.when(status.now.ult(HANDLER_STATUS.tooManySpaces), () => b.set(status, bv(8, HANDLER_STATUS.tooManySpaces)))
      b.return()
    })
    const space = b.let('space', found.count.now)
    b.store(found.root, space, root)
    b.store(found.mode, space, mode)
    b.store(found.thread, space, t)
    b.store(observed.space, t, space)
    b.set(found.count, space.plus(1))
  },
})

const everyThreadObserved = (): Conjunct[] =>
  named({ 'U1 every thread is observed': isKnownThread(u).implies(kindIs(u, 'absent').not()) })
const everySpaceListed = (): Conjunct[] => [
  ...named({
    'I9 every space that is measured is in the list, as observed': isKnownThread(u).implies(listed(u)),
    'U1 the status is as grave as any thread': isKnownThread(u).implies(grave(u)),
    'U1 and no graver than one, or a list that is full': deserved(platformConfig.threads.now),
  }),
  ...named({ 'P2 every space of the list is one that a thread is in': i.ult(found.count.now).implies(isInhabited(i)) }, FOUND),
]

/** What each thread was doing. */
export const observeAll = (switches: Switches) =>
  procedure('observeAll', {
    params: {},
    memory,
    modifies: recognise(switches).modifies,
    requires: () => [],
    ensures: everyThreadObserved,
    body: (b) => {
      const invariant = (k: Bv): Conjunct[] =>
        named({ 'threads so far are observed': u.ult(k).implies(kindIs(u, 'absent').not()) })
      const threads = switches.S_ALLVMCB ? platformConfig.threads.now : bv(THREAD, 1)
      b.for('t', { from: bv(THREAD, 0), below: threads, invariant }, (t) => {
        b.call(recognise(switches), { t })
      })
    },
  })

/** The spaces that threads are in, once each. */
export const listAll = procedure('listAll', {
  params: {},
  memory,
  modifies: enlist.modifies,
  requires: () => [],
  ensures: everySpaceListed,
  body: (b) => {
    b.set(found.count, bv(SPACE, 0))
    const invariant = (k: Bv): Conjunct[] => [
      ...named({
        'spaces of threads so far are in the list': u.ult(k).implies(listed(u)),
        'the status is as grave as any thread so far': u.ult(k).implies(grave(u)),
        'and no graver than one of them': deserved(k),
      }),
      ...named({
        'P2 spaces in the list belong to threads so far': i
          .ult(found.count.now)
          .implies(and(at(found.thread, i).ult(k), isInhabited(i))),
      }),
    ]
    b.for('t', { from: bv(THREAD, 0), below: platformConfig.threads.now, invariant }, (t) => {
      b.call(enlist, { t })
    })
  },
})

/** Each thread in turn, then the list. */
export const discover = (switches: Switches) =>
  procedure('discover', {
    params: {},
    memory,
    modifies: [...enlist.modifies, ...recognise(switches).modifies],
    requires: () => [],
    ensures: () => [...everyThreadObserved(), ...everySpaceListed()],
    body: (b) => {
      b.call(observeAll(switches), {})
      b.call(listAll, {})
    },
  })

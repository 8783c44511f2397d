// The handler's steps in the composed system, made of its procedures: what each thread does, what the leader does, and one generic
// read of memory while measuring.
// Leaves out: the steps that are contracts (measuring-steps.ts). Between them, reads are one generic step: procedures are proved for
//   whatever reads return, and, where memory holds still, for what memory holds: that it does is what the system shows.
// Liberties: a step is one turn of a procedure; its accesses to SMRAM happen together (one word, or under a lock).

import { bvSort } from '../model/sort.ts'
import { action, type Action, type Effect, forAll, given, reading } from '../model/system.ts'
import { and, type Bool, bool, type Bv, ite, or, type Term } from '../model/term.ts'
import { casesOf, type Path, stepsOf } from '../model/transition.ts'
import { dmaStopped } from '../x86/devices.ts'
import { dram, load } from '../x86/dram.ts'
import { parked } from '../x86/modes.ts'
import { word } from '../x86/physical.ts'
import { on } from '../x86/profile.ts'
import { inSmm } from '../x86/smm.ts'
import { isThread, thread } from '../x86/topology.ts'
import { checkConfiguration, noteFlushed } from './configuration.ts'
import { recognise, vmcbFrame } from './discover.ts'
import { arrive, leave } from './enter.ts'
import { arrived, inHandler, leads, misread, registerOf, savedWordAt, snap } from './meeting-state.ts'
import { awaitDepartures, collectFlushes, collectVerdicts, gather, quiesce, release } from './rendezvous.ts'
import { sample, stageIs } from './measuring-state.ts'
import { lists, takesCensus } from './measuring-steps.ts'
import type { Switches } from './switches.ts'
import { range } from './system-cells.ts'
import { holds, inBootMap, mayRead } from './system-profile.ts'
import { handler, perThread, PHASE, phaseIs, registerNames, savedWords } from './thread-cells.ts'

const cite = 'facts 12.5'
const sixtyFour = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, bvSort(64)]))

// ---- each thread ----

const joins = action(
  'a thread joins the meeting',
  { actor: 'SMM', cite, parameters: { t: thread, answer: bvSort(64), ...sixtyFour(savedWords) } },
  (p) => {
    const words = p as unknown as Readonly<Record<string, Bv>>
    // No reading of content that proofs do without: I9 follows these words through memory.
    const held = savedWords.map((name) =>
      forAll(`${name} is what the save area holds`, [], () =>
        words[name]!.eq(load(inSmm(p.t), savedWordAt(p.t, name), p.answer)),
      ),
    )
    return {
      guard: and(inHandler(p.t), arrived(p.t).not()),
      everywhere: held,
      cases: casesOf(stepsOf(arrive, p), ['leads', 'leads, when epochs are used up', 'joins', 'comes too late']),
    }
  },
)

const checks = action('a thread checks its registers', { actor: 'SMM', cite, parameters: { t: thread } }, ({ t }) => {
  const registers = Object.fromEntries(registerNames.map((name) => [name, registerOf(t, name)]))
  return {
    guard: and(inHandler(t), arrived(t), phaseIs('checking')),
    cases: casesOf(stepsOf(checkConfiguration, { t, ...registers }), ['as at boot', 'different']),
  }
})
const flushes = action('a thread writes its caches back', { actor: 'SMM', cite, parameters: { t: thread } }, ({ t }) => ({
  guard: and(inHandler(t), arrived(t), phaseIs('flushing')),
  cases: casesOf(stepsOf(noteFlushed, { t }), ['done']),
}))
const leaves = action('a thread leaves the meeting', { actor: 'SMM', cite, parameters: { t: thread } }, ({ t }) => ({
  guard: and(inHandler(t), arrived(t)),
  cases: casesOf(stepsOf(leave, { t }), ['takes its flag down', 'waits']),
}))

// ---- the leader ----

interface Turn {
  readonly phase: keyof typeof PHASE
  readonly procedure: Parameters<typeof stepsOf>[0]
  readonly args?: Readonly<Record<string, Term>>
  /** A name for each path. */
  readonly paths: readonly string[]
  readonly also?: (path: Path) => readonly Effect[]
}
const turn = (name: string, { phase, procedure, args = {}, paths, also }: Turn): Action =>
  action(name, { actor: 'SMM', cite, parameters: { t: thread } }, ({ t }) => ({
    guard: and(leads(t), phaseIs(phase)),
    cases: casesOf(stepsOf(procedure, args), paths, also),
  }))

/** Memory is what it is when the phase becomes `measuring`. */
const photograph = ({ state }: Path): readonly Effect[] =>
  (state.get(handler.phase) as Bv | undefined)?.value === BigInt(PHASE.measuring)
    ? [snap.sweep((a) => dram.at(a.as<'word'>())), ...sample()]
    : []

const leaderActions = (switches: Switches): readonly Action[] => [
  turn('the leader looks for a thread', {
    phase: 'gathering',
    procedure: gather(switches),
    args: { parked: and(holds('P_PARK_VISIBLE'), parked.at(handler.next.now.as())) },
    paths: ['all are there', 'it is there', 'looks again', switches.S_RDV ? 'gives up' : 'goes on without it'],
  }),
  turn('the leader asks for a verdict', {
    phase: 'checking',
    procedure: collectVerdicts(switches),
    paths: switches.S_ROUTE_CHECK ? ['all are as at boot', 'it is as at boot', 'it differs', 'none yet'] : ['does not ask'],
  }),
  turn('the leader stops devices', {
    phase: 'quiescing',
    procedure: quiesce(switches),
    paths: switches.S_QUIESCE ? ['stopped', 'cannot stop them'] : ['goes on'],
    also: ({ results }) => {
      const told = results.get('stop') as Bool
      return [dmaStopped.set(or(dmaStopped.now, and(told, on('H_IOMMU_BLOCK'))))]
    },
  }),
  turn('the leader asks who has flushed', {
    phase: 'flushing',
    procedure: collectFlushes(switches),
    paths: switches.S_FLUSH_READ ? ['all have', 'it has', 'not yet'] : ['does not ask'],
    also: photograph,
  }),
  turn('the leader lets threads go', { phase: 'measuring', procedure: release, paths: ['released'] }),
  turn('the leader waits for departures', {
    phase: 'releasing',
    procedure: awaitDepartures,
    paths: ['leaves last', 'it has left', 'it is still there'],
  }),
]

/** Any thread, in any order; the leader's loop goes through all of them. */
const observes = (switches: Switches): Action => {
  const name = 'the leader observes a thread'
  const observation = action(name, { actor: 'SMM', cite, parameters: { t: thread, u: thread, answer: bvSort(64) } }, (p) => {
    const steps = stepsOf(recognise(switches), { t: p.u })
    const held = steps.reads.map((read) => read.when.implies(read.value.eq(load(inSmm(p.t), read.word, p.answer))))
    const isFound = steps.fresh.find((term) => String(term.attribute).includes('findRange.found')) as Bool
    return {
      guard: and(leads(p.t), phaseIs('measuring'), stageIs('observing'), isThread(p.u)),
      everywhere: [
        reading('the control block is what memory holds', held),
        // The contract of `findRange`.
        ...(switches.S_VMCB_HW
          ? [reading('it is found in the boot map where it is there', [isFound.iff(inBootMap(vmcbFrame(p.u.as())))])]
          : []),
      ],
      cases: casesOf(steps, [
        'parked',
        ...(switches.S_IN_GUEST ? ['in the host'] : []),
        ...(switches.S_DRAM ? ['its control block lies elsewhere'] : []),
        ...(switches.S_NP_CHECK ? ['on shadow tables'] : []),
        ...(switches.S_ROOT_HW ? ['its root is not recorded'] : []),
        ...(switches.S_MODE_HW ? ['in another mode'] : []),
        ...(switches.S_ROOT_HW ? ['its control block says otherwise'] : []),
        'in a guest',
      ]),
    }
  })
  const fresh = stepsOf(recognise(switches), { t: observation.parameters[1]!.term }).fresh
  const returned = fresh.map((term) => ({ name: String(term.attribute), term }))
  return { ...observation, parameters: [...observation.parameters, ...returned] }
}

// ---- reads ----

/**
 * Any read that a procedure makes while memory is measured: of a word that it may read. Uncached, it may miss what a thread that
 * has not written its caches back still holds.
 */
const reads = action(
  'the leader reads memory',
  {
    actor: 'SMM',
    cite: 'facts 12.5; APM 7.4',
    parameters: { t: thread, a: word, r: range, answer: bvSort(64), behind: thread, older: bvSort(64) },
  },
  ({ t, a, r, answer, behind, older }) => {
    const missed = and(holds('P_UC_COHERENT').not(), isThread(behind), perThread.flushed.now.has(behind).not())
    const value = ite(missed, older, load(inSmm(t), a, answer))
    return {
      guard: and(leads(t), phaseIs('measuring'), mayRead(a, r)),
      cases: { 'what was there': given(value.eq(snap.at(a))), 'something else': [misread.set(bool(true))] },
    }
  },
)
export const handlerActions = (switches: Switches): readonly Action[] => [
  ...[joins, checks, flushes, leaves],
  ...leaderActions(switches),
  observes(switches),
  lists,
  takesCensus,
  reads,
]

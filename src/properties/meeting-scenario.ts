// The honest part of scenarios on platform and handler: one SMI to both threads of the example machine, and the steps of the
// handler that follow, as a handler with these defences takes them.
//
// Covers: wake-up, SMI, each phase until memory is measured, a read of memory, the observation of a thread.
// Leaves out: the adversary, which has slots between them.

import { type Chosen, happens, type Slot } from '../prover/scenario.ts'
import type { Switches } from '../smm/switches.ts'

const THREADS = [0, 1]
/** The thread that arrives first. */
const LEADER = 0
/** Where the hypervisor keeps the control block of the guest on a thread: pages of the boot map. */
const controlBlock = (t: number): number => 0x20_0000 + 0x1000 * t
/** And the highest of its nested tables. */
const root = (t: number): number => 0x30_0000 + 0x1000 * t
const WORD = 8
const NP_ENABLE = 1
const vmrun = (t: number, words: Chosen): Slot => happens('VMRUN', 'runs the guest', { t, rax: controlBlock(t), ...words })
const leader = (name: string, way?: string): Slot => happens(name, way, { t: LEADER })

/** Steps that nobody untrusted takes. Slots for the adversary go between them. */
export interface Honest {
  /** The operating system starts thread 1. */
  readonly wake: Slot
  /** The hypervisor runs a guest on the thread, with nested paging, from a control block of its own. */
  readonly guest: (t: number) => Slot
  /** The same on shadow tables: without nested paging. */
  readonly guestOnShadow: (t: number) => Slot
  /** The guest on the thread uses memory that its tables name. */
  readonly translation: (t: number) => Slot
  /** The chipset raises an SMI for every thread, and it reaches each. */
  readonly smi: readonly Slot[]
  /** An SMI reaches the thread. */
  readonly arrival: (t: number) => Slot
  /** The chipset raises an SMI for every thread; at first it reaches thread 0 only. */
  readonly smiAtLeader: readonly Slot[]
  /** Threads join, and the leader looks for each of them. */
  readonly gathering: readonly Slot[]
  readonly checking: readonly Slot[]
  readonly quiescing: readonly Slot[]
  readonly flushing: readonly Slot[]
  /** All of these: what follows is measured. */
  readonly meeting: readonly Slot[]
  readonly read: Slot
  /** A word of the highest nested table of the guest on a thread. */
  readonly readOfRoot: (t: number) => Slot
  /** What thread 0 was in. */
  readonly observation: Slot
}

/** @param absent threads that do not join @param counted how many threads the leader looks for */
export function honest(switches: Switches, absent: readonly number[], counted: number): Honest {
  const here = THREADS.filter((t) => !absent.includes(t))
  const looked = THREADS.slice(0, counted)
  const arrival = (t: number): Slot => happens('SMI arrives', undefined, { t })
  const raised = happens('chipset raises an SMI')
  const gathering = [
    ...here.map((t) => happens('a thread joins the meeting', undefined, { t })),
    ...looked.map(() => leader('the leader looks for a thread')),
    leader('the leader looks for a thread', 'all are there'),
  ]
  const checking = switches.S_ROUTE_CHECK
    ? [
        ...here.map((t) => happens('a thread checks its registers', undefined, { t })),
        ...looked.map(() => leader('the leader asks for a verdict')),
        leader('the leader asks for a verdict', 'all are as at boot'),
      ]
    : [leader('the leader asks for a verdict', 'does not ask')]
  const quiescing = [leader('the leader stops devices', switches.S_QUIESCE ? 'stopped' : 'goes on')]
  const flushing = switches.S_FLUSH_READ
    ? [
        ...here.map((t) => happens('a thread writes its caches back', undefined, { t })),
        ...looked.map(() => leader('the leader asks who has flushed')),
        leader('the leader asks who has flushed', 'all have'),
      ]
    : [leader('the leader asks who has flushed', 'does not ask')]
  return {
    wake: happens('SIPI message', 'starts', { t: 1 }),
    guest: (t) => vmrun(t, { 'VMCB 090h': NP_ENABLE, 'VMCB 0b0h': root(t) }),
    guestOnShadow: (t) => vmrun(t, { 'VMCB 090h': 0 }),
    translation: (t) => happens('nested walk fills the TLB', undefined, { t }),
    smi: [raised, ...THREADS.map(arrival)],
    arrival,
    smiAtLeader: [raised, arrival(LEADER)],
    ...{ gathering, checking, quiescing, flushing },
    meeting: [...gathering, ...checking, ...quiescing, ...flushing],
    read: leader('the leader reads memory'),
    readOfRoot: (t) => happens('the leader reads memory', undefined, { t: LEADER, a: root(t) / WORD }),
    observation: happens('the leader observes a thread', undefined, { t: LEADER, u: 0 }),
  }
}

// Threads and cores: any number of them. SMT siblings are threads of one core and share its registers.
//
// Covers: thread and core identifiers, which core a thread belongs to, the bootstrap thread, who is online.
// Leaves out: sockets, APIC identifiers (a message names a thread).
// Manual: APM volume 2, 14.1 (bootstrap processor), 16.2 (APIC identifiers).
// Liberties: the number of threads is a constant of a run; a thread that is not online yet executes nothing.

import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Chance } from '../model/sampler.ts'
import { domain, forAll, type Quantified, rigid, state, type Variable } from '../model/system.ts'
import { and, type Bool, type Bv, bv } from '../model/term.ts'

const threads = rigid.bits('threads', 32)
const cores = rigid.bits('cores', 32)
export const thread = domain('thread', 32, () => threads.now)
export const core = domain('core', 32, () => cores.now)
export type Thread = Bv<'thread'>
export type Core = Bv<'core'>

export const coreTable = rigid.per(thread).bits('core of', 32)
export const coreOf = (t: Bv<string>): Core => coreTable.at(t).as<'core'>()
/** How many threads there are, those that come online late included. */
export const threadCount: Bv = threads.now
export const isThread = (t: Bv<string>): Bool => t.ult(threads.now)
/** Thread 0 boots; its core is the one that firmware surely configures. */
export const bootCore: Core = coreOf(bv(32, 0))

/** Threads that firmware has started. */
export const online = state.per(thread).flag('online')

export const topology: readonly Quantified[] = [
  forAll('a thread belongs to a core', [thread], (t) => coreOf(t).ult(cores.now.as<'core'>())),
  forAll('there is a thread', [], () => threads.now.ne(0)),
]
/** Two threads, on one core or on two. */
export const topologyExample = (siblings: boolean): readonly Quantified[] => [
  forAll('there are two threads', [], () => and(threads.now.eq(2), cores.now.eq(siblings ? 1 : 2))),
  forAll('which core a thread belongs to', [thread], (t) => coreOf(t).eq(siblings ? 0 : t.as())),
]
/** Threads in pairs on cores, or each on its own. */
export function topologySample(count: number, random: Chance): [Variable, Value][] {
  const siblings = random.pick([1, 2])
  const coreFor = Array.from({ length: count }, (_, t) => [BigInt(t), BigInt(Math.floor(t / siblings))] as const)
  return [
    [threads, BigInt(count)],
    [cores, BigInt(Math.ceil(count / siblings))],
    [coreTable, new ArrayValue(0n, new Map(coreFor))],
  ]
}
export const topologyVariables = [threads, cores, coreTable, online] as const

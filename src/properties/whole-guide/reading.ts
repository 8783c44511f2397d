// A state of the whole system, as its guide asks for it: who may do what now.
// Leaves out: messages (messages.ts).

import type { ArrayValue } from '../../model/evaluate.ts'
import type { Cell } from '../../model/cell.ts'
import type { Chance, Choice, Reading } from '../../model/sampler.ts'
import { type Table, type Variable, variableOf } from '../../model/system.ts'
import { handler, observed, OBSERVATION, perThread, saved, VERDICT } from '../../smm/thread-cells.ts'
import { cr0, cr4, efer, gif, guest, parked, shutdown, smm } from '../../x86/modes.ts'
import { pending } from '../../x86/smi-state.ts'
import { deceived, derailed, stubPassed } from '../../x86/smm.ts'
import { genuine } from '../../x86/boot.ts'
import { online, threadCount } from '../../x86/topology.ts'
import { HOST } from '../whole-runs.ts'

export const of = (cell: Cell): Variable => variableOf(cell.now)!
/** @throws Error when the cell is no array */
export const tableOf = (cell: Cell): Table => {
  const found = of(cell)
  if (found.kind !== 'table') throw new Error(`${cell.name} is no table of the system`)
  return found
}
export const entriesOf = (now: Reading, v: Variable): ReadonlyMap<bigint, bigint | boolean> =>
  (now.value(v) as ArrayValue).entries
export const keysOf = (now: Reading, v: Variable): bigint[] => [...entriesOf(now, v).keys()]
/** Of a table of flags that are down but for a few. */
export const raised = (now: Reading, v: Variable): bigint[] =>
  [...entriesOf(now, v)].flatMap(([key, is]) => (is === true ? [key] : []))
export const bits = (now: Reading, table: Table, i: bigint): bigint => now.at(table, i) as bigint
export const one = <T>(random: Chance, items: readonly T[]): T | undefined =>
  items.length === 0 ? undefined : random.pick(items)

export const cells = {
  arrived: tableOf(perThread.arrived),
  verdict: tableOf(perThread.verdict),
  flushed: tableOf(perThread.flushed),
  kind: tableOf(observed.kind),
  space: tableOf(observed.space),
  vmcb: tableOf(saved.vmcb),
} as const

export const threadsIn = (now: Reading): bigint[] =>
  Array.from({ length: Number(now.value(variableOf(threadCount)!)) }, (_, i) => BigInt(i))
export type Condition = (now: Reading, t: bigint) => boolean
export const is =
  (table: Table): Condition =>
  (now, t) =>
    now.at(table, t) === true
export const not =
  (condition: Condition): Condition =>
  (now, t) =>
    !condition(now, t)
export const both =
  (...conditions: readonly Condition[]): Condition =>
  (now, t) =>
    conditions.every((c) => c(now, t))

export const [inSmm, hasArrived, inGuest] = [is(smm), is(cells.arrived), is(guest)]
export const entering = both(is(pending), is(online), is(gif), not(is(parked)), not(is(shutdown)), not(inSmm))
export const unchecked = both(inSmm, not(is(stubPassed)))
export const mayJoin = both(inSmm, is(stubPassed), not(hasArrived))
/** Whoever runs there instead of the handler: where defences are missing. */
export const misledInSmm = both(inSmm, (now, t) => is(derailed)(now, t) || is(deceived)(now, t) || now.value(genuine) !== true)
export const unverdicted = both(hasArrived, (now, t) => bits(now, cells.verdict, t) === BigInt(VERDICT.none))
export const unflushed = both(hasArrived, not(is(cells.flushed)))
export const unobserved: Condition = (now, t) => bits(now, cells.kind, t) === BigInt(OBSERVATION.absent)
export const follows: Condition = (now, t) => hasArrived(now, t) && now.value(of(handler.leader)) !== t
export const runs = both(is(online), not(inSmm), not(is(parked)), not(is(shutdown)))
export const runsHost = both(runs, not(inGuest))
export const runsGuest = both(runs, inGuest)

/** SVM is enabled, and the host's paging is what nested walks of the sampler's tables need. */
export const [LME, LMA, PG] = [0x100n, 0x400n, 0x8000_0000n]
export const hasEfer: Condition = (now, t) => (bits(now, efer, t) | LMA) === HOST.efer
/** EFER.LME changes only with paging off. */
const mustUnpage: Condition = (now, t) => (bits(now, cr0, t) & PG) !== 0n && (bits(now, efer, t) & LME) === 0n
const isReady: Condition = (now, t) =>
  bits(now, efer, t) === HOST.efer && (bits(now, cr4, t) & HOST.cr4) !== 0n && bits(now, cr0, t) === HOST.cr0
export const needsEfer = both(runsHost, not(hasEfer), not(mustUnpage))
export const needsPaging = both(runsHost, not(isReady), not(needsEfer))
export const runsReadyHost = both(runsHost, isReady)
export const mayVmrun = both(runsReadyHost, is(gif))

/** One of the threads that satisfy the condition. */
export const threadThat =
  (condition: Condition, parameter = 't') =>
  (now: Reading, random: Chance): Choice | undefined => {
    const t = one(
      random,
      threadsIn(now).filter((u) => condition(now, u)),
    )
    return t === undefined ? undefined : { [parameter]: t }
  }
export const leads = (now: Reading): Choice => ({ t: now.value(of(handler.leader)) })

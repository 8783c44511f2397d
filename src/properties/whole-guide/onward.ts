// Which step leads on: what a meeting of the handler needs next, and what host, guests and proxies do between two.

import type { Chance, Reading } from '../../model/sampler.ts'
import * as p from '../../protocol/state.ts'
import { countingAction, listingAction } from '../../smm/handler-code.ts'
import { stage, STAGE } from '../../smm/measuring-state.ts'
import { handler, HANDLER_STATUS, PHASE } from '../../smm/thread-cells.ts'
import { gif, handedOver, parked, shutdown } from '../../x86/modes.ts'
import { pending } from '../../x86/smi-state.ts'
import { online } from '../../x86/topology.ts'
import { VMCBS } from '../whole-runs.ts'
import {
  of,
  raised,
  threadsIn,
  type Condition,
  is,
  not,
  both,
  inSmm,
  entering,
  unchecked,
  mayJoin,
  misledInSmm,
  unverdicted,
  unflushed,
  unobserved,
  follows,
  runsHost,
  runsGuest,
  needsEfer,
  needsPaging,
  runsReadyHost,
  mayVmrun,
} from './reading.ts'
import { askable, overdue, answerable, deliverable } from './messages.ts'
import { isIntact, ROUTING, differs } from './threads.ts'

/** Which step a meeting needs next; outside of one, what host, guests and proxy are there for. */
export function onward(now: Reading, random: Chance): readonly string[] | undefined {
  if (now.value(handedOver) !== true) return ['firmware hands over']
  const threads = threadsIn(now)
  const some = (condition: Condition): boolean => threads.some((t) => condition(now, t))
  const every = (condition: Condition): boolean => threads.every((t) => condition(now, t))
  const [phase, status] = [now.value(of(handler.phase)), now.value(of(handler.status))]
  const isIn = (name: keyof typeof PHASE): boolean => phase === BigInt(PHASE[name])
  const when = (condition: boolean, name: string): readonly string[] => (condition ? [name] : [])
  if (random.chance(0.05) && some(misledInSmm)) return ['misled SMM code does anything', 'misled SMM code takes a key']
  if (random.chance(0.2) && deliverable(now).length > 0) return ['deliver a report']
  if (isIn('idle') && !some(inSmm)) return outside(now, random)
  if (isIn('idle') || isIn('gathering')) {
    const gets = [...when(some(entering), 'SMI arrives'), ...when(some(unchecked), 'SMM stub checks SMMMASK')]
    if (isIn('idle') && gets.length === 0 && random.chance(every(mayJoin) ? 0.6 : 0.95)) return ['RSM']
    const joins = when(some(mayJoin), 'a thread joins the meeting')
    return [...(random.chance(0.1) ? ['the leader looks for a thread'] : []), ...gets, ...joins, 'the leader looks for a thread']
  }
  if (random.chance(0.03)) return [...when(some(is(parked)), 'SIPI message'), ...when(some(mayVmrun), 'VMRUN')]
  if (isIn('checking')) return [...when(some(unverdicted), 'a thread checks its registers'), 'the leader asks for a verdict']
  if (isIn('quiescing')) return ['the leader stops devices']
  if (isIn('flushing')) return [...when(some(unflushed), 'a thread writes its caches back'), 'the leader asks who has flushed']
  const answers = answerable(now).length > 0
  if (isIn('measuring')) {
    if (random.chance(0.05)) return ['the leader reads memory']
    if (now.value(stage) === BigInt(STAGE.observing))
      return [...when(some(unobserved), 'the leader observes a thread'), listingAction]
    if (now.value(stage) === BigInt(STAGE.listed)) return [countingAction]
    return [...when(answers, 'the leader reports'), 'the leader lets threads go']
  }
  if (answers && status !== BigInt(HANDLER_STATUS.complete) && random.chance(0.4)) return ['the leader reports']
  if (random.chance(0.05)) return ['SMM lets DMA go']
  return [...when(some(follows), 'a thread leaves the meeting'), 'the leader waits for departures', 'RSM']
}

/** How often each of the things that happen between two meetings comes about, where it can. */
const BETWEEN: readonly (readonly [string, number, (now: Reading) => boolean])[] = [
  ['a thread comes online', 30, (now) => anyThread(now, not(is(online)))],
  ['SIPI message', 20, (now) => anyThread(now, is(parked))],
  ['SMI arrives', 60, (now) => anyThread(now, entering)],
  ['MOV CR', 30, (now) => anyThread(now, needsPaging)],
  ['WRMSR EFER', 30, (now) => anyThread(now, needsEfer)],
  ...ROUTING.map(([name, register]) => {
    const changed = both(runsHost, differs(name, register))
    return [`WRMSR ${name}`, 20, (now: Reading) => anyThread(now, changed)] as const
  }),
  ['STGI', 20, (now) => anyThread(now, both(runsReadyHost, not(is(gif))))],
  ['NMI leaves shutdown', 20, (now) => anyThread(now, is(shutdown))],
  ['VMRUN', 40, (now) => anyThread(now, mayVmrun) && VMCBS.some((at, n) => isIntact(now, at, n))],
  ['host store', 3, (now) => anyThread(now, runsHost)],
  ['host store', 20, (now) => anyThread(now, runsHost) && !VMCBS.every((at, n) => isIntact(now, at, n))],
  ['nested walk fills the TLB', 3, (now) => anyThread(now, runsGuest)],
  ['nested walk sets A and D', 1, (now) => anyThread(now, runsGuest)],
  ['guest store', 2, (now) => anyThread(now, runsGuest)],
  ['guest load', 1, (now) => anyThread(now, runsGuest)],
  ['intercepted event', 1, (now) => anyThread(now, runsGuest)],
  ['nested page fault', 1, (now) => anyThread(now, runsGuest)],
  ['trapped I/O access', 1, (now) => anyThread(now, runsHost)],
  ['ask', 20, (now) => askable(now).length > 0],
  ['time passes', 1, () => true],
  ['time passes', 6, (now) => askable(now).length === 0 && raised(now, p.isOpen).length > 0],
  ['the deadline', 10, (now) => overdue(now).length > 0],
  ['make the tag of a report', 1, () => true],
  ['make the tag of a challenge', 1, () => true],
  ['deliver a report', 10, (now) => deliverable(now).length > 0],
  ['chipset raises an SMI', 8, (now) => !anyThread(now, is(pending))],
]
const anyThread = (now: Reading, condition: Condition): boolean => threadsIn(now).some((t) => condition(now, t))
function outside(now: Reading, random: Chance): readonly string[] | undefined {
  const isOpen = raised(now, p.isOpen).length > 0
  if (!isOpen && askable(now).length === 0 && random.chance(0.1)) return undefined
  const possible = BETWEEN.filter(([, , can]) => can(now))
  const sums = possible.map((_, i) => possible.slice(0, i + 1).reduce((sum, [, weight]) => sum + weight, 0))
  const at = random.below(sums.at(-1) ?? 1)
  return possible
    .slice(sums.findIndex((sum) => at < sum))
    .slice(0, 1)
    .map(([name]) => name)
}

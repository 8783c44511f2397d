// Byte counters of a NIC's virtual functions, one function for each virtual machine, as the handler would read them twice to tell a throughput.
//
// Covers: frames that pass, counters, two readings; who else can write or reset counters, or lend a machine's function to another.
// Leaves out: any NIC in particular. The handler's own function (H_NIC_PRIVATE) has no part here: it counts the handler's own frames.
// Liberties: a counter has 64 bits and does not wrap between readings; a frame is counted when it passes.

import type { Assumption } from '../model/invariant.ts'
import { bvSort } from '../model/sort.ts'
import { action, domain, forAll, given, rigid, state, type System } from '../model/system.ts'
import { and, type Bool, bool, bv } from '../model/term.ts'

const about = {
  P_VF_COUNTER_HELD: 'the host can neither write nor reset the counters of a virtual function',
  P_VF_BOUND: 'a virtual function serves one machine for good',
} as const
export type CounterSwitch = keyof typeof about
const names = Object.keys(about) as readonly CounterSwitch[]
export const counterSwitchMeaning = (name: CounterSwitch): string => about[name]
const scalars = { P_VF_COUNTER_HELD: rigid.flag('P_VF_COUNTER_HELD'), P_VF_BOUND: rigid.flag('P_VF_BOUND') } as const
const has = (name: CounterSwitch): Bool => scalars[name].now
export const countersBut = (...missing: readonly CounterSwitch[]): readonly Assumption[] =>
  names.map((name) => (missing.includes(name) ? { name: `not ${name}`, term: has(name).not() } : { name, term: has(name) }))

export const virtualFunction = domain('virtual function', 64)
const BYTES = 64
export const counter = state.per(virtualFunction).bits('bytes counted', BYTES)
const isLent = state.per(virtualFunction).flag('lent to another machine')
/** Ghost: bytes of the machine that the function was promised to. */
export const carried = state.per(virtualFunction).bits('bytes carried', BYTES)
export const wasRead = state.per(virtualFunction).flag('read once')
export const firstReading = state.per(virtualFunction).bits('first reading', BYTES)
export const carriedAtFirst = state.per(virtualFunction).bits('carried at the first reading', BYTES)
export const isTold = state.per(virtualFunction).flag('told')
export const told = state.per(virtualFunction).bits('bytes told', BYTES)
/** Ghost: what was carried between the readings. */
export const carriedBetween = state.per(virtualFunction).bits('carried between the readings', BYTES)
export const lent = isLent

const host = { actor: 'hypervisor', cite: 'facts K16; SR-IOV specification' } as const
const nic = { actor: 'device', cite: 'SR-IOV specification' } as const
const handler = { actor: 'SMM', cite: 'facts 12.5' } as const
const which = { f: virtualFunction } as const

export const pass = action('a frame passes', { ...nic, parameters: { ...which, length: bvSort(BYTES) } }, ({ f, length }) => ({
  guard: and(length.ult(2n ** 16n), counter.at(f).ult(2n ** 63n)),
  cases: {
    'of another machine': given(isLent.at(f), counter.set(f, counter.at(f).plus(length))),
    'of its machine': [counter.set(f, counter.at(f).plus(length)), carried.set(f, carried.at(f).plus(length))],
  },
}))
export const forge = action('write a counter', { ...host, parameters: { ...which, value: bvSort(BYTES) } }, ({ f, value }) => ({
  guard: has('P_VF_COUNTER_HELD').not(),
  cases: { written: [counter.set(f, value)] },
}))
export const resetFunction = action('reset a function', { ...host, parameters: which }, ({ f }) => ({
  cases: {
    'counters stay': given(has('P_VF_COUNTER_HELD')),
    'counters are cleared': [counter.set(f, bv(BYTES, 0))],
  },
}))
export const lend = action('lend a function', { ...host, parameters: which }, ({ f }) => ({
  guard: has('P_VF_BOUND').not(),
  cases: { lent: [isLent.set(f, bool(true))] },
}))
export const readFirst = action('read a counter', { ...handler, parameters: which }, ({ f }) => ({
  cases: {
    read: [
      wasRead.set(f, bool(true)),
      isTold.set(f, bool(false)),
      firstReading.set(f, counter.at(f)),
      carriedAtFirst.set(f, carried.at(f)),
    ],
  },
}))
export const readAgain = action('read it again', { ...handler, parameters: which }, ({ f }) => ({
  guard: wasRead.at(f),
  cases: {
    told: [
      isTold.set(f, bool(true)),
      told.set(f, counter.at(f).minus(firstReading.at(f))),
      carriedBetween.set(f, carried.at(f).minus(carriedAtFirst.at(f))),
    ],
  },
}))

export const nicCounters: System = {
  name: 'NIC counters',
  domains: [virtualFunction],
  variables: [
    ...Object.values(scalars),
    ...[counter, isLent, carried, wasRead, firstReading, carriedAtFirst, isTold, told, carriedBetween],
  ],
  facts: [],
  initial: [
    forAll('at boot', [virtualFunction], (f) =>
      and(counter.at(f).isZero(), carried.at(f).isZero(), isLent.at(f).not(), wasRead.at(f).not(), isTold.at(f).not()),
    ),
  ],
  actions: [pass, forge, resetFunction, lend, readFirst, readAgain],
}

// Runs of platform and handler together, told step by step: two sibling threads, a boot map below TSeg, firmware that left the
// registers as the sampler has them.

import * as assert from 'uvu/assert'
import type { Cell } from '../../src/model/cell.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { RunState } from '../../src/model/run.ts'
import type { Action, System, Variable } from '../../src/model/system.ts'
import type { Term } from '../../src/model/term.ts'
import { bootMap, config } from '../../src/smm/cells.ts'
import { handlerSystem } from '../../src/smm/handler-system.ts'
import { ALL_ON, type Switches } from '../../src/smm/switches.ts'
import { bootDram, built, holds, type MeetingProfile, type MeetingSwitch } from '../../src/smm/system-profile.ts'
import { bootCopy, FIXED_MTRRS, platformConfig } from '../../src/smm/thread-cells.ts'
import { sampler } from '../../src/x86/platform-sampler.ts'
import { hardened, type Profile, switches } from '../../src/x86/profile.ts'

const chance = {
  below: (n: number) => Math.min(1, n - 1),
  chance: () => false,
  pick: <T>(items: readonly T[]) => items.at(-1)!,
  bits: () => 0n,
}
/** What firmware leaves: the sampler's registers, with the locks of `hardened`. */
const REGISTERS: Readonly<Record<string, bigint>> = {
  HWCR: 0x11n,
  SMMADDR: 0x7f00_0000n,
  SMMMASK: 0xffff_ff00_6602n,
  TOP_MEM: 0x8000_0000n,
  TOM2: 0x2_0000_0000n,
  SYSCFG: 0x30_0000n,
  APIC_BASE: 0xfee0_0800n,
  ...Object.fromEntries(FIXED_MTRRS.map((name) => [name, 0x1818_1818_1818_1818n])),
}

export interface Setting {
  readonly handler?: Partial<Switches>
  readonly profile?: Profile
  readonly built?: MeetingProfile
  /** What boot code told the handler; by default what `built` says. */
  readonly knows?: readonly (readonly [Cell, Value])[]
  readonly state?: readonly (readonly [Variable, Value])[]
  /** Another system with the same platform and handler in it. */
  readonly system?: System
}

export function begin({
  handler = {},
  profile = hardened,
  built: firmware = built,
  knows = [],
  state = [],
  system,
}: Setting = {}): RunState {
  const values = new Map<Term, Value>()
  const put = (v: Variable, value: Value) => values.set(v.kind === 'scalar' ? v.now : v.array, value)
  for (const [v, value] of sampler(chance).values) put(v, value)
  for (const v of switches) put(v, profile.values[v.name as keyof typeof profile.values])
  const { values: told } = firmware
  for (const name of Object.keys(told) as MeetingSwitch[]) values.set(holds(name), told[name])
  const cells: readonly (readonly [Cell, Value])[] = [
    [platformConfig.threads, 2n],
    [platformConfig.patience, 1n],
    [platformConfig.stopsDma, profile.values.H_IOMMU_BLOCK],
    [platformConfig.parkVisible, told.P_PARK_VISIBLE],
    [platformConfig.rootRecorded, told.P_FF38],
    [platformConfig.nestedRecorded, told.P_FF38_WHEN],
    [platformConfig.hostRecorded, told.P_HOSTMODE_SRC],
    [config.nxe, true],
    [config.smramFirst, 0x7_f000n],
    [config.smramLast, 0x7_ffffn],
    [bootMap.ranges, 1n],
    [bootMap.last, new ArrayValue(0n, new Map([[0n, 0x7_efffn]]))],
    ...Object.keys(bootCopy).map((name) => [bootCopy[name]!, new ArrayValue(REGISTERS[name] ?? 0n)] as const),
    ...knows,
  ]
  for (const [cell, value] of cells) values.set(cell.now, value)
  put(bootDram, new ArrayValue(true))
  for (const [v, value] of state) put(v, value)
  return new RunState(system ?? handlerSystem({ ...ALL_ON, ...handler }), values)
}

export type Given = Readonly<Record<string, Value>>
export type Step = readonly [action: string, way: string, given?: Given]

/** What the action reads of memory has the value that memory has. */
function bindings(state: RunState, action: Action, given: Given): Map<Term, Value> {
  const known = new Map<Term, Value>()
  const read = new Set<Term>()
  for (const p of action.parameters) {
    const value = given[p.name]
    if (value !== undefined) known.set(p.term, value)
    else {
      read.add(p.term)
      if (p.term.sort.kind === 'array') known.set(p.term, new ArrayValue(p.term.sort.element.kind === 'bool' ? false : 0n))
      else known.set(p.term, p.term.sort.kind === 'bool' ? false : 0n)
    }
  }
  const equalities = (t: Term): readonly Term[] =>
    t.op === 'and' || t.op === 'or' || t.op === 'not' ? t.args.flatMap(equalities) : [t]
  for (const { term } of action.everywhere)
    for (const equality of equalities(term)) {
      const [a, b] = equality.op === 'eq' ? equality.args : []
      const parameter = [a, b].find((x) => x !== undefined && read.has(x))
      if (parameter !== undefined) known.set(parameter, state.value(Object.is(parameter, a) ? b! : a!, known))
    }
  return known
}

/** The state after the named actions, each of which must be possible and go the way that is named. */
export function run(from: RunState, ...steps: readonly Step[]): RunState {
  return steps.reduce((state, [name, way, given = {}]) => {
    const action = state.system.actions.find((a) => a.name === name)
    if (action === undefined) throw new Error(`no action is called ${name}`)
    const parameters = bindings(state, action, given)
    assert.is(state.refusal(action, parameters)?.kind, undefined, `${name} is possible`)
    const taken = state.after(action, parameters)
    assert.is(taken.case.name, way, name)
    return taken.state
  }, from)
}

export const handedOver: Step = [
  'firmware hands over',
  'handed over',
  { present: new ArrayValue(true), hwcr: new ArrayValue(0n) },
]
export const wake: Step = ['SIPI message', 'starts', { t: 1n }]
/** An SMI for thread `to`, and what becomes of it. */
export const smi = (to: bigint, way: string, from = 1n): readonly Step[] => [
  ['send an SMI message', 'sent', { t: from, to }],
  ['SMI arrives', way, { t: to }],
]
export const both = (...ways: readonly [string, string]): readonly Step[] => [
  ['send an SMI message', 'sent', { t: 1n, to: 0n }],
  ['send an SMI message', 'sent', { t: 1n, to: 1n }],
  ['SMI arrives', ways[0], { t: 0n }],
  ['SMI arrives', ways[1], { t: 1n }],
]
const leader = { t: 0n }
export const joins = (t: bigint, way = t === 0n ? 'leads' : 'joins'): Step => ['a thread joins the meeting', way, { t }]
export const looks = (way: string): Step => ['the leader looks for a thread', way, leader]
export const checks = (t: bigint, way = 'as at boot'): Step => ['a thread checks its registers', way, { t }]
export const verdict = (way: string): Step => ['the leader asks for a verdict', way, leader]
export const stops = (way = 'stopped'): Step => ['the leader stops devices', way, leader]
export const flushes = (t: bigint): Step => ['a thread writes its caches back', 'done', { t }]
export const asks = (way: string): Step => ['the leader asks who has flushed', way, leader]
export const observes = (u: bigint, way: string, given: Given = {}): Step => [
  'the leader observes a thread',
  way,
  { ...leader, u, ...given },
]
export const reads = (a: bigint, way: string, given: Given = {}): Step => [
  'the leader reads memory',
  way,
  { ...leader, a, ...given },
]

/** Two threads have joined, until memory is measured. */
export const measured: readonly Step[] = [
  ...[joins(0n), joins(1n), looks('it is there'), looks('it is there'), looks('all are there')],
  ...[checks(0n), checks(1n), verdict('it is as at boot'), verdict('it is as at boot'), verdict('all are as at boot')],
  ...[stops(), flushes(0n), flushes(1n), asks('it has'), asks('it has'), asks('all have')],
]

// Runs of the platform, step by step: the order of events that a table or a paper tells of, and two that no catalogue has.
// Expected outcomes are the manual's (facts 1.4, 3.3) or follow from it; each run says from what.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { RunState } from '../../src/model/run.ts'
import type { Action, Variable } from '../../src/model/system.ts'
import type { Term } from '../../src/model/term.ts'
import { dram } from '../../src/x86/dram.ts'
import { gif, guest, smm } from '../../src/x86/modes.ts'
import { platform } from '../../src/x86/platform.ts'
import { sampler } from '../../src/x86/platform-sampler.ts'
import { but } from '../../src/model/switchboard.ts'
import { hardened, type Profile, switches } from '../../src/x86/profile.ts'
import { smBase } from '../../src/x86/registers.ts'
import { pending } from '../../src/x86/smi-state.ts'
import { deceived } from '../../src/x86/smm.ts'

const test = suite('runs of the platform')

/** Two sibling threads, as the sampler has them at the last of every choice. */
const machine = {
  below: (n: number) => Math.min(1, n - 1),
  chance: () => false,
  pick: <T>(items: readonly T[]) => items.at(-1)!,
  bits: () => 0n,
}
const WORD = 3n
const SLOT = 0x7f00_ff00n >> WORD
const CODE = 0x7f00_8000n >> WORD

function start(profile: Profile, extra: readonly (readonly [Variable, Value])[] = []): RunState {
  const values = new Map<Term, Value>()
  const put = (v: Variable, value: Value) => values.set(v.kind === 'scalar' ? v.now : v.array, value)
  for (const [v, value] of sampler(machine).values) put(v, value)
  for (const v of switches) put(v, profile.values[v.name as keyof typeof profile.values])
  for (const [v, value] of extra) put(v, value)
  return new RunState(platform, values)
}

type Given = Readonly<Record<string, Value>>
const actionCalled = (name: string): Action => platform.actions.find((a) => a.name === name)!

/** What the action reads of memory has the value that memory has. */
function bindings(state: RunState, action: Action, given: Given): Map<Term, Value> {
  const known = new Map<Term, Value>()
  for (const p of action.parameters) {
    const value = given[p.name]
    if (value !== undefined) known.set(p.term, value)
    else if (p.term.sort.kind === 'array') known.set(p.term, new ArrayValue(p.term.sort.element.kind === 'bool' ? false : 0n))
    else known.set(p.term, p.term.sort.kind === 'bool' ? false : 0n)
  }
  for (const { term } of action.everywhere)
    for (const equality of term.op === 'and' ? term.args : [term]) {
      const [a, b] = equality.op === 'eq' ? equality.args : []
      const parameter = [a, b].find((x) => x !== undefined && known.has(x))
      if (parameter === undefined) continue
      known.set(parameter, state.value(Object.is(parameter, a) ? b! : a!, known))
    }
  return known
}

/** The state after the named actions, each of which must be possible and go the way that is named. */
function run(from: RunState, ...steps: readonly (readonly [action: string, way: string, given?: Given])[]): RunState {
  return steps.reduce((state, [name, way, given = {}]) => {
    const action = actionCalled(name)
    const parameters = bindings(state, action, given)
    assert.is(state.refusal(action, parameters)?.kind, undefined, `${name} is possible`)
    const taken = state.after(action, parameters)
    assert.is(taken.case.name, way, name)
    return taken.state
  }, from)
}
const handedOver = ['firmware hands over', 'handed over', { present: new ArrayValue(true) }] as const
const wake = ['SIPI message', 'starts', { t: 1n }] as const
const smiFromSibling = ['send an SMI message', 'sent', { t: 1n, to: 0n }] as const

test('facts S07: an SMI in the host is taken in the host, once', () => {
  const state = run(start(hardened), handedOver, wake, smiFromSibling, ['SMI arrives', 'SMM, from the host', { t: 0n }])
  assert.is(state.element(smm, 0n), true)
  assert.is(state.element(pending, 0n), false)
  assert.is(state.element(smm, 1n), false)
})

test('facts S03: GIF=0 holds an external SMI for as long as it lasts', () => {
  const state = run(start(hardened), handedOver, wake, ['CLGI', 'executed', { t: 0n }], smiFromSibling, [
    'SMI arrives',
    'stays pending',
    { t: 0n },
  ])
  assert.is(state.element(pending, 0n), true)
  assert.is(run(state, ['STGI', 'executed', { t: 0n }], ['SMI arrives', 'SMM, from the host', { t: 0n }]).element(smm, 0n), true)
})

const VMCB = 0x10_0000n
const vmrun = ['VMRUN', 'runs the guest', { t: 0n, rax: VMCB, uses: 0n }] as const

test('facts S02: under SmmLock the SMI intercept is ignored, and the guest is what was interrupted', () => {
  const intercepting = start(hardened)
  const state = run(intercepting, handedOver, wake, vmrun, smiFromSibling, ['SMI arrives', 'SMM, from the guest', { t: 0n }])
  assert.is(state.element(guest, 0n), true)
  // FED8h bits 2:0 are not zero.
  const fed8 = state.element(dram, 0x7f00_fed8n >> WORD) as bigint
  assert.not.equal(fed8 & 7n, 0n)
})

test('facts S01: without SmmLock an intercepted SMI leaves the guest, and is taken in the host after STGI', () => {
  const open = but(hardened, 'H_SMMLOCK')
  const words = new Map(sampler(machine).values).get(dram) as ArrayValue
  const state = run(
    start(open, [[dram, words.set((VMCB + 8n) >> WORD, 1n << 34n)]]),
    ...[handedOver, wake, vmrun, smiFromSibling],
    ['SMI arrives', '#VMEXIT(SMI), still pending', { t: 0n }],
  )
  assert.is(state.element(guest, 0n), false)
  assert.is(state.element(gif, 0n), false)
  assert.is(run(state, ['STGI', 'executed', { t: 0n }], ['SMI arrives', 'SMM, from the host', { t: 0n }]).element(smm, 0n), true)
})

test('facts S08: a guest that executes CLGI without an intercept holds SMIs while it runs on', () => {
  const state = run(start(hardened), handedOver, wake, vmrun, ['CLGI', 'executed', { t: 0n }], smiFromSibling, [
    'SMI arrives',
    'stays pending',
    { t: 0n },
  ])
  assert.is(state.element(guest, 0n), true)
})

test('facts 3.3: Sinkclose: the close bits are set under SmmLock, and the handler reads something else', () => {
  const old = but(hardened, 'H_TCLOSE_LOCKED')
  const state = run(
    start(old),
    ...[handedOver, wake],
    ['WRMSR SMMMASK', 'close bits only', { t: 1n, value: 0b1000n }],
    smiFromSibling,
    ['SMI arrives', 'SMM, from the host', { t: 0n }],
    ['SMM fetch', 'runs its own code', { t: 0n, a: CODE }],
    ['SMM load', 'reads something else', { t: 0n, a: CODE }],
  )
  assert.is(state.element(deceived, 0n), true)
})

test('a sibling outside SMM sets the close bits after the stub has looked: the check alone does not replace the lock', () => {
  const checked = but(hardened, 'H_TCLOSE_LOCKED', 'S_TCLOSE_CHECK')
  const until = run(
    start(checked),
    ...[handedOver, wake, smiFromSibling],
    ['SMI arrives', 'SMM, from the host', { t: 0n }],
    ['SMM stub checks SMMMASK', 'passes', { t: 0n }],
  )
  assert.is(run(until, ['SMM load', 'reads what SMM wrote', { t: 0n, a: CODE }]).element(deceived, 0n), false)
  const after = run(
    until,
    ['WRMSR SMMMASK', 'close bits only', { t: 1n, value: 0b1000n }],
    ['SMM load', 'reads something else', { t: 0n, a: CODE }],
  )
  assert.is(after.element(deceived, 0n), true)
})

test('SmmBaseLock set before an SMI and cleared by a sibling makes RSM load a slot that this entry did not save', () => {
  const free = but(hardened, 'P_BASELOCK_FREE')
  const stale = 0x6000_0000n
  const words = new Map(sampler(machine).values).get(dram) as ArrayValue
  const state = run(
    start(free, [[dram, words.set(SLOT, stale)]]),
    ...[handedOver, wake],
    ['WRMSR HWCR', 'written', { t: 1n, value: 1n << 31n }],
    smiFromSibling,
    ['SMI arrives', 'SMM, from the host', { t: 0n }],
    ['WRMSR HWCR', 'written', { t: 1n, value: 0n }],
    ['RSM', 'resumes the host', { t: 0n }],
  )
  assert.is(state.element(smBase, 0n), stale)
  const locked = run(
    start(hardened, [[dram, words.set(SLOT, stale)]]),
    ...[handedOver, wake],
    ['WRMSR HWCR', 'written', { t: 1n, value: 1n << 31n }],
    smiFromSibling,
    ['SMI arrives', 'SMM, from the host', { t: 0n }],
    ['RSM', 'resumes the host', { t: 0n }],
  )
  assert.is(locked.element(smBase, 0n), 0x7f00_0000n)
})

test.run()

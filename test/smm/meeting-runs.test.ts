// Runs of platform and handler together: a whole meeting, and what an adversary makes of each defence that is missing. Rows are
// those of facts 9; what a step must come to follows from the row, not from the model.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrayValue } from '../../src/model/evaluate.ts'
import { misread } from '../../src/smm/meeting-state.ts'
import { handlerScalars, threadTables } from '../../src/smm/system-cells.ts'
import { built } from '../../src/smm/system-profile.ts'
import { HANDLER_STATUS, OBSERVATION, platformConfig } from '../../src/smm/thread-cells.ts'
import { cr4, smm } from '../../src/x86/modes.ts'
import { but } from '../../src/model/switchboard.ts'
import { hardened } from '../../src/x86/profile.ts'
import * as svm from '../../src/x86/svm-state.ts'
import type { RunState } from '../../src/model/run.ts'
import * as s from './story.ts'

const test = suite('runs of platform and handler')
const HOST = 'SMM, from the host'
const GUEST = 'SMM, from the guest'
const WORD = 0x20_0000n >> 3n
const VMCB = 0x10_0000n
const at = (address: bigint): bigint => address >> 3n
const scalar = (state: RunState, name: string) => state.of(handlerScalars.find((v) => v.name === name)!)
const ofThread = (state: RunState, name: string, t: bigint) => state.element(threadTables.find((v) => v.name === name)!, t)
const started = [s.handedOver, s.wake] as const
const vmrun: s.Step = ['VMRUN', 'runs the guest', { t: 0n, rax: VMCB, uses: 0n }]
const writes = (address: bigint, value: bigint): s.Step => ['host store', 'stored', { t: 1n, a: at(address), value }]

test('a whole meeting, and the next', () => {
  const state = s.run(
    s.begin(),
    ...started,
    ...s.both(HOST, HOST),
    ...s.measured,
    s.observes(0n, 'in the host'),
    s.reads(WORD, 'what was there'),
    ['the leader lets threads go', 'released', { t: 0n }],
    ['a thread leaves the meeting', 'takes its flag down', { t: 1n }],
    ['SMM lets DMA go', 'released', { t: 0n }],
    ['the leader waits for departures', 'it has left', { t: 0n }],
    ['the leader waits for departures', 'it has left', { t: 0n }],
    ['the leader waits for departures', 'leaves last', { t: 0n }],
    ['RSM', 'resumes the host', { t: 0n }],
    ['RSM', 'resumes the host', { t: 1n }],
    ...s.both(HOST, HOST),
    ...s.measured,
  )
  assert.is(scalar(state, 'handler.epoch'), 2n)
  assert.is(state.of(misread), false)
})
test('nobody leaves while memory is measured, and nobody late joins', () => {
  const state = s.run(s.begin(), ...started, ...s.both(HOST, HOST), ...s.measured)
  const rsm = state.system.actions.find((a) => a.name === 'RSM')!
  const t = rsm.parameters.find((p) => p.name === 't')!.term
  assert.not(state.holds(rsm.guard, new Map([[t, 1n]])))
})

test('B02, C10: a thread that holds SMIs off; the leader gives up, or without S_RDV reads what is being changed', () => {
  const gone: readonly s.Step[] = [
    ...started,
    ['CLGI', 'executed', { t: 1n }],
    ...s.smi(0n, HOST),
    s.joins(0n),
    s.looks('it is there'),
    s.looks('looks again'),
  ]
  const careful = s.run(s.begin(), ...gone, s.looks('gives up'))
  assert.is(scalar(careful, 'handler.status'), BigInt(HANDLER_STATUS.partial))
  const careless = s.run(
    s.begin({ handler: { S_RDV: false } }),
    ...[...gone, s.looks('goes on without it'), s.looks('all are there'), s.checks(0n)],
    ...[s.verdict('it is as at boot'), s.verdict('it is as at boot'), s.verdict('all are as at boot'), s.stops()],
    ...[s.flushes(0n), s.asks('it has'), s.asks('it has'), s.asks('all have')],
    writes(WORD << 3n, 7n),
    s.reads(WORD, 'something else'),
  )
  assert.is(careless.of(misread), true)
})

test('C11: a device writes; the leader gives up, or without S_QUIESCE reads what is being changed', () => {
  const profile = but(hardened, 'H_IOMMU_BLOCK')
  const ready = [...started, ...s.both(HOST, HOST), ...s.measured.slice(0, 10)]
  const careful = s.run(s.begin({ profile }), ...ready, s.stops('cannot stop them'))
  assert.is(scalar(careful, 'handler.status'), BigInt(HANDLER_STATUS.dmaNotQuiesced))
  const careless = s.run(
    s.begin({ profile, handler: { S_QUIESCE: false } }),
    ...[...ready, s.stops('goes on'), ...s.measured.slice(11)],
    ['device write', 'reaches DRAM', { a: WORD, value: 7n }],
    s.reads(WORD, 'something else'),
  )
  assert.is(careless.of(misread), true)
})

test('A06, C36: TOP_MEM is lowered; the leader gives up, or without S_ROUTE_CHECK reads a device', () => {
  const lowered: readonly s.Step[] = [
    ...started,
    ['WRMSR TOP_MEM', 'written', { t: 0n, value: 0n }],
    ...s.both(HOST, HOST),
    ...s.measured.slice(0, 5),
  ]
  const careful = s.run(s.begin(), ...lowered, s.checks(0n, 'different'), s.checks(1n, 'different'), s.verdict('it differs'))
  assert.is(scalar(careful, 'handler.status'), BigInt(HANDLER_STATUS.tamper))
  const careless = s.run(
    s.begin({ handler: { S_ROUTE_CHECK: false } }),
    ...[...lowered, s.verdict('does not ask'), ...s.measured.slice(10)],
    s.reads(WORD, 'something else', { answer: 7n }),
  )
  assert.is(careless.of(misread), true)
})

test('C40: a line that only the cache of another thread holds, without S_FLUSH_READ', () => {
  const ready = [...started, ...s.both(HOST, HOST), ...s.measured.slice(0, 11)]
  const careless = s.run(
    s.begin({ handler: { S_FLUSH_READ: false } }),
    ...[...ready, s.asks('does not ask')],
    s.reads(WORD, 'something else', { behind: 1n, older: 7n }),
  )
  assert.is(careless.of(misread), true)
})

test('a thread that the handler was not told of runs on', () => {
  const state = s.run(
    s.begin({ built: but(built, 'H_COUNTED'), knows: [[platformConfig.threads, 1n]] }),
    ...[...started, ...s.smi(0n, HOST), s.joins(0n), s.looks('it is there'), s.looks('all are there'), s.checks(0n)],
    ...[s.verdict('it is as at boot'), s.verdict('all are as at boot'), s.stops(), s.flushes(0n)],
    ...[s.asks('it has'), s.asks('all have'), writes(WORD << 3n, 7n), s.reads(WORD, 'something else')],
  )
  assert.is(state.element(smm, 1n), false)
})

test('B14: a parked thread that was counted is started again, and changes what is measured', () => {
  const state = s.run(
    s.begin({ built: but(built, 'P_PARK_VISIBLE') }),
    s.handedOver,
    ['send an SMI message', 'sent', { t: 0n, to: 0n }],
    ['SMI arrives', HOST, { t: 0n }],
    ...[s.joins(0n), s.looks('it is there'), s.looks('it is there'), s.looks('all are there'), s.checks(0n)],
    ...[s.verdict('it is as at boot'), s.verdict('it is as at boot'), s.verdict('all are as at boot'), s.stops()],
    ...[s.flushes(0n), s.asks('it has'), s.asks('it has'), s.asks('all have')],
    ...[s.wake, writes(WORD << 3n, 7n), s.reads(WORD, 'something else')],
  )
  assert.is(state.of(misread), true)
})

const DECOY = 0x9000n
const root = (state: RunState): readonly [noted: bigint, inUse: bigint] => [
  ofThread(state, 'observed.root', 0n) as bigint,
  (state.element(svm.tableInUse('N_CR3'), 0n) as bigint) >> 12n,
]
test('C16: the control block names a decoy after VMRUN', () => {
  const decoy = [...started, vmrun, writes(VMCB + 0xb0n, DECOY), ...s.both(GUEST, HOST), ...s.measured]
  const recorded = s.run(s.begin(), ...decoy, s.observes(0n, 'its control block says otherwise', found))
  assert.is(root(recorded)[0], root(recorded)[1])
  const unrecorded = but(built, 'P_FF38')
  const honest = s.run(s.begin({ built: unrecorded }), ...decoy, s.observes(0n, 'its root is not recorded', found))
  assert.is(ofThread(honest, 'observed.kind', 0n), BigInt(OBSERVATION.unrecordedRoot))
  const careless = s.run(
    s.begin({ built: unrecorded, handler: { S_ROOT_HW: false } }),
    ...decoy,
    s.observes(0n, 'in a guest', found),
  )
  assert.is(root(careless)[0], DECOY >> 12n)
  assert.is.not(root(careless)[1], DECOY >> 12n)
})
const found = { 'recognise.findRange.found?': true }

test('C71: NP_ENABLE is forged after VMRUN of a guest on shadow tables', () => {
  const forged = [
    ...started,
    writes(VMCB + 0x90n, 0n),
    vmrun,
    writes(VMCB + 0x90n, 1n),
    writes(VMCB + 0xb0n, DECOY),
    ...s.both(GUEST, HOST),
    ...s.measured,
  ]
  s.run(s.begin(), ...forged, s.observes(0n, 'on shadow tables', found))
  const snpOnly = but(built, 'P_FF38_WHEN')
  s.run(s.begin({ built: snpOnly }), ...forged, s.observes(0n, 'its root is not recorded', found))
  const careless = s.run(
    s.begin({ built: snpOnly, handler: { S_ROOT_HW: false, S_MODE_HW: false } }),
    ...forged,
    s.observes(0n, 'in a guest', found),
  )
  assert.is(careless.element(svm.tableInUse('NP_ENABLE'), 0n), 0n)
})

test('C28: a host of five levels', () => {
  const state = [[cr4, new ArrayValue(0x1020n)]] as const
  const steps = [...started, vmrun, ...s.both(GUEST, HOST), ...s.measured]
  const careful = s.run(s.begin({ state }), ...steps, s.observes(0n, 'in a guest', found))
  assert.is(ofThread(careful, 'observed.mode', 0n), 3n)
  const careless = s.run(s.begin({ state, handler: { S_MODE_HW: false } }), ...steps, s.observes(0n, 'in a guest', found))
  assert.is(ofThread(careless, 'observed.mode', 0n), 2n)
  assert.is((careless.element(svm.hostCr4, 0n) as bigint) & 0x1000n, 0x1000n)
})
test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judgementRecord } from '../../src/report/judgement.ts'
import type { Census, CountedSpace } from '../../src/report/census.ts'
import { renderJudgement } from '../../src/report/judgement-table.ts'
import { measuredFrom } from '../../src/sla/evidence.ts'
import { judge } from '../../src/sla/judge.ts'
import type { MemoryPromise, Sla } from '../../src/sla/sla.ts'
import { COUNTED, UNCOUNTED } from '../report/samples.ts'
import { SLA } from './samples.ts'

const FRAME = 4096
const RUNNING: CountedSpace = {
  ...COUNTED,
  leafEntries: { '4K': 1024, '2M': 6, '1G': 0 },
  mappedBytes: 2 ** 22 + 6 * 2 ** 21,
  distinctFrames: 4000,
  distinctFramesCertain: 3990,
  framesSharedWithOtherSpaces: 0,
}
const FACTS: Pick<Census['candidates'][number], 'startable' | 'refusedFor' | 'rootState' | 'inside'> = {
  startable: true,
  refusedFor: [],
  rootState: 'table',
  inside: null,
}
const candidate = (vmcb: string, state: 'running' | 'idle') => ({
  vmcb,
  root: '0x1000',
  asid: 1,
  nestedPaging: true,
  state,
  ...FACTS,
})
const CENSUS: Census = {
  schema: 'smmcheck.census/2',
  status: 'complete',
  spaces: [RUNNING],
  distinctFrames: 4000,
  distinctFramesRunning: 4000,
  scan: null,
  candidates: [candidate('0x10fd65000', 'running'), candidate('0x10fcaf000', 'idle')],
}
const promising = (memory: Partial<MemoryPromise>): Sla => ({
  ...SLA,
  vms: [{ name: 'a', vmcbs: ['0x10fd65000', '0x10fcaf000'], memory: { bytes: 1, sharing: 'allowed', ...memory } }],
})
const first = (sla: Sla, census: Census, promise: string): string => {
  const judgement = judgementRecord.parse(judge(sla, { census: measuredFrom(census) }))
  const { verdict, reason } = judgement.promises.find((p) => p.promise === promise)!
  return reason === null ? verdict : `${verdict}: ${reason}`
}
const memory = (bytes: number, census: Census = CENSUS): string => first(promising({ bytes }), census, 'memory')

const test = suite('judging an SLA')

test('memory: kept by what is certain, broken by what is possible, and by neither in between', () => {
  assert.is(memory(3990 * FRAME), 'kept')
  assert.is(memory(3990 * FRAME + 1), 'not-measurable: several-roots')
  assert.is(memory(4000 * FRAME), 'not-measurable: several-roots')
  assert.is(memory(4000 * FRAME + 1), 'broken')
})

test('memory: mapped many times is one frame', () => {
  const aliased = { ...RUNNING, mappedBytes: 2 ** 30, distinctFrames: 1, distinctFramesCertain: 1, extraMappings: 262143 }
  assert.is(memory(2 * FRAME, { ...CENSUS, spaces: [aliased] }), 'broken')
})

test('memory: a machine with two roots has at least the larger, at most both', () => {
  const other = {
    ...RUNNING,
    root: '0x5000',
    threads: [1],
    vmcbs: ['0x10fd65000'],
    distinctFrames: 100,
    distinctFramesCertain: 100,
  }
  const census = { ...CENSUS, spaces: [RUNNING, other] }
  assert.is(memory(3990 * FRAME, census), 'kept')
  assert.is(memory(4100 * FRAME, census), 'not-measurable: several-roots')
  assert.is(memory(4101 * FRAME, census), 'broken')
})

test('a root that only memory names proves nothing: not for the machine, not for another', () => {
  const idle: CountedSpace = { ...RUNNING, threads: [] }
  assert.is(memory(1, { ...CENSUS, spaces: [idle] }), 'not-measurable: not-running')
  // A VMCB of this machine, on no thread, that points at somebody else's root.
  const borrowed: Census = { ...CENSUS, candidates: [candidate('0x10fd65000', 'idle'), candidate('0x10fcaf000', 'idle')] }
  assert.is(memory(1, borrowed), 'not-measurable: not-running')
  // What such a root has may be this machine's all the same, so nothing below the sum is broken.
  const forged: CountedSpace = { ...RUNNING, root: '0x7000', threads: [], vmcbs: ['0x10fcaf000'] }
  assert.is(memory(8000 * FRAME, { ...CENSUS, spaces: [RUNNING, forged] }), 'not-measurable: several-roots')
  assert.is(memory(8000 * FRAME + 1, { ...CENSUS, spaces: [RUNNING, forged] }), 'broken')
})

test('no number without a census that is complete, and of spaces that are counted', () => {
  assert.is(memory(1, { ...CENSUS, status: 'partial' }), 'not-measurable: census-not-complete')
  const uncounted = { ...UNCOUNTED, vmcbs: ['0x10fd65000'], threads: [0] }
  assert.is(memory(1, { ...CENSUS, spaces: [uncounted] }), 'not-measurable: space-not-counted')
  const beside = { ...UNCOUNTED, vmcbs: ['0x10fcaf000'] }
  assert.is(memory(2 ** 40, { ...CENSUS, spaces: [RUNNING, beside] }), 'not-measurable: space-not-counted')
})

test('page size: the part of mapped bytes in large leaves, whatever their number', () => {
  const share = (part: number, atLeast: '4K' | '2M' | '1G' = '2M'): string =>
    first(promising({ pageSize: { atLeast, share: part } }), CENSUS, 'page size')
  assert.is(share(0.75), 'kept')
  assert.is(share(0.7501), 'broken')
  assert.is(share(1, '4K'), 'kept')
  assert.is(share(0.01, '1G'), 'broken')
  const empty = { ...RUNNING, leafEntries: { '4K': 0, '2M': 0, '1G': 0 }, mappedBytes: 0 }
  const sla = promising({ pageSize: { atLeast: '4K', share: 1 } })
  assert.is(first(sla, { ...CENSUS, spaces: [empty] }, 'page size'), 'not-measurable: nothing-mapped')
})

test('sharing: broken by one frame, unless it may be shared with nobody', () => {
  const forbidden = promising({ sharing: 'forbidden' })
  const one = { ...RUNNING, framesSharedWithOtherSpaces: 1 }
  const neighbour = { ...RUNNING, root: '0x9000', vmcbs: ['0xa000'], threads: [2] }
  assert.is(first(forbidden, CENSUS, 'sharing'), 'kept')
  assert.is(first(forbidden, { ...CENSUS, spaces: [one, neighbour] }, 'sharing'), 'broken')
  assert.is(first(promising({}), { ...CENSUS, spaces: [one, neighbour] }, 'sharing'), 'kept')
  const leftover = { ...neighbour, threads: [] }
  assert.is(first(forbidden, { ...CENSUS, spaces: [one, leftover] }, 'sharing'), 'not-measurable: leftover-spaces')
  const own = { ...one, root: '0xb000' }
  assert.is(first(forbidden, { ...CENSUS, spaces: [one, own] }, 'sharing'), 'not-measurable: several-roots')
})

test('one census tells nothing of time or of a tenant’s packets', () => {
  assert.is(first(SLA, CENSUS, 'cpu'), 'not-measurable: no-samples')
  assert.is(first(SLA, CENSUS, 'network'), 'not-measurable: no-counter')
})

test('the whole is broken if a promise is, and kept only if all are', () => {
  const verdict = (...sizes: readonly number[]): string =>
    judge(
      { ...SLA, vms: sizes.map((bytes, i) => ({ name: `${i}`, vmcbs: ['0x10fd65000'], memory: { bytes, sharing: 'allowed' } })) },
      { census: measuredFrom({ ...CENSUS, candidates: [candidate('0x10fd65000', 'running')] }) },
    ).verdict
  assert.is(verdict(1, 1), 'kept')
  assert.is(verdict(1, 3999 * FRAME), 'not-measurable')
  assert.is(verdict(1, 3999 * FRAME, 2 ** 40), 'broken')
})

test('every verdict is printed with its reason explained', () => {
  const text = renderJudgement(judge(SLA, { census: measuredFrom(CENSUS) }), { colour: false })
  assert.match(text, / web-1 {2}memory +67108864 bytes +at most 16384000 bytes +broken\n/)
  assert.match(text, /not measurable \(no-samples\)/)
  assert.match(text, / {2}no-samples: one instant tells no share of time/)
  assert.match(text, /SLA broken: 5 promises, 2 kept, 1 broken, 2 not measurable\.\n$/)
})

test.run()

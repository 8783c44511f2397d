// Made-up hosts: every way a space can fail to be counted, and what the census as a whole then says.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bootState, budgetFor, windowWords } from '../../src/measure/boot-state.ts'
import { describeMeasureFault, type MeasureFault } from '../../src/measure/fault.ts'
import { type MeasureOptions, measureImage } from '../../src/measure/measure-image.ts'
import { type Census, censusRecord } from '../../src/report/census.ts'
import { reportOf } from '../../src/proxy/census-report.ts'
import { renderCensus } from '../../src/report/census-table.ts'
import { Host, HOST_CPU } from './host.ts'

const FRAME = 4096
const table = (frame: number): bigint => (BigInt(frame) << 12n) | 7n

function censusOf(host: Host, options: MeasureOptions = {}): Census {
  const result = measureImage(host.memory(), host.machine(), options)
  if (!result.ok) throw new Error(describeMeasureFault(result.fault))
  return censusRecord.parse(result.census)
}
function faultOf(host: Host, options: MeasureOptions = {}): MeasureFault {
  const result = measureImage(host.memory(), host.machine(), options)
  if (result.ok) throw new Error(`measured: ${result.census.status}`)
  return result.fault
}
const statuses = (c: Census) => c.spaces.map(({ root, status }) => `${root} ${status}`)

/** A guest of CPU 0 in VMCB 0x80000, root 0x10000, with three 4K leaves of two frames. */
function oneGuest(): Host {
  const host = new Host()
  host.vmcb(0x80, { root: 0x10000n })
  host.enter(0, 0x80 * FRAME, 0x10000)
  host.entry(0x10, 0, table(0x11))
  host.entry(0x11, 0, table(0x12))
  host.entry(0x12, 0, table(0x13))
  host.entry(0x13, 0, table(0x900))
  host.entry(0x13, 7, table(0x900))
  host.entry(0x13, 8, table(0x901) & ~2n)
  return host
}

const image = suite('a census of an image')

image('one guest, counted', () => {
  const census = censusOf(oneGuest())
  assert.is(census.status, 'complete')
  assert.is(census.distinctFrames, 2)
  assert.equal(census.candidates, [
    {
      ...{ vmcb: '0x80000', root: '0x10000', asid: 1, nestedPaging: true, state: 'running' },
      ...{ startable: true, refusedFor: [], rootState: 'table', inside: null },
    },
  ])
  const [space] = census.spaces
  assert.equal(space!.threads, [0])
  assert.equal(space!.vmcbs, ['0x80000'])
  assert.equal(space!.leafEntries, { '4K': 3, '2M': 0, '1G': 0 })
  assert.is(space!.extraMappings, 1)
  assert.is(space!.tablePages, 4)
  assert.equal(space!.leafPermissions, { 'r--': 0, 'r-x': 1, 'rw-': 0, rwx: 2 })
})

image('any size of the bitmaps gives the same census', () => {
  const host = oneGuest()
  for (const bitmapBytes of [32, 64, 4096, 2 ** 20]) assert.equal(censusOf(host, { bitmapBytes }), censusOf(host))
})

image('a root that refers to itself ends as truncated, within seconds', () => {
  const host = oneGuest()
  host.vmcb(0x81, { root: 0x20000n })
  for (let i = 0; i < 512; i++) host.entry(0x20, i, table(0x20))
  const started = Date.now()
  const census = censusOf(host)
  assert.equal(statuses(census), ['0x10000 complete', '0x20000 truncated'])
  assert.is(census.status, 'complete', 'no thread runs in that space')
  assert.is(census.distinctFrames, 2)
  assert.ok(Date.now() - started < 30_000)
})

image('a running space that cannot be counted is the status of the census, which then has no total', () => {
  const absent = oneGuest()
  absent.entry(0x12, 1, table(0x700))
  const foreign = oneGuest()
  foreign.entry(0x12, 1, table(0x70_0000))
  const pae = oneGuest()
  pae.cpus = [{ ...HOST_CPU, cpu: 1, efer: 0x1000 }]
  pae.saveStates = []
  pae.enter(0, 0x80 * FRAME, 0x10000, { saved: false })
  pae.page(0x400).setBigUint64(0x4d0, 0x1000n, true)
  for (const [host, status] of [
    [absent, 'incomplete-image'],
    [foreign, 'foreign-table'],
    [pae, 'unsupported-mode'],
  ] as const) {
    const census = censusOf(host)
    assert.is(census.status, status)
    assert.equal(statuses(census), [`0x10000 ${status}`])
    assert.is(census.distinctFrames, null)
  }
  assert.is(censusOf(pae).spaces[0]!.levels, 3)
})

image("the depth of the tables is the host's, from the host save area", () => {
  const host = oneGuest()
  host.saveStates = []
  host.enter(0, 0x80 * FRAME, 0x30000, { cr4: 0x1020n })
  host.entry(0x30, 0, table(0x10))
  const census = censusOf(host)
  assert.equal(
    census.spaces.map(({ root, levels }) => `${root} ${levels}`),
    ['0x30000 5', '0x10000 5'],
  )
  assert.is(census.spaces[0]!.distinctFrames, 2)
})

image('without a host save area, another CPU or the machine file tells the depth', () => {
  const make = (la57: boolean | undefined, cpus: Host['cpus']): Host => {
    const host = oneGuest()
    host.saveStates = []
    host.cpus = cpus
    host.enter(0, 0x80 * FRAME, 0x10000)
    host.page(0x400).setBigUint64(0x558, 0n, true)
    host.hostLa57 = la57
    return host
  }
  assert.is(censusOf(make(undefined, [{ ...HOST_CPU, cpu: 1 }])).spaces[0]!.levels, 4)
  assert.is(censusOf(make(true, [])).spaces[0]!.levels, 5)
  assert.is(faultOf(make(undefined, [])).kind, 'host-mode-unknown')
})

image('nested paging off: listed, never walked', () => {
  const host = oneGuest()
  host.saveStates = []
  host.vmcb(0x80, { root: 0x10000n, nested: 0n })
  host.enter(0, 0x80 * FRAME, undefined)
  const census = censusOf(host)
  assert.is(census.status, 'shadow-paging')
  assert.equal(statuses(census), ['0x10000 shadow-paging'])
  assert.is(census.spaces[0]!.nestedPaging, false)
  assert.is(census.candidates[0]!.state, 'running')
})

image('a thread inside a guest of which no root is recorded', () => {
  const host = oneGuest()
  host.saveStates = []
  host.enter(0, 0x80 * FRAME, undefined)
  const census = censusOf(host)
  assert.is(census.status, 'unrecorded-root')
  assert.equal(statuses(census), ['0x10000 unrecorded-root', '0x10000 complete'])
  host.saveStates = []
  assert.is(censusOf(host).status, 'unrecorded-root')
})

image('a decoy in VMCB memory does not replace the root of the save state', () => {
  const host = oneGuest()
  host.vmcb(0x80, { root: 0x20000n })
  host.page(0x20)
  const census = censusOf(host)
  assert.equal(statuses(census), ['0x10000 complete', '0x20000 complete'])
  assert.is(census.status, 'root-mismatch')
  assert.equal(
    census.spaces.map(({ vmcbs }) => vmcbs),
    [['0x80000'], ['0x80000']],
  )
})

image('a nested CR3 that VMRUN refuses is not followed', () => {
  const host = oneGuest()
  host.vmcb(0x80, { root: 0xffff_ffff_ffff_f000n })
  const census = censusOf(host)
  assert.equal(statuses(census), ['0x10000 complete'])
  assert.is(census.status, 'root-mismatch')
})

image('VMCBs that no CPU runs: idle, never run', () => {
  const host = oneGuest()
  host.vmcb(0x90, { root: 0x10000n, asid: 5 })
  host.vmcb(0x91, { root: 0n, asid: 0 })
  host.vmcb(0x92, { nested: 0n })
  const census = censusOf(host)
  assert.equal(
    census.candidates.map(({ state }) => state),
    ['running', 'idle', 'never-run', 'nested-paging-off'],
  )
  assert.equal(census.spaces.find(({ root }) => root === '0x10000')!.vmcbs, ['0x80000', '0x90000'])
})

image('VMCBs outside RAM, and pages that look nearly like one, are not found', () => {
  const host = oneGuest()
  host.dram = [{ start: 0x800, end: 0x9f_ffff }]
  host.vmcb(0x9ff, { root: 0x10000n })
  host.vmcb(0x0, { root: 0x10000n })
  const spoil: readonly [number, bigint][] = [
    [0x10, 0n],
    [0x4d0, 0n],
    [0x4d0, 0x1002n],
    [0x558, 0x2000_0010n],
    [0x558, 0x1_0000_0010n],
    [0x560, 1n << 32n],
    [0x040, 1n << 40n],
    [0x0b0, 1n << 40n],
  ]
  for (const [i, [offset, value]] of spoil.entries()) {
    host.vmcb(0xa0 + i)
    host.page(0xa0 + i).setBigUint64(offset, value, true)
    // A permission map that nothing consults may lie anywhere, for all that the manual says.
    if (offset === 0x040) host.page(0xa0 + i).setUint32(0x00c, 1 << 27, true)
  }
  assert.equal(
    censusOf(host).candidates.map(({ vmcb }) => vmcb),
    ['0x80000'],
  )
})

image('a guest that runs with GMET makes certain and possible counts differ', () => {
  const host = oneGuest()
  host.vmcb(0x80, { root: 0x10000n, nested: 9n })
  host.entry(0x13, 9, table(0x902) & ~4n)
  const [space] = censusOf(host).spaces
  assert.is(space!.distinctFrames, 3)
  assert.is(space!.distinctFramesCertain, 2)
})

image(
  'CPUs that the machine file leaves out: the handler ends as partial before it reads anything, and a report has nothing',
  () => {
    const host = oneGuest()
    host.threads = 2
    const result = measureImage(host.memory(), host.machine())
    if (!result.ok) throw new Error(result.fault.kind)
    const { census, steps } = result
    assert.is(census.status, 'partial')
    assert.ok(steps.some(({ procedure }) => procedure === 'gather'))
    assert.not.ok(steps.some(({ procedure, phase }) => procedure === 'discover' || phase === 'checking' || phase === 'measuring'))

    // What the image shows all the same is there, and is said to be no report.
    assert.equal(statuses(census), ['0x10000 complete'])
    assert.match(
      renderCensus(census, { colour: false }),
      /^The handler reports nothing of what follows: not every hardware thread took part/,
    )
    const report = reportOf(census, {
      ...{ nonce: { proxy: 1n, counter: 1n, random: 1n }, platform: '0'.repeat(32), sequence: 1n },
      ...{ threads: { expected: 2, arrived: 1 }, samples: [{ thread: 0, delay: 1, in: 'guest', vmcb: '0x80000' }] },
    })
    assert.equal([report.status, report.spaces, report.samples], ['partial', [], []])
  },
)

image('whatever else keeps a census from being complete, threads that are missing come first', () => {
  const host = oneGuest()
  host.threads = 2
  host.entry(0x12, 1, table(0x50_0000))
  assert.is(censusOf(host).status, 'partial')
  host.threads = 1
  assert.is(censusOf(host).status, 'foreign-table')
  const report = reportOf(censusOf(host), {
    ...{ nonce: { proxy: 1n, counter: 1n, random: 1n }, platform: '0'.repeat(32), sequence: 1n },
    ...{ threads: { expected: 1, arrived: 1 }, samples: [{ thread: 0, delay: 1, in: 'guest', vmcb: '0x80000' }] },
  })
  assert.is(report.spaces.length, 1)
  assert.is(report.samples.length, 1)
  assert.not.match(renderCensus(censusOf(host), { colour: false }), /reports nothing/)
})

image('the budget of a walk grows with RAM, up to a bound that no real machine reaches', () => {
  const of = (bytes: number) => {
    const host = new Host()
    host.dram = [{ start: 0, end: bytes }]
    const boot = bootState(host.machine())
    if ('kind' in boot) throw new Error(boot.kind)
    return budgetFor(boot, windowWords(boot, undefined) as number)
  }
  // Two rounds over one window: every entry of every frame, eight words a frame, the bitmap four times.
  assert.is(of(2 ** 24), 2 * (512 * 4096 + 8 * 4096 + 4 * 64))
  assert.is(of(2 ** 28), 2 * (2 ** 24 + 8 * 2 ** 16 + 4 * 2 ** 10))
})

image('with --vmcb there is no scan; what save states name is there all the same', () => {
  const host = oneGuest()
  host.vmcb(0x90, { root: 0x10000n, asid: 5 })
  host.vmcb(0x91, { root: 0x10000n, asid: 6 })
  const census = censusOf(host, { vmcbs: [0x91 * FRAME] })
  assert.equal(
    census.candidates.map(({ vmcb }) => vmcb),
    ['0x80000', '0x91000'],
  )
})

image('a thread inside a VMCB that is not in RAM is not measured', () => {
  const host = oneGuest()
  host.dram = [{ start: 0, end: 0x7_f000 }]
  const census = censusOf(host)
  assert.is(census.status, 'vmcb-outside-dram')
  assert.equal(statuses(census), ['0x10000 vmcb-outside-dram', '0x10000 complete'], 'as a candidate it is')
})

image('impossible input is a fault with one sentence', () => {
  const fault = (options: MeasureOptions, change: (h: Host) => void = () => undefined) => {
    const host = oneGuest()
    change(host)
    const of = faultOf(host, options)
    assert.match(describeMeasureFault(of), /^[^\n]+\.$/)
    return of.kind
  }
  assert.is(fault({ vmcbs: [0x80001] }), 'vmcb-misaligned')
  assert.is(fault({ vmcbs: [2 ** 40] }), 'vmcb-too-wide')
  assert.is(fault({ vmcbs: [0x99 * FRAME] }), 'vmcb-absent')
  assert.is(
    fault({ vmcbs: [0x90 * FRAME] }, (h) => h.vmcb(0x90, { root: 1n << 41n })),
    'vmcb-bad-root',
  )
  for (const bitmapBytes of [-32, 0, 31, 48, 2 ** 31]) assert.is(fault({ bitmapBytes }), 'bitmap-bytes')
  const dram = (start: number, end: number) => (h: Host) => {
    h.dram = [{ start, end }]
  }
  assert.is(fault({}, dram(1, 4096)), 'no-whole-frame')
  assert.is(
    fault({}, (h) => {
      h.maxphyaddr = 32
    }),
    'narrow-addresses',
  )
})
image.run()

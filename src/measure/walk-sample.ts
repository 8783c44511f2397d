// The memory that a run of walkTable finds, as a sample state: its tables where they are, the rest of a tree above them, a control block that
// names its root, and one thread inside.
// Leaves out: what is no memory of one moment (memory that changes, an earlier walk, a budget), encryption, processors without 1-GiB pages.

import type { PlainTable, PlainValue } from '../executor/simulation/record.ts'
import { type Sample, SamplePlatform } from './sample.ts'

/** Where the rest of the tree goes: DRAM that the run does not know of. */
const REST = 0x2_0000
const REST_FRAMES = 16
const FLAGS = 7n
const PS = 0x80n
const NESTED_CONTROL = 0x90
const GMET = 8n

/** @param state of the run's beginning, by names of cells @returns why no image shows it, if none does */
export function sampleOfWalk(procedure: string, state: ReadonlyMap<string, PlainValue>): Sample | string {
  const level = Number(/^walkTable([1-5])$/.exec(procedure)?.[1])
  if (!(level >= 1))
    return `${procedure} looks at the handler's own SMRAM, which an image of ordinary memory does not hold; runs of walkTable have one`
  const number = (name: string): number => Number((state.get(name) as bigint | undefined) ?? 0n)
  const table = (name: string): PlainTable => (state.get(name) as PlainTable | undefined) ?? { otherwise: 0n, entries: new Map() }
  const words = [...table('memory').entries] as [bigint, bigint][]
  if (state.has('answers of memory')) return 'its memory changes between two reads, and an image is one moment'
  if (number('config.cBit') !== 0) return 'its memory is encrypted, and an image does not say through which bit'
  if (number('census.space') !== 0) return 'another space was walked before, and the trace does not tell its tables'
  if (number('config.budget') < 512) return 'the budget of the walk decides, and that is not in memory'
  const width = (mask: string) => number(mask).toString(2).length
  if (width('config.guestPages') + 12 !== width('config.physMask'))
    return 'guest and host addresses differ in width, which a machine file cannot say'
  if (level === 3 && state.get('config.page1g') !== true && words.some(([, value]) => (value & PS) !== 0n))
    return 'the processor has no 1-GiB pages, which a machine file cannot say'
  const p = new SamplePlatform(REST)
  const [first, last] = [table('bootMap.first'), table('bootMap.last')].map((t) => Number(t.entries.get(0n) ?? t.otherwise)) as [
    number,
    number,
  ]
  p.maxphyaddr = width('config.physMask')
  p.dram = [
    { first, last },
    { first: REST, last: REST + REST_FRAMES - 1 },
  ]
  p.smram = { first: number('config.smramFirst'), last: number('config.smramLast') }
  for (const [word, value] of words) p.write(Number(word >> 9n), Number(word & 511n), value)
  const [base, walked] = [number(`${procedure}.base`), number(`${procedure}.table`)]
  const vm = p.vm(base >= 2 ** 36 ? 5 : 4)
  if (level >= vm.levels) return 'the walked table is a root'
  const slot = Math.floor(base / 512 ** level) % 512
  p.write(vm.tableFor(base, level + 1), slot, (BigInt(walked) << 12n) | FLAGS)
  const vmcb = p.vmcb(vm)
  // An image tells that the processor has GMET by a guest that uses it (VMCB 090h bit 3).
  if (state.get('config.gmetCapable') === true) p.write(vmcb, NESTED_CONTROL / 8, p.read(vmcb, NESTED_CONTROL / 8) | GMET)
  p.inside(vmcb, vm)
  const { maxphyaddr, dram, smram, memory, threads, boot, knows } = p
  return {
    kind: 'sample',
    name: procedure,
    about: 'the memory that a walk finds',
    maxphyaddr,
    dram,
    smram,
    memory,
    threads,
    boot,
    knows,
  }
}

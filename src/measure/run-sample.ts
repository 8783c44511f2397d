// A state of platform and handler as a sample state: the control blocks that threads run guests from, their root tables, and whatever else
// the run says of memory, for `replay --image`.
// Covers: ordinary memory, who is inside which guest, on the root that the processor uses.
// Leaves out: TSeg, which no image of a host holds; memory that the run does not mention, which is taken for absent.

import type { PlainTable, PlainValue } from '../executor/simulation/record.ts'
import { dram } from '../x86/dram.ts'
import { guest } from '../x86/modes.ts'
import { hostCr0, hostCr4, hostEfer, tableInUse, vmcbPa } from '../x86/svm-state.ts'
import { type Sample, SamplePlatform } from './sample.ts'

/** As the example machine has them. */
const MAXPHYADDR = 48
const THREADS = 2
const TSEG = { first: 0x7_f000, last: 0x7_ffff }
const ROOT = 0xf_ffff_ffff_f000n
const WORDS = 512
/** Of the save area at FED8h: in a guest with nested paging, and in one without. */
const [NESTED, SHADOW] = [6n, 2n]

/** @param state of the run, by names of variables @returns why no image shows it, if none does */
export function sampleOfRun(state: ReadonlyMap<string, PlainValue>): Sample | string {
  const table = ({ name }: { readonly name: string }): PlainTable =>
    (state.get(name) as PlainTable | undefined) ?? { otherwise: 0n, entries: new Map() }
  const at = (of: { readonly name: string }, t: bigint): bigint | boolean => {
    const { entries, otherwise } = table(of)
    return entries.get(t) ?? otherwise
  }
  const p = new SamplePlatform()
  p.maxphyaddr = MAXPHYADDR
  p.smram = TSEG
  const frames = new Set<number>()
  for (let t = 0n; t < THREADS; t++) {
    if (at(guest, t) !== true) {
      p.inHost()
      continue
    }
    const [vmcb, root] = [at(vmcbPa, t) as bigint, (at(tableInUse('N_CR3'), t) as bigint) & ROOT]
    const isNested = at(tableInUse('NP_ENABLE'), t) === 1n
    frames.add(Number(vmcb >> 12n))
    if (isNested) frames.add(Number(root >> 12n))
    const [cr0, cr4, efer] = [hostCr0, hostCr4, hostEfer].map((of) => at(of, t) as bigint) as [bigint, bigint, bigint]
    const recorded = { state: isNested ? NESTED : SHADOW, vmcb, ff38: isNested ? root : 0n }
    p.threads.push({ arrives: true, saved: { ...recorded, hostCr0: cr0, hostCr4: cr4, hostEfer: efer } })
  }
  if (frames.size === 0)
    return 'no thread is in a guest then, so no control block and no nested table lies in memory; --at N chooses another state'
  const { entries, otherwise } = table(dram)
  for (const word of entries.keys()) frames.add(Number(word >> 9n))
  const kept = [...frames].filter((f) => f < TSEG.first).sort((a, b) => a - b)
  for (const frame of kept)
    for (let n = 0; n < WORDS; n++) {
      const value = (entries.get(BigInt(frame) * BigInt(WORDS) + BigInt(n)) ?? otherwise) as bigint
      if (value !== 0n) p.write(frame, n, value)
    }
  p.dram = kept.map((frame) => ({ first: frame, last: frame }))
  const { maxphyaddr, smram, memory, threads, boot, knows } = p
  return {
    ...{ kind: 'sample', name: 'run', about: 'memory after a step of a run' },
    ...{ maxphyaddr, dram: p.dram, smram, memory, threads, boot, knows },
  }
}

// The whole handler on a sample state: the procedures that run on an image, with the threads, registers and SMRAM that the sample has.

import { PAGE_BYTES, type PhysicalMemory } from '../executor/image/memory.ts'
import type { Machine, SaveState } from '../executor/machine.ts'
import { measureImage, type MeasureResult } from './measure-image.ts'
import type { Sample } from './sample.ts'

export function measureSample(sample: Sample): MeasureResult {
  const { threads, boot, knows, smram } = sample
  return measureImage(memoryOf(sample), machineOf(sample), { host: { threads, boot, knows, smram } })
}

/** Every frame of DRAM is there; what the sample does not write is zero. */
export function memoryOf({ dram, memory }: Sample): PhysicalMemory {
  const zero = new DataView(new ArrayBuffer(PAGE_BYTES))
  const pages = new Map(
    [...memory].map(([frame, words]) => {
      const view = new DataView(new ArrayBuffer(PAGE_BYTES))
      for (const [slot, value] of words) view.setBigUint64(8 * slot, BigInt.asUintN(64, value), true)
      return [frame, view]
    }),
  )
  const page = (frame: number): DataView | undefined =>
    dram.some(({ first, last }) => first <= frame && frame <= last) ? (pages.get(frame) ?? zero) : undefined
  return {
    format: 'raw',
    ranges: dram.map(({ first, last }) => ({ start: first * PAGE_BYTES, end: (last + 1) * PAGE_BYTES })),
    read64: (pa) => page(Math.floor(pa / PAGE_BYTES))?.getBigUint64(pa % PAGE_BYTES, true),
    page,
    copy: (frame, into) => {
      const found = page(frame)
      if (found !== undefined) into.set(new Uint8Array(found.buffer))
      return found === undefined ? 0 : 1
    },
    *frames() {
      for (const { first, last } of dram) for (let frame = first; frame <= last; frame++) yield frame
    },
    close: () => undefined,
  }
}

const GUEST = { cr0: 0x11, cr3: 0, cr4: 0, efer: 0x1000 }
/** A 64-bit host with paging on. */
const HOST = { cr0: 0x8005_0033, cr3: 0x1000, efer: 0x1d01 }

/** The same as a machine file would tell it. */
export function machineOf({ maxphyaddr, dram, threads }: Sample): Machine {
  const inside = threads.map(({ saved }) => ((saved?.state ?? 0n) & 7n) !== 0n)
  const saveStates = threads.flatMap(({ saved }, cpu): SaveState[] => {
    if (!inside[cpu]) return []
    const nestedCr3 = Number(saved?.ff38 ?? 0n)
    return [{ cpu, vmcb: Number(saved?.vmcb ?? 0n), ...(nestedCr3 === 0 ? {} : { nestedCr3 }) }]
  })
  const five = threads.some(({ saved }) => ((saved?.hostCr4 ?? 0n) & 0x1000n) !== 0n)
  return {
    threads: threads.length,
    maxphyaddr,
    hostLa57: five,
    dram: dram.map(({ first, last }) => ({ start: first * PAGE_BYTES, end: (last + 1) * PAGE_BYTES })),
    cpus: threads.map((_, cpu) =>
      inside[cpu] === true ? { cpu, inGuest: true, ...GUEST } : { cpu, inGuest: false, ...HOST, cr4: five ? 0x1020 : 0x20 },
    ),
    saveStates,
  }
}

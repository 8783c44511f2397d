// A sample state as a memory image (ELF64 core, addresses physical and the same as virtual ones, so that debuggers find them) and the machine
// file that goes with it.

import { machineOf, memoryOf } from './measure-sample.ts'
import type { Sample } from './sample.ts'

const PAGE = 4096
const HEADER = 64
const PROGRAM = 56
const PT_LOAD = 1
const ET_CORE = 4
const EM_X86_64 = 62

/** Every frame of DRAM, and those outside of it that the sample writes. */
export function elfOf(sample: Sample): Uint8Array {
  const memory = memoryOf({ ...sample, dram: rangesOf(sample) })
  const frames = [...memory.frames()]
  const runs: { first: number; count: number }[] = []
  for (const frame of frames) {
    const last = runs.at(-1)
    if (last !== undefined && last.first + last.count === frame) last.count++
    else runs.push({ first: frame, count: 1 })
  }
  const begin = Math.ceil((HEADER + PROGRAM * runs.length) / PAGE) * PAGE
  const bytes = new Uint8Array(begin + PAGE * frames.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setUint16(16, ET_CORE, true)
  view.setUint16(18, EM_X86_64, true)
  view.setUint32(20, 1, true)
  view.setBigUint64(32, BigInt(HEADER), true)
  view.setUint16(52, HEADER, true)
  view.setUint16(54, PROGRAM, true)
  view.setUint16(56, runs.length, true)
  let offset = begin
  for (const [n, { first, count }] of runs.entries()) {
    const at = HEADER + PROGRAM * n
    view.setUint32(at, PT_LOAD, true)
    view.setUint32(at + 4, 6, true)
    const fields = [offset, first * PAGE, first * PAGE, count * PAGE, count * PAGE, PAGE]
    for (const [i, value] of fields.entries()) view.setBigUint64(at + 8 + 8 * i, BigInt(value), true)
    for (let frame = first; frame < first + count; frame++, offset += PAGE)
      memory.copy(frame, bytes.subarray(offset, offset + PAGE))
  }
  return bytes
}

function rangesOf({ dram, memory }: Sample): Sample['dram'] {
  const inside = (frame: number): boolean => dram.some(({ first, last }) => first <= frame && frame <= last)
  const others = [...memory.keys()].filter((frame) => !inside(frame)).map((frame) => ({ first: frame, last: frame }))
  return [...dram, ...others].sort((a, b) => a.first - b.first)
}

/** As `run --machine` takes it. */
export function machineFileOf(sample: Sample): object {
  const { threads, maxphyaddr, hostLa57, dram, cpus, saveStates } = machineOf(sample)
  return {
    machine: {
      cpus: threads,
      maxphyaddr,
      host_la57: hostLa57 === true ? 1 : 0,
      usable_ram: dram.map(({ start, end }) => [start, end]),
    },
    cpus: cpus.map(({ cpu, inGuest, cr0, cr3, cr4, efer }) => ({ cpu, in_guest: inGuest, cr0, cr3, cr4, efer })),
    emulator_only: saveStates.map(({ cpu, vmcb, nestedCr3 }) => ({
      cpu,
      current_vmcb_pa: vmcb,
      active_nested_cr3: nestedCr3 ?? 0,
    })),
  }
}

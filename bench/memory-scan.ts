// A made-up image of 1 GiB on disk for the memory scan: pages of zeros, of small numbers, of noise, and a few VMCBs; and a plain read of
// the same bytes to compare with.

import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { openImage } from '../src/executor/image/open.ts'
import type { Machine } from '../src/executor/machine.ts'
import { bootState } from '../src/measure/boot-state.ts'
import { isFault } from '../src/measure/fault.ts'
import { scanImage } from '../src/measure/scan-image.ts'
import { byteOffset } from '../src/x86/area.ts'
import { vmcbControl, vmcbSave } from '../src/x86/vmcb.ts'

export const SCANNED_BYTES = 2 ** 30
const PAGE = 4096
const CHUNK = 2 ** 20
const PAGES_PER_CHUNK = CHUNK / PAGE
/** One VMCB in each chunk. */
const VMCBS = SCANNED_BYTES / CHUNK

function fill(chunk: Uint8Array, seed: number): void {
  const words = new Uint32Array(chunk.buffer)
  let x = seed * 2654435761 + 1
  const next = (): number => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return x
  }
  for (let page = 0; page < PAGES_PER_CHUNK; page++) {
    const from = page * (PAGE / 4)
    const kind = page % 8
    // Three in eight of zeros, three of small numbers as in tables and text, two of noise as in compressed and encrypted pages.
    for (let i = 0; i < PAGE / 4; i++) words[from + i] = kind < 3 ? 0 : kind < 6 ? next() & 0x7f : next()
  }
  const vmcb = new DataView(chunk.buffer, (seed % PAGES_PER_CHUNK) * PAGE, PAGE)
  for (let i = 0; i < PAGE; i++) vmcb.setUint8(i, 0)
  vmcb.setUint8(0x10, 1)
  vmcb.setUint32(byteOffset(vmcbControl.fields.ASID), 1, true)
  vmcb.setBigUint64(byteOffset(vmcbSave.fields.EFER), 0x1000n, true)
}

/** Writes the image. */
export function writeScanImage(path: string): void {
  const file = openSync(path, 'w')
  const chunk = new Uint8Array(CHUNK)
  for (let i = 0; i < SCANNED_BYTES / CHUNK; i++) {
    fill(chunk, i)
    writeSync(file, chunk)
  }
  closeSync(file)
}

/** Reads the image once, a word of each page looked at. */
export function plainRead(path: string): void {
  const file = openSync(path, 'r')
  const chunk = new Uint8Array(CHUNK)
  const words = new Uint32Array(chunk.buffer)
  let sum = 0
  for (let n = readSync(file, chunk, 0, CHUNK, null); n > 0; n = readSync(file, chunk, 0, CHUNK, null))
    for (let i = 0; i < n / 4; i += PAGE / 4) sum ^= words[i]!
  closeSync(file)
  if (sum === 1) throw new Error('so that the words are looked at')
}

const machine: Machine = {
  threads: 1,
  maxphyaddr: 40,
  dram: [{ start: 0, end: SCANNED_BYTES }],
  cpus: [],
  saveStates: [],
}

/** Prepares a search of the image; each call of what it returns searches all of it. @throws Error when it does not find what is there. */
export async function memoryScan(path: string): Promise<() => void> {
  const boot = bootState(machine)
  if (isFault(boot)) throw new Error(boot.kind)
  const image = await openImage(path, { format: 'raw' })
  if (!image.ok) throw new Error(image.error.kind)
  return () => {
    const { candidates, frames } = scanImage(image.memory, boot)
    if (candidates.length !== VMCBS || frames * PAGE !== SCANNED_BYTES)
      throw new Error(`${candidates.length} candidates in ${frames} frames`)
  }
}

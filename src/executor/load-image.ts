// Untrusted memory of a compiled procedure, from a memory image.

import type { Load } from './execution.ts'
import { PAGE_BYTES, type PhysicalMemory } from './image/memory.ts'
import { numberOfLimb } from './limbs.ts'

const WORDS = PAGE_BYTES / 8

export function loadImage(memory: PhysicalMemory): Load {
  // A table's entries are read in turn.
  let frame = -1
  let page: DataView | undefined
  return (index, word) => {
    const wanted = Math.floor(index / WORDS)
    if (wanted !== frame) {
      frame = wanted
      page = memory.page(wanted)
    }
    if (page === undefined) return loadFromPart(memory, index, word)
    const at = (index - wanted * WORDS) * 8
    word[0] = page.getInt32(at, true)
    word[1] = page.getInt32(at + 4, true)
    return true
  }
}

const STRETCH_BYTES = 1 << 20

/** The same for who goes through memory from end to end: no page is kept, and the image is read in long stretches. */
export function loadInTurn(memory: PhysicalMemory): Load {
  const bytes = new Uint8Array(STRETCH_BYTES)
  const view = new DataView(bytes.buffer)
  let [first, end] = [0, 0]
  return (index, word) => {
    const frame = Math.floor(index / WORDS)
    if (frame < first || frame >= end) {
      first = frame
      end = frame + memory.copy(frame, bytes)
      if (end === first) return loadFromPart(memory, index, word)
    }
    const at = (index - first * WORDS) * 8
    word[0] = view.getInt32(at, true)
    word[1] = view.getInt32(at + 4, true)
    return true
  }
}

/** A page of which the image has a part, or nothing. */
function loadFromPart(memory: PhysicalMemory, index: number, word: Int32Array): boolean {
  const value = memory.read64(index * 8)
  if (value === undefined) return false
  word[0] = numberOfLimb(value, 0)
  word[1] = numberOfLimb(value, 1)
  return true
}

// A smaller run that fails in the same way: memory words and entry values are set to zero, then single bits are cleared, as
// long as the failure stays. What is left is what matters, so a person can read it.

import type { Cell } from '../model/cell.ts'
import { ArrayValue, defaultValue, type Value } from '../model/evaluate.ts'
import type { MemoryImage } from '../model/interpreter.ts'

/** The answers of memory: by word, or in the order of asking when they change from read to read. */
export type Answers = ReadonlyMap<bigint, bigint>

export interface Case {
  readonly entry: ReadonlyMap<Cell, Value>
  readonly racing: boolean
  /** By word number, or by the position in the order of reads for a racing memory. */
  readonly answers: Answers
  /** Cells of the entry that stay as they are. */
  readonly fixed?: ReadonlySet<Cell>
}

export function memoryOfCase({ racing, answers }: Pick<Case, 'racing' | 'answers'>): MemoryImage {
  if (!racing) return { get: (word) => answers.get(word) ?? 0n }
  let n = 0n
  return { get: () => answers.get(n++) ?? 0n }
}

/** @param fails runs a case and says whether it fails as the first one did. @param isOver whether to stop. */
export function shrink(start: Case, fails: (c: Case) => boolean, isOver: () => boolean): Case {
  let best = start
  const attempt = (next: Case): boolean => {
    if (isOver() || !fails(next)) return false
    best = next
    return true
  }
  const now = () => best
  for (let changed = true; changed && !isOver(); ) {
    changed = zeroAnswers(now, attempt)
    if (!best.racing && moveAnswers(now, attempt)) changed = true
    if (zeroCells(now, attempt)) changed = true
    for (const [key, value] of best.answers)
      if (clearBits(value, (v) => attempt({ ...best, answers: new Map(best.answers).set(key, v) }))) changed = true
    for (const cell of best.entry.keys()) if (!best.fixed?.has(cell) && shrinkCell(now, cell, attempt)) changed = true
  }
  return best
}

type Attempt = (next: Case) => boolean

const zeroAnswers = (now: () => Case, attempt: Attempt): boolean =>
  inGroups(
    () => [...now().answers].filter(([, value]) => value !== 0n).map(([key]) => key),
    (keys) => {
      const answers = new Map(now().answers)
      for (const key of keys) answers.delete(key)
      return attempt({ ...now(), answers })
    },
  )

const zeroCells = (now: () => Case, attempt: Attempt): boolean =>
  inGroups(
    () => [...now().entry].filter(([cell, value]) => !isNothing(value) && !now().fixed?.has(cell)).map(([cell]) => cell),
    (cells) => {
      const entry = new Map(now().entry)
      for (const cell of cells) entry.set(cell, defaultValue(cell.sort))
      return attempt({ ...now(), entry })
    },
  )

/** Words to the front of their 4-KiB page: what a loop reaches early makes a short run. */
function moveAnswers(now: () => Case, attempt: Attempt): boolean {
  let changed = false
  for (const [key, value] of now().answers) {
    let place = key
    for (let bit = 256n; bit > 0n && value !== 0n; bit >>= 1n) {
      const target = place & ~bit
      if (target === place || (now().answers.get(target) ?? 0n) !== 0n) continue
      const answers = new Map(now().answers).set(target, value)
      answers.delete(place)
      if (!attempt({ ...now(), answers })) continue
      place = target
      changed = true
    }
  }
  return changed
}

/** Delta debugging: halves of what there is at once, then quarters, and so on down to single ones. */
function inGroups<T>(present: () => readonly T[], drop: (some: readonly T[]) => boolean): boolean {
  let changed = false
  for (let parts = 2; ; parts *= 2) {
    const items = present()
    const size = Math.max(1, Math.ceil(items.length / parts))
    for (let i = 0; i < items.length; i += size) if (drop(items.slice(i, i + size))) changed = true
    if (size === 1) return changed
  }
}

const isNothing = (value: Value): boolean =>
  value === false || value === 0n || (value instanceof ArrayValue && value.entries.size === 0)

/** Smaller, where zero is too small. */
function shrinkCell(now: () => Case, cell: Cell, attempt: Attempt): boolean {
  const set = (v: Value): boolean => attempt({ ...now(), entry: new Map(now().entry).set(cell, v) })
  const value = now().entry.get(cell)
  if (typeof value === 'bigint') return [clearBits(value, set), lowerBit(now().entry.get(cell) as bigint, set)].includes(true)
  if (!(value instanceof ArrayValue)) return false
  let changed = false
  for (const index of value.entries.keys()) {
    const array = now().entry.get(cell) as ArrayValue
    const without = new Map(array.entries)
    without.delete(index)
    if (set(new ArrayValue(array.otherwise, without))) changed = true
    else {
      const element = array.get(index)
      const withElement = (v: bigint) => set(new ArrayValue(array.otherwise, new Map(array.entries).set(index, v)))
      if (typeof element === 'bigint' && clearBits(element, withElement)) changed = true
    }
  }
  return changed
}

/** A lone bit as low as it can be: of two threads the second is as good as the 257th. */
function lowerBit(value: bigint, set: (v: bigint) => boolean): boolean {
  if (value === 0n || (value & (value - 1n)) !== 0n) return false
  for (let bit = 1n; bit < value; bit <<= 1n) if (set(bit)) return true
  return false
}

/** The value with one set bit after the other cleared, from the highest; the last one stays. */
function clearBits(value: bigint, set: (v: bigint) => boolean): boolean {
  let [now, changed] = [value, false]
  for (let bit = 1n << BigInt(value.toString(2).length - 1); bit > 0n; bit >>= 1n)
    if ((now & bit) !== 0n && now !== bit && set(now & ~bit)) {
      now &= ~bit
      changed = true
    }
  return changed
}

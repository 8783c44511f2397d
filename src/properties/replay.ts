// From a counter-model to a concrete run: the boot map of a model is arbitrary beyond the ranges that the proof mentioned, so
// a run gets the mentioned, well-formed ranges only. And how a table entry that a run read is shown, by field names.

import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { MemoryImage, ReadEvent } from '../model/interpreter.ts'
import type { Procedure } from '../model/procedure.ts'
import type { Replay } from '../prover/claim.ts'
import { entryLayouts } from '../x86/paging.ts'
import { bootMap, config, watched } from '../smm/cells.ts'

interface Range {
  readonly first: bigint
  readonly last: bigint
}

const numberIn = (state: ReadonlyMap<Cell, Value>, cell: Cell): bigint => (state.get(cell) as bigint | undefined) ?? 0n
const arrayIn = (state: ReadonlyMap<Cell, Value>, cell: Cell): ArrayValue => {
  const value = state.get(cell)
  return value instanceof ArrayValue ? value : new ArrayValue(0n)
}

/** The model's ranges that are well formed, ascending and apart. */
function rangesOf(state: ReadonlyMap<Cell, Value>): readonly Range[] {
  const [first, last] = [arrayIn(state, bootMap.first), arrayIn(state, bootMap.last)]
  const count = numberIn(state, bootMap.ranges)
  const most = numberIn(state, config.physMask) >> 12n
  const [low, high] = [numberIn(state, config.smramFirst), numberIn(state, config.smramLast)]
  const indices = new Set([...first.entries.keys(), ...last.entries.keys()])
  const all = [...indices].filter((i) => i < count).map((i) => ({ first: first.get(i) as bigint, last: last.get(i) as bigint }))
  const sound = all.filter((r) => r.first <= r.last && r.last <= most && (r.last < low || high < r.first))
  sound.sort((a, b) => (a.first < b.first ? -1 : 1))
  const out: Range[] = []
  for (const r of sound) if (out.length === 0 || out[out.length - 1]!.last < r.first) out.push(r)
  return out
}

function complete(procedure: Procedure, state: Map<Cell, Value>): void {
  const ranges = rangesOf(state)
  const array = (pick: (r: Range) => bigint) => new ArrayValue(0n, new Map(ranges.map((r, i) => [BigInt(i), pick(r)])))
  const holding = (frame: bigint): bigint => {
    const i = ranges.findIndex((r) => r.first <= frame && frame <= r.last)
    return BigInt(i === -1 ? ranges.length : i)
  }
  state.set(bootMap.ranges, BigInt(ranges.length))
  state.set(
    bootMap.first,
    array((r) => r.first),
  )
  state.set(
    bootMap.last,
    array((r) => r.last),
  )
  state.set(watched.fRange, holding(numberIn(state, watched.f)))
  const plain = (frame: bigint): bigint => frame & ~(numberIn(state, config.cBit) >> 12n)
  const param = (name: string) => procedure.params.find((c) => c.name === `${procedure.name}.${name}`)
  const [range, table] = [param('range'), param('table') ?? param('frame')]
  if (range !== undefined && table !== undefined) state.set(range, holding(plain(numberIn(state, table))))
}

/** Around a memory: the same with each present word copied to the next place, so that two entries say the same. */
function* variants(_procedure: Procedure, memory: MemoryImage): Generator<MemoryImage> {
  yield { get: (word) => doubled(memory, word) }
}
function doubled(memory: MemoryImage, word: bigint): bigint | undefined {
  const here = memory.get(word)
  const before = word % 512n === 0n ? undefined : memory.get(word - 1n)
  return here === undefined || (here & 1n) === 0n ? (before ?? here) : here
}

export const replay: Replay = { complete, variants }

/** `PTE: P=1 RW=1 Base=0x123`, for entries that walkTable read. */
export function explainRead({ procedure, value }: ReadEvent): string | undefined {
  const level = Number(/^walkTable(\d)$/.exec(procedure)?.[1])
  if (!(level >= 1 && level <= 5)) return undefined
  const { small, large } = entryLayouts('long5', level)
  const layout = large !== undefined && (value & 0x80n) !== 0n ? large : small
  return `${layout.name}: ${layout.show(value)}`
}

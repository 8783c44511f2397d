// Memories to run a procedure on, made around the values of a counter-model: the model's own, frozen ones whose other words
// are drawn from the model's numbers, and racing ones whose words change from read to read.
// Leaves out: anything that knows what a table entry is (a claim's `replay.variants` brings such memories).

import type { MemoryImage } from '../model/interpreter.ts'
import { mix64, Random } from './random.ts'

export interface Candidate {
  /** A fresh one for each run: some remember what they were asked. */
  readonly memory: () => MemoryImage
  readonly racing: boolean
}

/** Remembers every answer: by word, or in their order when they change from read to read. */
export class RecordedMemory implements MemoryImage {
  readonly answers = new Map<bigint, bigint>()
  private readonly memory: MemoryImage
  private readonly racing: boolean
  private asked = 0n

  constructor(candidate: Candidate) {
    this.memory = candidate.memory()
    this.racing = candidate.racing
  }
  get(word: bigint): bigint | undefined {
    const value = this.memory.get(word)
    const key = this.racing ? this.asked++ : word
    if (value !== undefined) this.answers.set(key, value)
    return value
  }
}

/** The given words; every other word is zero. */
export function memoryOf(words: ReadonlyMap<bigint, bigint>): MemoryImage {
  return { get: (word) => words.get(word) ?? 0n }
}

/** The word that is read first has this value, every other word is zero. */
export function firstRead(value: bigint): MemoryImage {
  let first: bigint | undefined
  return {
    get(word) {
      first ??= word
      return word === first ? value : 0n
    },
  }
}

/** Every word has this value. */
export function everywhere(value: bigint): MemoryImage {
  return { get: () => value }
}

/** The given words; every other word is one fixed draw from `pool`, zero, or a draw with one bit turned. */
export function frozenAround(words: ReadonlyMap<bigint, bigint>, pool: readonly bigint[], seed: bigint): MemoryImage {
  return { get: (word) => words.get(word) ?? draw(pool, mix64(seed ^ (word * 0x2545f4914f6cdd1dn))) }
}

/** Every read is a draw of its own. */
export function racingAround(pool: readonly bigint[], seed: bigint): MemoryImage {
  const random = new Random(seed)
  return { get: () => draw(pool, random.next64()) }
}

function draw(pool: readonly bigint[], noise: bigint): bigint {
  const choice = noise & 0xfn
  if (pool.length === 0 || choice < 3n) return 0n
  const value = pool[Number((noise >> 8n) % BigInt(pool.length))]!
  return choice < 13n ? value : value ^ (1n << ((noise >> 40n) & 63n))
}

// Seeded pseudo-random numbers for simulations: the same seed gives the same run.
// sfc32 (Doty-Humphrey, PractRand): 32-bit arithmetic only, which engines do without allocating.

import type { Chance } from '../../model/sampler.ts'

export class Random implements Chance {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(seed: number) {
    this.a = 0
    this.b = seed | 0
    this.c = Math.floor(seed / 2 ** 32) | 0
    for (let i = 0; i < 12; i++) this.next()
  }

  /** 32 bits, as a signed number. */
  next(): number {
    const out = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0
    return out
  }
  /** A whole number from 0 to `n - 1`. */
  below(n: number): number {
    return Math.floor(((this.next() >>> 0) / 2 ** 32) * n)
  }
  chance(probability: number): boolean {
    return (this.next() >>> 0) / 2 ** 32 < probability
  }
  /** @throws RangeError when there is nothing to pick from. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from')
    return items[this.below(items.length)]!
  }
  bits(width: number): bigint {
    let out = 0n
    for (let done = 0; done < width; done += 32) out = (out << 32n) | BigInt(this.next() >>> 0)
    return BigInt.asUintN(width, out)
  }
}

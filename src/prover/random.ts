// Seeded pseudo-random numbers for searches around counter-models: the same seed gives the same run.
// splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), state exposed as one bigint.

const MASK = (1n << 64n) - 1n

/** One step of splitmix64 as a function of its state: a good mix of 64 bits. */
export function mix64(state: bigint): bigint {
  let z = (state + 0x9e3779b97f4a7c15n) & MASK
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK
  return z ^ (z >> 31n)
}

export class Random {
  private state: bigint

  constructor(seed: number | bigint) {
    this.state = mix64(BigInt.asUintN(64, BigInt(seed)))
  }
  next64(): bigint {
    this.state = (this.state + 0x9e3779b97f4a7c15n) & MASK
    return mix64(this.state)
  }
  /** A whole number below `n`; the bias of the remainder is below n / 2^64. */
  below(n: number): number {
    return Number(this.next64() % BigInt(n))
  }
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)]
  }
}

// Choices: a stream of decisions from which test cases are built. A finite list of integers comes from fast-check (and so
// shrinks: fewer and smaller integers make smaller cases; an exhausted list always answers 0), an endless one from a seed.
// Leaves out: what is built from them (trees.ts, environments in naive.ts).

export class Choices {
  private readonly draw: () => number

  private constructor(draw: () => number) {
    this.draw = draw
  }

  static of(list: readonly number[]): Choices {
    let at = 0
    return new Choices(() => list[at++] ?? 0)
  }

  /** Endless, from a 32-bit seed (mulberry32: not uniform over all 32-bit values, good enough to pick test cases). */
  static seeded(seed: number): Choices {
    let state = seed | 0
    return new Choices(() => {
      state = (state + 0x6d2b79f5) | 0
      let t = Math.imul(state ^ (state >>> 15), 1 | state)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return (t ^ (t >>> 14)) >>> 0
    })
  }

  /** A whole number in 0..below-1. */
  below(below: number): number {
    return this.draw() % below
  }
  /** A whole number in from..to. */
  within(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent
  }
  bits(width: number): bigint {
    let out = 0n
    for (let done = 0; done < width; done += 16) out = (out << 16n) | BigInt(this.below(1 << 16))
    return out % 2n ** BigInt(width)
  }
  /** A value of `width` bits that rewriting rules care about: 0, 1, all ones, a power of two, a run of ones, or anything. */
  bitVector(width: number): bigint {
    const ones = (n: number) => 2n ** BigInt(n) - 1n
    switch (this.below(6)) {
      case 0:
        return 0n
      case 1:
        return 1n
      case 2:
        return ones(width)
      case 3:
        return 2n ** BigInt(this.below(width))
      case 4: {
        const low = this.below(width)
        return ones(this.within(1, width - low)) * 2n ** BigInt(low)
      }
      default:
        return this.bits(width)
    }
  }
  /** Mostly a few small widths, so that sub-terms meet again under one sort; else anything up to 70. */
  width(): number {
    return this.chance(30) ? this.within(1, 70) : this.pick([4, 1, 2, 8, 64])
  }
}

// Covers: random numbers from a seed, the same everywhere (mulberry32), and waiting times without a memory.

export interface Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number
  /** Exponential: how long one waits says nothing about how much longer. */
  readonly waiting: (mean: number) => number
}

export function seeded(seed: number): Random {
  let state = seed | 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { uniform, waiting: (mean) => -mean * Math.log(1 - uniform()) }
}

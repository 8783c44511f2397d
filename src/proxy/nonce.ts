// Covers: the nonce of a challenge: who asks, the how-many-th time, and 128 bits that nobody can foresee.
// A handler cannot remember all nonces that were ever used, but it can remember the last counter of each proxy.

import type { Reader, Writer } from './bytes.ts'

export interface Nonce {
  /** 64 bits. */
  readonly proxy: bigint
  /** 64 bits; strictly increasing for one proxy, from 1. */
  readonly counter: bigint
  /** 128 bits. */
  readonly random: bigint
}
export const NONCE_BYTES = 32
export const RANDOM_BYTES = 16

export const writeNonce = (w: Writer, { proxy, counter, random }: Nonce): Writer =>
  w.unsigned(proxy, 8).unsigned(counter, 8).unsigned(random, RANDOM_BYTES)
export const readNonce = (r: Reader): Nonce => ({
  proxy: r.unsigned(8),
  counter: r.unsigned(8),
  random: r.unsigned(RANDOM_BYTES),
})

export const sameNonce = (a: Nonce, b: Nonce): boolean => a.proxy === b.proxy && a.counter === b.counter && a.random === b.random

/** `proxy.counter.random`, each in hexadecimal. */
export const nonceText = ({ proxy, counter, random }: Nonce): string =>
  `${proxy.toString(16)}.${counter.toString(16)}.${random.toString(16).padStart(2 * RANDOM_BYTES, '0')}`

// Covers: what the files of a proxy have in common: numbers of 64 bits as strings of digits, platforms, times, nonces.
// Leaves out: the files themselves (files.ts, journal.ts).

import { z } from 'zod'
import type { Nonce } from './nonce.ts'

export const word = z
  .string()
  .regex(/^(0|[1-9]\d{0,19})$/, { error: 'expected a number from 0 to 2^64 - 1, as a string of digits' })
  .transform(BigInt)
  .refine((n) => n < 1n << 64n, { error: 'expected a number below 2^64' })
export const platformId = z.string().regex(/^[0-9a-f]{32}$/, { error: 'expected 32 hexadecimal digits' })
export const milliseconds = z.int({ error: 'expected whole milliseconds' }).nonnegative({ error: 'expected no negative time' })
export const time = z.number({ error: 'expected milliseconds' }).nonnegative({ error: 'expected no negative time' })

export const nonceShape = z.strictObject({
  proxy: word,
  counter: word,
  random: z
    .string()
    .regex(/^[0-9a-f]{32}$/, { error: 'expected 32 hexadecimal digits' })
    .transform((text) => BigInt(`0x${text}`)),
})

export const shownNonce = (nonce: Nonce): object => ({ ...nonce, random: nonce.random.toString(16).padStart(32, '0') })

/** Numbers of 64 bits as strings of digits. */
export const jsonText = (value: object, indent?: number): string =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v), indent)

// Covers: the tags of reports and challenges: HMAC-SHA-256 (FIPS 198-1) under the key that platform and proxy share, with what it is a tag of
// in front, so that no challenge is ever a report.
// Leaves out: where the key comes from (on a platform: sealed to the measured firmware, kept in SMRAM; here: a file).

import { createHmac, timingSafeEqual } from 'node:crypto'

export const KEY_BYTES = 32
export const TAG_BYTES = 32

export type Purpose = 'report' | 'challenge'

export const tagOf = (key: Uint8Array, purpose: Purpose, body: Uint8Array): Buffer =>
  createHmac('sha256', key).update(`smmcheck ${purpose}/1\0`, 'latin1').update(body).digest()

/** The body and its tag. */
export const sealed = (key: Uint8Array, purpose: Purpose, body: Uint8Array): Buffer =>
  Buffer.concat([body, tagOf(key, purpose, body)])

export interface Opened {
  /** What may be read to say what is wrong, and believed only if it is authentic. */
  readonly body: Buffer
  readonly authentic: boolean
}
/** The message without its tag, and whether the tag is right. */
export function opened(key: Uint8Array, purpose: Purpose, message: Uint8Array): Opened {
  const bytes = Buffer.from(message)
  const end = Math.max(0, bytes.length - TAG_BYTES)
  const [body, tag] = [bytes.subarray(0, end), bytes.subarray(end)]
  return { body, authentic: tag.length === TAG_BYTES && timingSafeEqual(tag, tagOf(key, purpose, body)) }
}

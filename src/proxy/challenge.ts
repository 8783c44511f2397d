// Covers: challenges as bytes, and whether a platform answers one: the tag is right, the counter is above the last of this proxy.
// The tag keeps others from asking: a challenge with the largest counter there is would be the last that the platform ever answers.
// Leaves out: measuring; the claims about it (src/properties/report.ts).

import { type Parsed, reading, type WireFault, Writer } from './bytes.ts'
import { opened, sealed } from './mac.ts'
import { type Nonce, readNonce, writeNonce } from './nonce.ts'

const MAGIC = Buffer.from('SMMASK', 'latin1')
const VERSION = 1

export const encodeChallenge = (key: Uint8Array, nonce: Nonce): Buffer =>
  sealed(key, 'challenge', writeNonce(new Writer().raw(MAGIC).unsigned(VERSION, 2), nonce).bytes())

const decode = (body: Uint8Array): Parsed<Nonce> =>
  reading(body, (r) => {
    if (!r.raw(MAGIC.length).equals(MAGIC)) r.fail({ kind: 'not-a-challenge' })
    const version = r.small(2)
    if (version !== VERSION) r.fail({ kind: 'other-version', version })
    return readNonce(r)
  })

/** What a platform keeps of one proxy, where neither a reset nor the host can take it back. */
export interface PlatformState {
  /** 128 bits, in hexadecimal. */
  readonly platform: string
  readonly proxy: bigint
  /** The counter of the last challenge that was answered; 0: none. */
  readonly counter: bigint
  /** How many reports there were. */
  readonly sequence: bigint
}

export type Refusal =
  | { readonly kind: 'wrong-mac' }
  | { readonly kind: 'malformed'; readonly fault: WireFault }
  | { readonly kind: 'other-proxy'; readonly proxy: bigint }
  | { readonly kind: 'answered-before'; readonly counter: bigint; readonly last: bigint }

export type Admission =
  | { readonly ok: true; readonly nonce: Nonce; readonly state: PlatformState }
  | { readonly ok: false; readonly refusal: Refusal }

/** Whether the platform answers, and what it keeps then. */
export function admit(state: PlatformState, key: Uint8Array, message: Uint8Array): Admission {
  const refuse = (refusal: Refusal): Admission => ({ ok: false, refusal })
  const envelope = opened(key, 'challenge', message)
  const read = decode(envelope.body)
  if (!read.ok) return refuse({ kind: 'malformed', fault: read.fault })
  if (!envelope.authentic) return refuse({ kind: 'wrong-mac' })
  const { proxy, counter } = read.value
  if (proxy !== state.proxy) return refuse({ kind: 'other-proxy', proxy })
  if (counter <= state.counter) return refuse({ kind: 'answered-before', counter, last: state.counter })
  return { ok: true, nonce: read.value, state: { ...state, counter, sequence: state.sequence + 1n } }
}

// What the handler does with the key that it shares with a proxy: it checks the tag of a challenge, and tags the report that
// answers it.
//
// Covers: the tag as an arbitrary function of key and message; the one challenge that is open; the mailbox of the NIC that the
//   report is written to; the registers that the key passes through, which SMI entry does not save and RSM does not restore (x87
//   and SSE state: APM volume 2, 10.3.5).
// Leaves out: what the report says (src/proxy/report.ts: here a name of 64 bits), counters (src/protocol), the steps of HMAC: what
//   they leave in registers is at most the key.

import { constant, smram } from '../model/cell.ts'
import { named, procedure } from '../model/builder.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, type Bool, bool, bv, type Bv, ite, or } from '../model/term.ts'
import { memory } from './boot-map.ts'
import { platformConfig, THREAD, watchedThread } from './thread-cells.ts'

/** As src/proxy/mac.ts has them: HMAC-SHA-256. */
export const KEY_BITS = 256
export const TAG_BITS = 256
const NAME = 64
/** Purpose, nonce, body. */
export const MESSAGE_BITS = 1 + NAME + NAME
/** A key beside a message. */
export const TAGGED_BITS = KEY_BITS + MESSAGE_BITS

export interface TaggingSwitches {
  /** Nothing is tagged but the answer to a challenge that the proxy tagged (S_CHALLENGE_MAC of src/protocol). */
  readonly S_CHALLENGE_MAC: boolean
  /** What the key has passed through is cleared. */
  readonly S_CLEAR: boolean
}
export const CAREFUL: TaggingSwitches = { S_CHALLENGE_MAC: true, S_CLEAR: true }

const mac = constant.array('mac', TAGGED_BITS, bvSort(TAG_BITS))
const message = (purpose: 'report' | 'challenge', nonce: Bv, body: Bv): Bv =>
  bv(1, purpose === 'report' ? 1 : 0).concat(nonce, body)
export const reportTag = (key: Bv, nonce: Bv, body: Bv): Bv => mac.now.at(key.concat(message('report', nonce, body)))
export const challengeTag = (key: Bv, nonce: Bv): Bv => mac.now.at(key.concat(message('challenge', nonce, bv(NAME, 0))))

const perThread = (name: string, sort: ReturnType<typeof bvSort> | typeof boolSort) =>
  smram.array(name, THREAD, sort, platformConfig.threads.now)
export const tagging = {
  /** Vector registers of the thread: as many as a key takes. */
  vectors: perThread('vector registers', bvSort(KEY_BITS)),
  /** The thread has loaded the key, and has not cleared its registers since. */
  holdsKey: perThread('thread.holdsKey', boolSort),
  /** A proxy's challenge waits for its answer. */
  open: smram.flag('challenge.open'),
  nonce: smram.bits('challenge.nonce', NAME),
  /** The mailbox. */
  toldNonce: smram.bits('mailbox.nonce', NAME),
  toldBody: smram.bits('mailbox.body', NAME),
  toldTag: smram.bits('mailbox.tag', TAG_BITS),
} as const
export const taggingFunction = mac
const { vectors, holdsKey, open, nonce, toldNonce, toldBody, toldTag } = tagging

const u = watchedThread.now
const others = (t: Bv, what: Bool): Bool => or(u.eq(t), what)
const keptElsewhere = (t: Bv): Bool =>
  others(t, and(vectors.now.at(u).eq(vectors.old.at(u)), holdsKey.now.has(u).iff(holdsKey.old.has(u))))
const isThread = (t: Bv) => named({ 'the thread is one of the platform': t.ult(platformConfig.threads.now) })

/** A challenge that the adversary brings is taken if its tag is right. */
export const takeChallenge = procedure('takeChallenge', {
  params: { t: bvSort(THREAD), key: bvSort(KEY_BITS), asked: bvSort(NAME), tag: bvSort(TAG_BITS) },
  memory,
  modifies: [open, nonce, vectors, holdsKey],
  requires: ({ t }) => isThread(t),
  ensures: ({ t, key, asked, tag }) =>
    named({
      'K2 a challenge is taken only if its tag is right': and(open.now, open.old.not()).implies(
        and(tag.eq(challengeTag(key, asked)), nonce.now.eq(asked)),
      ),
      'K2 who has used the key says so': holdsKey.now.has(t),
      'K2 registers of others stay as they are': keptElsewhere(t),
    }),
  body: (b, { t, key, asked, tag }) => {
    b.store(vectors, t, key)
    b.store(holdsKey, t, bool(true))
    b.when(tag.eq(challengeTag(key, asked)), () => {
      b.set(nonce, asked)
      b.set(open, bool(true))
    })
  },
})

/** The report leaves by the mailbox, once for each challenge. */
export const emit = (switches: TaggingSwitches) =>
  procedure('emit', {
    params: { t: bvSort(THREAD), key: bvSort(KEY_BITS), body: bvSort(NAME) },
    memory,
    modifies: [open, vectors, holdsKey, toldNonce, toldBody, toldTag],
    requires: ({ t }) => isThread(t),
    ensures: ({ t, key, body }) =>
      named({
        'K2 only the answer to a challenge is told': or(
          and(open.old, open.now.not(), toldNonce.now.eq(nonce.now), toldBody.now.eq(body)),
          and(toldNonce.now.eq(toldNonce.old), toldBody.now.eq(toldBody.old), toldTag.now.eq(toldTag.old)),
        ),
        'K2 with its tag and nothing else': or(
          toldTag.now.eq(toldTag.old),
          toldTag.now.eq(reportTag(key, toldNonce.now, toldBody.now)),
        ),
        'K2 registers of others stay as they are': keptElsewhere(t),
      }),
    body: (b, { t, key, body }) => {
      b.when(switches.S_CHALLENGE_MAC ? open.now : bool(true), () => {
        b.store(vectors, t, key)
        b.store(holdsKey, t, bool(true))
        b.set(toldNonce, nonce.now)
        b.set(toldBody, body)
        b.set(toldTag, reportTag(key, nonce.now, body))
        b.set(open, bool(false))
      })
    },
  })

/** Before threads may leave. */
export const clearRegisters = (switches: TaggingSwitches) =>
  procedure('clearRegisters', {
    params: { t: bvSort(THREAD) },
    memory,
    modifies: [vectors, holdsKey],
    requires: ({ t }) => isThread(t),
    ensures: ({ t }) =>
      named({
        'K2 nothing is left of the key': and(vectors.now.at(t).isZero(), holdsKey.now.has(t).not()),
        'K2 registers of others stay as they are': keptElsewhere(t),
      }),
    body: (b, { t }) => {
      if (switches.S_CLEAR) b.store(vectors, t, bv(KEY_BITS, 0))
      b.store(holdsKey, t, bool(false))
    },
  })

/** A quarter of a thread's vector registers. */
export const quarterOf = (t: Bv<string>, n: Bv): Bv => {
  const all = vectors.now.at(t)
  const part = (k: number): Bv => all.bits(64 * k + 63, 64 * k)
  return ite(n.eq(0), part(0), ite(n.eq(1), part(1), ite(n.eq(2), part(2), part(3))))
}

// Messages as terms of a free algebra, by names: a nonce, an enrolment, a report is a name whose parts are fixed (rigid tables), a tag is the name of
// a key beside the name of what it is a tag of. Two tags are equal exactly when key and message are: what an ideal MAC over a canonical
// encoding (src/proxy/wire.ts) promises. Two names may have the same parts; there are more runs then, not fewer.
//
// Covers: nonces, platforms with the proxies they are enrolled with, reports, tags of reports and of challenges.
// Leaves out: the counts in a report (reports that differ in them alone are different names), lengths, collisions, keys that are guessed.
// Liberties: at most 2^64 nonces, enrolments, keys and reports are named in one run; counters and numbers have the 64 bits of the wire.

import { domain, rigid } from '../model/system.ts'
import type { Bv } from '../model/term.ts'

const NAME = 64
const NUMBER = 64

export const proxy = domain('proxy', NAME)
export const key = domain('key', NAME)
export const nonce = domain('nonce', NAME)
/** A platform together with a proxy that it shares a key with. */
export const enrolment = domain('enrolment', NAME)
export const report = domain('report', NAME)
/** A key beside a report. */
export const reportTag = domain('report tag', 2 * NAME)
/** A key beside a nonce. */
export const challengeTag = domain('challenge tag', 2 * NAME)
/** An enrolment beside a nonce that its platform may have answered. */
export const answer = domain('answer', 2 * NAME)

// ---- parts ----

export const drawnBy = rigid.per(nonce).bits('proxy in a nonce', NAME)
export const counterIn = rigid.per(nonce).bits('counter in a nonce', NUMBER)
/** Nonces whose random bits nobody can foresee: what proxies draw from. */
export const isFresh = rigid.per(nonce).flag('fresh nonce')

/** Whom a proxy asks with this nonce, if it ever does: it is known in advance, since nobody asks twice with one nonce. */
export const forWhom = rigid.per(nonce).bits('enrolment of a nonce', NAME)

export const proxyOf = rigid.per(enrolment).bits('proxy of an enrolment', NAME)
/** The key that platform and proxy share. Several enrolments may have one. */
export const keyOf = rigid.per(enrolment).bits('key of an enrolment', NAME)
/** Drawn by nobody but its platforms and proxies. Other keys are the adversary's own. */
export const isSecret = rigid.per(key).flag('secret key')

export const nonceIn = rigid.per(report).bits('nonce in a report', NAME)
/** The platform that says it made the report, with the proxy of the nonce. */
export const madeFor = rigid.per(report).bits('enrolment in a report', NAME)
export const sequenceIn = rigid.per(report).bits('number in a report', NUMBER)
/** The census is complete, with every step that makes it so. */
export const isComplete = rigid.per(report).flag('complete report')

export const messageParts = [
  ...[drawnBy, counterIn, isFresh, forWhom, proxyOf, keyOf, isSecret],
  ...[nonceIn, madeFor, sequenceIn, isComplete],
] as const

// ---- pairs ----

type Some = Bv<string>
export const tagged = (k: Some, what: Some): Bv => k.concat(what)
export const keyIn = (tag: Some): Bv => tag.bits(2 * NAME - 1, NAME)
export const bodyIn = (tag: Some): Bv => tag.bits(NAME - 1, 0)
export const answered = (e: Some, n: Some): Bv => e.concat(n)
export const enrolmentInAnswer = (a: Some): Bv => a.bits(2 * NAME - 1, NAME)
export const nonceInAnswer = (a: Some): Bv => a.bits(NAME - 1, 0)

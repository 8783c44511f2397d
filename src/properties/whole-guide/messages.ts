// What a guide suggests of challenges and reports: who asks, what may be answered, delivered, forged, and when time is up.

import type { Chance, Choice, Reading } from '../../model/sampler.ts'
import type { Table } from '../../model/system.ts'
import * as m from '../../protocol/messages.ts'
import * as p from '../../protocol/state.ts'
import { census, STATUS } from '../../smm/cells.ts'
import { censusOfPicture, type MappedPage } from '../../smm/census-of-picture.ts'
import { pictureIn } from '../../smm/handler-code.ts'
import { sampled, stage, STAGE } from '../../smm/measuring-state.ts'
import { handler, HANDLER_STATUS, PHASE } from '../../smm/thread-cells.ts'
import { isOurs } from '../whole-system.ts'
import { of, entriesOf, keysOf, raised, bits, one, cells, threadsIn, leads } from './reading.ts'

/** Challenges that a proxy may draw next. */
export const askable = (now: Reading): bigint[] =>
  keysOf(now, m.counterIn).filter((n) => {
    const last = bits(now, p.lastAsked, bits(now, m.forWhom, n))
    return (
      bits(now, m.counterIn, n) === bits(now, p.lastDrawn, bits(now, m.drawnBy, n)) + 1n &&
      now.at(m.isFresh, n) === true &&
      now.at(p.isOpen, last) === false
    )
  })
export const challenge =
  (among: (now: Reading) => bigint[]) =>
  (now: Reading, random: Chance): Choice | undefined => {
    const n = one(random, among(now))
    return n === undefined ? undefined : { n }
  }
const dueAt = (now: Reading, n: bigint): bigint => bits(now, p.askedAt, n) + (now.value(p.DEADLINE) as bigint)
export const overdue = (now: Reading): bigint[] =>
  raised(now, p.isOpen).filter((n) => dueAt(now, n) <= (now.value(p.clock) as bigint))
/** Little time, or all that there is until a deadline. */
export function wait(now: Reading, random: Chance): Choice {
  const clock = now.value(p.clock) as bigint
  const next = raised(now, p.isOpen)
    .map((n) => dueAt(now, n) - clock)
    .reduce((a, b) => (a < b ? a : b), 0x20n)
  return { d: random.chance(0.3) || next < 8n ? next : BigInt(random.below(8)) }
}

const NAME = (1n << 64n) - 1n
/** Challenges that the handler may answer now, for which enrolment. */
export function answerable(now: Reading): { readonly e: bigint; readonly n: bigint }[] {
  const tags = raised(now, p.knowsChallengeTag)
  return keysOf(now, m.keyOf)
    .filter((e) => now.at(isOurs, e) === true)
    .flatMap((e) => tags.map((tag) => ({ e, n: tag & NAME, k: tag >> 64n })))
    .filter(({ e, n, k }) => bits(now, m.keyOf, e) === k && bits(now, m.counterIn, n) > bits(now, p.lastCounter, e))
}

/** A report that answers a challenge whose tag is known, of pages that are mapped by a thread that was in a guest. */
export function report(now: Reading, random: Chance): Choice | undefined {
  const chosen = one(random, answerable(now))
  if (chosen === undefined) return undefined
  const { e, n } = chosen
  const whole = isWholeNow(now)
  const sequence = bits(now, p.reportsMade, e) + 1n
  const b = keysOf(now, m.nonceIn).find(
    (name) =>
      bits(now, m.nonceIn, name) === n &&
      bits(now, m.sequenceIn, name) === sequence &&
      now.at(m.isComplete, name) === whole &&
      bits(now, m.madeFor, name) === e,
  )
  return b === undefined ? undefined : { ...leads(now), e, n, b, ...witness(now, random) }
}
const isWholeNow = (now: Reading): boolean =>
  now.value(of(handler.phase)) === BigInt(PHASE.measuring) &&
  now.value(stage) === BigInt(STAGE.counted) &&
  now.value(of(handler.status)) === BigInt(HANDLER_STATUS.complete) &&
  now.value(of(census.status)) === BigInt(STATUS.running)

export const wereInGuest = (now: Reading): bigint[] => threadsIn(now).filter((t) => now.at(sampled.inGuest, t) === true)
/** A thread that was in a guest, with a page that its processor maps and the frame where it arrives. */
function witness(now: Reading, random: Chance): Choice {
  const u = one(random, wereInGuest(now))
  if (u === undefined) return {}
  const mapped = one(random, pagesOf(now, bits(now, sampled.root, u), bits(now, sampled.mode, u)))
  const s = bits(now, cells.space, u)
  return mapped === undefined ? { u, s } : { u, s, g: mapped.page, f: mapped.frame }
}
/** @param from memory; the picture of it, where none is given */
export function pagesOf(now: Reading, root: bigint, mode: bigint, from?: Table): readonly MappedPage[] {
  const picture = pictureIn(now)
  const words = from === undefined ? picture.words : (entriesOf(now, from) as ReadonlyMap<bigint, bigint>)
  return censusOfPicture({ ...picture, words, spaces: [{ root, mode }] }).pages[0] ?? []
}

/** Reports that may be delivered, with the challenge that they answer. */
export function deliverable(now: Reading): { readonly n: bigint; readonly b: bigint }[] {
  return raised(now, p.knowsReportTag).flatMap((tag) => {
    const b = tag & NAME
    const n = bits(now, m.nonceIn, b)
    return now.at(p.isOpen, n) === true ? [{ n, b }] : []
  })
}
/** A tag that nobody knows yet, under a key that the adversary has. */
export const tagOf =
  (known: Table, bodies: (now: Reading) => bigint[]) =>
  (now: Reading, random: Chance): Choice | undefined => {
    const [k, body] = [one(random, raised(now, p.knowsKey)), one(random, bodies(now))]
    if (k === undefined || body === undefined) return undefined
    const tag = (k << 64n) | body
    return now.at(known, tag) === true ? undefined : { tag }
  }
export const knownNonces = (now: Reading): bigint[] => raised(now, p.knowsNonce)
export const knownReports = (now: Reading): bigint[] =>
  keysOf(now, m.nonceIn).filter((b) => now.at(p.knowsNonce, bits(now, m.nonceIn, b)) === true)

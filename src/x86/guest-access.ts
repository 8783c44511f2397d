// A guest's memory access as a whole: one page, or two when it crosses a page boundary; and what a concrete run amounts to.
//
// Covers: order of the pages of a straddling access, the addresses reported by its faults; decoding of concrete outcomes.
// Leaves out: more than two pages, string and I/O instructions, the data itself (a store is visible only if both pages translate).
// Manual: APM volume 2, 15.25.6 (EXITINFO2 is the address that faulted), 8.4.2 (#PF address).
// Liberties: the lower page is translated first, and no byte is stored before both are (the manual fixes neither; both emulators
//   do it so).

import { bool, bv, type Bool } from '../model/term.ts'
import { offsetOf } from './address.ts'
import { overlay } from './accessed-dirty.ts'
import { type GuestAccess, type GuestOutcome, type GuestPaging, guestWalk } from './guest-walk.ts'
import { causeOf, constantOf, type NestedSpace, type NpfCause, truthOf } from './nested-access.ts'
import type { ReadEntry } from './npt.ts'

/** `second` is the page after, met with memory as the first page left it; it counts only when `crosses` holds. */
export interface SpanOutcome {
  readonly first: GuestOutcome
  readonly crosses: Bool
  readonly second: GuestOutcome | undefined
  /** Bytes in the first page when it crosses: those below the boundary. */
  readonly bytes: number
}

/** An access of `bytes` bytes (at most a page). */
export function guestAccess(
  space: NestedSpace,
  guest: GuestPaging,
  read: ReadEntry,
  request: GuestAccess,
  bytes: number,
): SpanOutcome {
  const crosses = bytes > 1 ? offsetOf(request.linear).ugt(4096 - bytes) : bool(false)
  const first = guestWalk(space, guest, read, request)
  if (crosses.value === false || first.translated.value === false) return { first, crosses, second: undefined, bytes }
  const next = request.linear.bits(63, 12).plus(1).concat(bv(12, 0)).as<'guest linear'>()
  const second = guestWalk(space, guest, overlay(read, first.updates), { ...request, linear: next })
  return { first, crosses, second, bytes }
}

export interface TranslatedPart {
  readonly gpa: bigint
  readonly hpa: bigint
}

export type GuestResult =
  | { readonly kind: 'translated'; readonly parts: readonly TranslatedPart[] }
  | {
      readonly kind: 'npf'
      readonly cause: NpfCause
      readonly exitinfo1: bigint
      readonly exitinfo2: bigint
      readonly level: number
    }
  | { readonly kind: 'page-fault'; readonly errorCode: bigint; readonly address: bigint }

/** The outcome of a concrete run. @throws TypeError when something in it is no constant. */
export function decodeGuest(outcome: GuestOutcome): GuestResult {
  const { nested } = outcome
  if (truthOf(outcome.translated))
    return { kind: 'translated', parts: [{ gpa: constantOf(outcome.gpa), hpa: constantOf(outcome.hpa) }] }
  if (truthOf(outcome.pageFault))
    return { kind: 'page-fault', errorCode: constantOf(outcome.errorCode), address: constantOf(outcome.faultAddress) }
  return {
    kind: 'npf',
    cause: causeOf(nested),
    exitinfo1: constantOf(nested.exitinfo1),
    exitinfo2: constantOf(nested.exitinfo2),
    level: Number(constantOf(nested.level)),
  }
}

/** Both pages' parts, or the first fault in address order. @throws TypeError as `decodeGuest`. */
export function decodeSpan(span: SpanOutcome): GuestResult {
  const first = decodeGuest(span.first)
  if (first.kind !== 'translated' || span.second === undefined || !truthOf(span.crosses)) return first
  const second = decodeGuest(span.second)
  return second.kind === 'translated' ? { kind: 'translated', parts: [...first.parts, ...second.parts] } : second
}

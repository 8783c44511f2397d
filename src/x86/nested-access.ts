// One nested translation as hardware performs it: from a guest-physical address and a kind of access to a host address or #NPF.
//
// Covers: root and translatable width, the walk, permissions, EXITINFO1 and EXITINFO2, A and D updates; decoding of constants.
// Leaves out: VMRUN's own check of nCR3 (paging.ts reservedRoot), RMP, ENC, SSS bits of EXITINFO1, memory types.
// Manual: APM volume 2, 15.25.3-15.25.6 (walk, faults), 15.25.13 (GMET), appendix C (exit code 400h).
// Liberties: ID is set for every fetch (15.25.6 asks no condition; 8.4.2 defines it only with no-execute enabled). US is always
//   set. A guest-physical address above the translatable width faults with P=0 (P_GPA_TRUNC=0; the manual is silent).

import { and, type Bool, bool, bv, type Bv, ite, or } from '../model/term.ts'
import { flag, layout } from '../model/layout.ts'
import {
  type GuestAddress,
  type GuestPage,
  type HostAddress,
  type HostFrame,
  hostAddressAt,
  offsetOf,
  pageOf,
} from './address.ts'
import { accessedDirty, type EntryUpdate, maybeAccessed } from './accessed-dirty.ts'
import { type Access, allPermissions, permitted, type ReadEntry, translate, type Translation } from './npt.ts'
import { levels, type NestedHost, type PagingFormat, pdptOffset, rootTable, translatable } from './paging.ts'

/** What VMRUN loaded for the nested walk: the host's paging mode, the facts of the host, and nCR3 (64 bits). */
export interface NestedSpace {
  readonly format: PagingFormat
  readonly host: NestedHost
  readonly nCR3: Bv
}

/** EXITINFO1 of #VMEXIT(NPF), exit code 400h. */
export const npfExitInfo1 = layout('EXITINFO1', 64, {
  P: flag(0, 'APM 15.25.6'),
  RW: flag(1, 'APM 15.25.6'),
  US: flag(2, 'APM 15.25.6'),
  RSV: flag(3, 'APM 15.25.6'),
  ID: flag(4, 'APM 15.25.6'),
  SS: flag(6, 'APM 15.25.6'),
  RMP: flag(31, 'APM 15.36.10'),
  FINAL: flag(32, 'APM 15.25.6'),
  GUEST_TABLE: flag(33, 'APM 15.25.6'),
  ENC: flag(34, 'APM 15.36.10'),
  SIZEM: flag(35, 'APM 15.36.10'),
  VMPL: flag(36, 'APM 15.36.10'),
  SSS: flag(37, 'APM 15.25.14'),
})

/** Bit 32: the final guest-physical address; bit 33: a guest page-table entry. */
export type NestedKind = 'final' | 'guest-table'

/** The walk from the root: PAE begins inside the frame, at nCR3 bits 11:5 (APM 5.2.3). */
export function nestedWalk(space: NestedSpace, read: ReadEntry, page: GuestPage): Translation {
  const { format, host, nCR3 } = space
  return translate(format, levels[format], host, fromRoot(format, nCR3, read), rootTable(format, nCR3), allPermissions, page)
}

/** `read`, with the index of a PAE page-directory-pointer entry counted from the start of the frame. */
export function fromRoot(format: PagingFormat, cr3: Bv, read: ReadEntry): ReadEntry {
  if (format !== 'pae') return read
  return (table, index, place) =>
    read(table, place.level === levels.pae ? pdptOffset(cr3).concat(index.bits(1, 0)).as<'table index'>() : index, place)
}

/** Exactly one of the first five holds. */
export interface NestedOutcome {
  readonly translated: Bool
  readonly notPresent: Bool
  readonly reserved: Bool
  readonly permission: Bool
  readonly beyondWidth: Bool
  /** When translated: the address, and the frame as a view (with the leaf's C-bit). */
  readonly hpa: HostAddress
  readonly view: HostFrame
  /** When not translated. 64 bits each; the level (3 bits) is that of the entry at which the walk ended. */
  readonly exitinfo1: Bv
  readonly exitinfo2: Bv
  readonly level: Bv
  readonly updates: readonly EntryUpdate[]
  /** A bits that hardware may set in a walk that fails. */
  readonly maybe: readonly EntryUpdate[]
}

export function nestedTranslate(
  space: NestedSpace,
  read: ReadEntry,
  gpa: GuestAddress,
  access: Access,
  kind: NestedKind,
  guestUser: Bool = bool(true),
): NestedOutcome {
  const { format, host } = space
  const inWidth = translatable(format, host, pageOf(gpa))
  const walk = nestedWalk(space, read, pageOf(gpa))
  // Not present and reserved bits are found on the way, permissions once, at the leaf (APM 5.6, 15.25.6).
  const allowed = permitted(host, walk, access, guestUser)
  const translated = and(inWidth, walk.ok, allowed)
  const permission = and(inWidth, walk.ok, allowed.not())
  const reserved = and(inWidth, walk.reserved)
  return {
    translated,
    notPresent: and(inWidth, walk.notPresent),
    reserved,
    permission,
    beyondWidth: inWidth.not(),
    hpa: hostAddressAt(walk.frame, offsetOf(gpa)),
    view: walk.frame.bitor(ite(walk.encrypted, host.cBit.bits(51, 12), bv(40, 0)).as<'host frame'>()),
    exitinfo1: exitinfo1(or(permission, reserved), reserved, access, kind),
    exitinfo2: gpa.zext(64).as<'bits'>(),
    level: walk.faultLevel,
    updates: accessedDirty(format, walk.steps, translated, access === 'write'),
    maybe: maybeAccessed(format, walk.steps, and(inWidth, translated.not())),
  }
}

const BIT = {
  P: npfExitInfo1.encode({ P: true }),
  RW: npfExitInfo1.encode({ RW: true }),
  US: npfExitInfo1.encode({ US: true }),
  RSV: npfExitInfo1.encode({ RSV: true }),
  ID: npfExitInfo1.encode({ ID: true }),
  FINAL: npfExitInfo1.encode({ FINAL: true }),
  GUEST_TABLE: npfExitInfo1.encode({ GUEST_TABLE: true }),
} as const

/** P: the entry was present. RW, ID: the access. US: always, every nested access is a user access (APM 15.25.6). */
function exitinfo1(present: Bool, reserved: Bool, access: Access, kind: NestedKind): Bv {
  const how = access === 'write' ? BIT.RW : access === 'fetch' ? BIT.ID : 0n
  const where = kind === 'final' ? BIT.FINAL : BIT.GUEST_TABLE
  const none = bv(64, 0)
  return bv(64, BIT.US | how | where)
    .bitor(ite(present, bv(64, BIT.P), none))
    .bitor(ite(reserved, bv(64, BIT.RSV), none))
}

export type NpfCause = 'not-present' | 'reserved' | 'permission' | 'beyond-width'

export type NestedResult =
  | { readonly kind: 'translated'; readonly hpa: bigint }
  | {
      readonly kind: 'npf'
      readonly cause: NpfCause
      readonly exitinfo1: bigint
      readonly exitinfo2: bigint
      readonly level: number
    }

/** The value of a constant. @throws TypeError when the term is no constant: the run was not concrete. */
export function constantOf(term: Bv<string>): bigint {
  if (term.value === undefined) throw new TypeError('a concrete run met a term that is no constant')
  return term.value
}
export function truthOf(term: Bool): boolean {
  if (term.value === undefined) throw new TypeError('a concrete run met a condition that is no constant')
  return term.value
}

type Causes = Pick<NestedOutcome, 'notPresent' | 'reserved' | 'permission' | 'beyondWidth'>
export function causeOf(outcome: Causes): NpfCause {
  if (truthOf(outcome.beyondWidth)) return 'beyond-width'
  if (truthOf(outcome.notPresent)) return 'not-present'
  return truthOf(outcome.reserved) ? 'reserved' : 'permission'
}

/** The outcome of a concrete run. @throws TypeError when something in it is no constant. */
export function decodeNested(outcome: NestedOutcome): NestedResult {
  if (truthOf(outcome.translated)) return { kind: 'translated', hpa: constantOf(outcome.hpa) }
  return {
    kind: 'npf',
    cause: causeOf(outcome),
    exitinfo1: constantOf(outcome.exitinfo1),
    exitinfo2: constantOf(outcome.exitinfo2),
    level: Number(constantOf(outcome.level)),
  }
}

// The two-dimensional walk: a guest's own translation, each of whose table reads is itself a nested translation.
//
// Covers: guest paging off, legacy, PAE (pointer entries read on demand), 4- and 5-level; the order of nested translations;
//   guest #PF with its error code; A and D bits of guest and nested entries.
// Leaves out: accesses over a page boundary (guest-access.ts), guest SMEP, SMAP, protection keys, shadow stacks, SEV, segmentation, canonicality, VMCB 090h bit 6.
// Manual: APM volume 2, 15.25.5 (guest tables are nested user writes), 15.25.6 (order of faults), 15.25.10 (PAE), 15.25.11,
//   5.6 and 8.4.2 (guest permissions and #PF error code).
// Liberties: guest entries are marked once the guest's walk is complete, before the final nested translation; the A bits that
//   hardware may set earlier are given apart. ID in the error code needs EFER.NXE (8.4.2).

import { and, bool, type Bool, bv, type Bv, or } from '../model/term.ts'
import { type GuestAddress, type GuestPage, guestAddressAt, type HostAddress, type LinearAddress, offsetOf } from './address.ts'
import { accessedDirty, type EntryUpdate, guarded, maybeAccessed, overlay } from './accessed-dirty.ts'
import { type NestedOutcome, type NestedSpace, nestedTranslate } from './nested-access.ts'
import {
  type Access,
  allPermissions,
  entryIn,
  entryMeaning,
  type Permissions,
  type ReadEntry,
  slot,
  type WalkStep,
} from './npt.ts'
import { bitsBelow, type EntryRules, levels, type PagingFormat, pdptOffset, rootTable } from './paging.ts'

/** The guest's paging: off (CR0.PG=0), or a format with its CR3 (64 bits), entry rules and CR0.WP. */
export type GuestPaging =
  | { readonly kind: 'off' }
  | {
      readonly kind: 'on'
      readonly format: PagingFormat
      readonly cr3: Bv
      /** MAXPHYADDR is the guest's own width; EFER.NXE, CR4.PSE the guest's. */
      readonly rules: EntryRules
      readonly writeProtect: Bool
    }

export interface GuestAccess {
  readonly linear: LinearAddress
  readonly access: Access
  /** CPL 3. */
  readonly user: Bool
}

/** Exactly one of `translated`, `npf`, `pageFault` holds. */
export interface GuestOutcome {
  readonly translated: Bool
  readonly gpa: GuestAddress
  readonly hpa: HostAddress
  readonly npf: Bool
  /** The nested translation that faulted. */
  readonly nested: Pick<
    NestedOutcome,
    'notPresent' | 'reserved' | 'permission' | 'beyondWidth' | 'exitinfo1' | 'exitinfo2' | 'level'
  >
  readonly pageFault: Bool
  /** 64 bits: #PF error code and address, as #VMEXIT(exception 14) reports them. */
  readonly errorCode: Bv
  readonly faultAddress: Bv
  readonly updates: readonly EntryUpdate[]
  /** A bits that hardware may set besides. */
  readonly maybe: readonly EntryUpdate[]
}

/** One access within a page. */
export function guestWalk(space: NestedSpace, guest: GuestPaging, read: ReadEntry, request: GuestAccess): GuestOutcome {
  // CR0.PG=0: the guest-physical address is the linear one, still translated by the nested table (APM 15.25.5).
  if (guest.kind === 'off') return finalAccess(space, read, request, request.linear.bits(56, 0).as<'guest address'>())
  const { format, cr3 } = guest
  const root = rootTable(format, cr3).zext(45).as<'guest page'>()
  return descend({ space, guest, request }, levels[format], root, allPermissions, [], read)
}

interface Context {
  readonly space: NestedSpace
  readonly guest: Extract<GuestPaging, { kind: 'on' }>
  readonly request: GuestAccess
}

function descend(
  context: Context,
  level: number,
  table: GuestPage,
  permissions: Permissions,
  above: readonly WalkStep[],
  read: ReadEntry,
): GuestOutcome {
  const { space, guest, request } = context
  const { format } = guest
  const gpa = entryAddress(guest, level, table, request.linear)
  // Step 1 (APM 15.25.6): translate the guest entry's address, as a user write (15.25.5).
  const o = nestedTranslate(space, read, gpa, 'write', 'guest-table')
  const nestedFault = () => npfOutcome(o, maybeAccessed(format, above, o.translated.not()))
  if (o.translated.value === false) return nestedFault()
  const after = overlay(read, o.updates)

  // Step 2: the guest's own checks on the entry.
  const index = gpa.bits(11, 3).as<'table index'>()
  const highHalf = format === 'legacy' ? gpa.bit(2) : bool(false)
  const word = after(o.view, index, { walk: 'guest', level })
  const e = entryMeaning(format, level, entryIn(format, word, highHalf), guest.rules)
  const collected = { us: permissions.us.and(e.us), rw: permissions.rw.and(e.rw), nx: permissions.nx.or(e.nx) }
  const step: WalkStep = { level, table: o.view, index, highHalf, word, leaf: e.leaf, descends: e.descends, reached: bool(true) }
  const path = [...above, step]

  const onward = () => descend(context, level - 1, e.table.zext(45).as<'guest page'>(), collected, path, after)
  // The guest's walk is over: its A and D bits are written, then the final address is translated.
  const complete = and(e.leaf, refused(guest, collected, request).not())
  const toMemory = () => {
    const marks = accessedDirty(format, path, complete, request.access === 'write')
    const below = bitsBelow(format, level)
    const frame = below === 0 ? e.frame : e.frame.bits(39, below).concat(request.linear.bits(11 + below, 12))
    const target = guestAddressAt(frame.zext(45).as<'guest page'>(), offsetOf(request.linear))
    const final = finalAccess(space, overlay(after, marks), request, target)
    return { ...final, updates: [...marks, ...final.updates] }
  }
  // A guest fault wins over any nested fault on the final page, and loses to one on the entry's own page.
  const pageFault = () => faultOutcome(context, e.present, e.reserved, maybeAccessed(format, above, bool(true)))
  const checked = () => either(e.descends, onward, () => either(complete, toMemory, pageFault))
  const reached = either(o.translated, checked, nestedFault)
  return { ...reached, updates: [...o.updates, ...reached.updates] }
}

/** Where the guest's table holds the entry for a linear address. */
function entryAddress(guest: Context['guest'], level: number, table: GuestPage, linear: LinearAddress): GuestAddress {
  const { format, cr3 } = guest
  const { index, highHalf } = slot(format, level, linear.bits(56, 12))
  // CR3 bits 11:5 place a PAE guest's four pointer entries, which are read on demand under nested paging (APM 15.25.10).
  const word = format === 'pae' && level === 3 ? pdptOffset(cr3).concat(index.bits(1, 0)) : index.as<'bits'>()
  return guestAddressAt(table, word.concat(highHalf.bit(), bv(2, 0)))
}

/** The guest's permission check, once, with what the whole way collected (APM 5.6). */
function refused(guest: Context['guest'], way: Permissions, { access, user }: GuestAccess): Bool {
  const privilege = and(user, way.us.not())
  if (access === 'read') return privilege
  if (access === 'write') return or(privilege, and(way.rw.not(), or(user, guest.writeProtect)))
  return or(privilege, way.nx)
}

function finalAccess(space: NestedSpace, read: ReadEntry, { access, user }: GuestAccess, gpa: GuestAddress): GuestOutcome {
  const o = nestedTranslate(space, read, gpa, access, 'final', user)
  return { ...npfOutcome(o, []), translated: o.translated, npf: o.translated.not(), gpa, hpa: o.hpa, updates: o.updates }
}

const nothing = {
  gpa: bv(57, 0).as<'guest address'>(),
  hpa: bv(52, 0).as<'host address'>(),
  errorCode: bv(64, 0),
  faultAddress: bv(64, 0),
} as const

function npfOutcome(o: NestedOutcome, maybe: readonly EntryUpdate[]): GuestOutcome {
  return {
    ...nothing,
    translated: bool(false),
    npf: bool(true),
    pageFault: bool(false),
    nested: o,
    updates: [],
    maybe: [...o.maybe, ...maybe],
  }
}

const noNested: GuestOutcome['nested'] = {
  notPresent: bool(false),
  reserved: bool(false),
  permission: bool(false),
  beyondWidth: bool(false),
  exitinfo1: bv(64, 0),
  exitinfo2: bv(64, 0),
  level: bv(3, 0),
}

/** #PF: error code P, R/W, U/S, RSV, I/D (APM 8.4.2), here as the intercepted exception reports it. */
function faultOutcome({ guest, request }: Context, present: Bool, reserved: Bool, maybe: readonly EntryUpdate[]): GuestOutcome {
  const { access, user, linear } = request
  const id = access === 'fetch' && guest.format !== 'legacy' ? guest.rules.nxe : bool(false)
  const write = bv(1, access === 'write' ? 1 : 0)
  const errorCode = bv(59, 0).concat(id.bit(), reserved.bit(), user.bit(), write, present.bit())
  const kind = { translated: bool(false), npf: bool(false), pageFault: bool(true) }
  return { ...nothing, ...kind, nested: noNested, errorCode, faultAddress: linear.as<'bits'>(), updates: [], maybe }
}

/** `yes` where the condition holds, else `no`, field by field; a constant condition builds only the one it takes. */
function either(condition: Bool, yesOf: () => GuestOutcome, noOf: () => GuestOutcome): GuestOutcome {
  if (condition.value !== undefined) return condition.value ? yesOf() : noOf()
  const [yes, no] = [yesOf(), noOf()]
  const nested = (field: 'notPresent' | 'reserved' | 'permission' | 'beyondWidth') =>
    condition.ite(yes.nested[field], no.nested[field])
  return {
    translated: condition.ite(yes.translated, no.translated),
    npf: condition.ite(yes.npf, no.npf),
    pageFault: condition.ite(yes.pageFault, no.pageFault),
    gpa: condition.ite(yes.gpa, no.gpa),
    hpa: condition.ite(yes.hpa, no.hpa),
    errorCode: condition.ite(yes.errorCode, no.errorCode),
    faultAddress: condition.ite(yes.faultAddress, no.faultAddress),
    nested: {
      notPresent: nested('notPresent'),
      reserved: nested('reserved'),
      permission: nested('permission'),
      beyondWidth: nested('beyondWidth'),
      exitinfo1: condition.ite(yes.nested.exitinfo1, no.nested.exitinfo1),
      exitinfo2: condition.ite(yes.nested.exitinfo2, no.nested.exitinfo2),
      level: condition.ite(yes.nested.level, no.nested.level),
    },
    updates: [...guarded(condition, yes.updates), ...guarded(condition.not(), no.updates)],
    maybe: [...guarded(condition, yes.maybe), ...guarded(condition.not(), no.maybe)],
  }
}

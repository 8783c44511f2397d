// The nested page table: what one entry means, and the walk from any level downward.
//
// Covers: entries of all formats and levels, accumulated permissions, faults by priority, permission of an access (GMET too).
// Leaves out: EXITINFO and whole accesses (nested-access.ts), A and D bits (accessed-dirty.ts), TLBs, SSS, protection keys
//   (ignored at the nested level), VMCB 090h bit 6 (read-only guest page tables).
// Manual: APM volume 2, 5.3, 5.4.1, 5.6 (entries and permissions), 15.25.3, 15.25.5-15.25.7 (nested walk), 15.25.13 (GMET).
// Liberties: memory is a function from (frame, index) to a 64-bit word, constant during one walk; a legacy word holds two
//   entries; results that mean nothing in a case (the frame of a fault) are arbitrary but definite terms.

import { and, bool, type Bool, bv, type Bv, ite, or } from '../model/term.ts'
import { GUEST_PAGE_BITS, type GuestPage, HOST_FRAME_BITS, type HostFrame, type Index9 } from './address.ts'
import { legacyPde4M, mustBeZeroViolated } from './entries.ts'
import { bitsBelow, type EntryRules, entryLayouts, index, type NestedHost, type PagingFormat } from './paging.ts'

export interface Permissions {
  readonly us: Bool
  readonly rw: Bool
  readonly nx: Bool
}
/** What a walk starts with: nothing refused yet. */
export const allPermissions: Permissions = { us: bool(true), rw: bool(true), nx: bool(false) }

/** Exactly one of not present, `reserved`, `leaf`, `descends` holds. */
export interface EntryMeaning extends Permissions {
  readonly present: Bool
  /** Present, and a bit that must be zero is one. */
  readonly reserved: Bool
  /** Present, sound, and maps a page. */
  readonly leaf: Bool
  /** Present, sound, and names the next table. */
  readonly descends: Bool
  /** The next table, with the C-bit as the entry carries it. */
  readonly table: HostFrame
  /** The leaf's first 4-KiB frame, without the C-bit. */
  readonly frame: HostFrame
  /** The entry carries the C-bit. */
  readonly encrypted: Bool
}

/** Where a word of a table is read from: for views of memory that keep an account; memory itself does not depend on it. */
export interface EntryPlace {
  readonly walk: 'nested' | 'guest'
  readonly level: number
}
/** The 64-bit word `index` of the table in `table`; the frame carries the C-bit of the pointer that names it. */
export type ReadEntry = (table: HostFrame, index: Index9, place: EntryPlace) => Bv

const zeros = (width: number): Bv => bv(width, 0)

/** The meaning of one entry (32 bits in the legacy format, 64 elsewhere) of a table of `level`. */
export function entryMeaning(format: PagingFormat, level: number, entry: Bv<string>, rules: EntryRules): EntryMeaning {
  const decode = () => (format === 'legacy' ? legacyMeaning(level, entry, rules) : wideMeaning(format, level, entry, rules))
  return entry.isConst ? decodedOnce(format, level, entry, rules, decode) : decode()
}

/** Concrete walks meet the same few entries again and again: each constant is decoded once per host. */
function decodedOnce(
  format: PagingFormat,
  level: number,
  entry: Bv<string>,
  rules: EntryRules,
  decode: () => EntryMeaning,
): EntryMeaning {
  const known = decoded.get(rules) ?? new Map<string, EntryMeaning>()
  decoded.set(rules, known)
  const key = `${format} ${level} ${entry.id}`
  const meaning = known.get(key) ?? decode()
  if (known.size >= 10_000) known.clear()
  known.set(key, meaning)
  return meaning
}
const decoded = new WeakMap<EntryRules, Map<string, EntryMeaning>>()

function wideMeaning(format: PagingFormat, level: number, entry: Bv<string>, rules: EntryRules): EntryMeaning {
  const present = entry.bit(0)
  const { small: tableOrPage, large: largePage } = entryLayouts(format, level)
  const large = largePage === undefined ? bool(false) : entry.bit(7)
  const maps = level === 1 ? bool(true) : large
  const address = entry.bits(51, 12)
  const wrong = or(
    // 51:M must be zero, but for the C-bit (APM 5.3.3 figures, 7.10.1).
    address.bitand(rules.physMask.bitor(rules.cBit).bits(51, 12).bitnot()).ne(0),
    // NX is reserved unless EFER.NXE=1 (APM 5.6.3); in a PAE pointer entry the layout reserves it.
    entry.bit(63).and(rules.nxe.not()),
    // PS in a PDPE needs CPUID's 1-GiB pages (APM 5.3.5).
    level === 3 ? large.and(rules.page1g.not()) : bool(false),
    // The bits that the entry's own figure requires to be zero.
    largePage === undefined ? bool(false) : large.and(mustBeZeroViolated(largePage, entry)),
    large.not().and(mustBeZeroViolated(tableOrPage, entry)),
  )
  const below = bitsBelow(format, level)
  const cBit = rules.cBit.bits(51, 12)
  const first = below === 0 ? address : entry.bits(51, 12 + below).concat(zeros(below))
  // A PAE pointer entry has no U/S, R/W and NX (APM 5.2.3).
  const bare = format === 'pae' && level === 3
  return {
    ...outcome(present, wrong, maps),
    table: address.as<'host frame'>(),
    frame: first.bitand(cBit.bitnot()).as<'host frame'>(),
    encrypted: address.bitand(cBit).ne(0),
    rw: bare ? bool(true) : entry.bit(1),
    us: bare ? bool(true) : entry.bit(2),
    nx: bare ? bool(false) : entry.bit(63),
  }
}

function legacyMeaning(level: number, entry: Bv<string>, rules: EntryRules): EntryMeaning {
  const present = entry.bit(0)
  // CR4.PSE=0: bit 7 of a PDE is ignored (APM 5.2.2).
  const large = level === 2 ? entry.bit(7).and(rules.pse) : bool(false)
  // A 4-MiB page has PA[39:32] in bits 20:13; those at or above MAXPHYADDR must be zero like any address bit.
  const high = entry.bits(20, 13)
  const tooHigh = high.bitand(rules.physMask.bits(39, 32).bitnot()).ne(0)
  const reserved = level === 2 ? mustBeZeroViolated(legacyPde4M, entry) : bool(false)
  const wrong = large.and(or(reserved, tooHigh))
  const table = zeros(20).concat(entry.bits(31, 12))
  const frame = level === 1 ? table : zeros(12).concat(high, entry.bits(31, 22), zeros(10))
  return {
    ...outcome(present, wrong, level === 1 ? bool(true) : large),
    table: table.as<'host frame'>(),
    frame: frame.as<'host frame'>(),
    encrypted: bool(false),
    rw: entry.bit(1),
    us: entry.bit(2),
    nx: bool(false),
  }
}

/** Priority within one entry: not present, then reserved bits, then what it maps (APM 5.6, 15.25.6). */
function outcome(present: Bool, wrong: Bool, maps: Bool): Pick<EntryMeaning, 'present' | 'reserved' | 'leaf' | 'descends'> {
  return {
    present,
    reserved: present.and(wrong),
    leaf: present.and(wrong.not(), maps),
    descends: present.and(wrong.not(), maps.not()),
  }
}

/** One entry that a walk looked at. */
export interface WalkStep extends Pick<EntryMeaning, 'leaf' | 'descends'> {
  readonly level: number
  readonly table: HostFrame
  readonly index: Index9
  /** The 64-bit word read; in the legacy format it holds the entry and a neighbour. */
  readonly word: Bv
  /** Legacy only: the entry is the word's high half. */
  readonly highHalf: Bool
  /** The walk came this far. */
  readonly reached: Bool
}

/** Exactly one of `notPresent`, `reserved`, `ok` holds. Permissions are those of the whole way, tested by `permitted`. */
export interface Translation extends Permissions {
  readonly notPresent: Bool
  readonly reserved: Bool
  readonly ok: Bool
  /** The 4-KiB frame that holds the page, without the C-bit: inside a large leaf, its first frame plus the offset. */
  readonly frame: HostFrame
  /** The leaf carries the C-bit. */
  readonly encrypted: Bool
  /** 3 bits: the level at which the walk ended, at its leaf or at the entry that faulted. */
  readonly leafLevel: Bv
  readonly faultLevel: Bv
  /** The first page and the first frame that the leaf maps. */
  readonly leafFirstPage: GuestPage
  readonly leafFirstFrame: HostFrame
  readonly steps: readonly WalkStep[]
}

/** The word and half in which a table holds the entry for `page`. */
export function slot(format: PagingFormat, level: number, page: Bv<string>): { index: Index9; highHalf: Bool } {
  const i = index(format, level, page)
  if (format !== 'legacy') return { index: i.zext(9).as<'table index'>(), highHalf: bool(false) }
  return { index: i.bits(9, 1).as<'table index'>(), highHalf: i.bit(0) }
}

/** The entry in a word. */
export const entryIn = (format: PagingFormat, word: Bv, highHalf: Bool): Bv =>
  format === 'legacy' ? ite(highHalf, word.bits(63, 32), word.bits(31, 0)) : word

/**
 * The walk for `page` that reads `table` at `level` and goes on downward; `permissions` are those collected above.
 * Reads nothing below an entry that, as a constant, ends the walk. `below` is the walk of the tables below, for proofs that
 * treat it as one unknown function.
 */
export function translate(
  format: PagingFormat,
  level: number,
  rules: EntryRules,
  read: ReadEntry,
  table: HostFrame,
  permissions: Permissions,
  page: GuestPage,
  below: typeof translate = translate,
): Translation {
  // e := read_phys(tableaddr + 8*index(gpa,L)) (APM 5.3; 15.25.5)
  const at = slot(format, level, page)
  const word = read(table, at.index, { walk: 'nested', level })
  const e = entryMeaning(format, level, entryIn(format, word, at.highHalf), rules)
  // rw &= e.RW; us &= e.US; nx |= e.NX (APM 5.6.1-5.6.3; 15.25.5)
  const collected = { us: permissions.us.and(e.us), rw: permissions.rw.and(e.rw), nx: permissions.nx.or(e.nx) }
  const step: WalkStep = { level, table, ...at, word, leaf: e.leaf, descends: e.descends, reached: bool(true) }
  // At level 1 `descends` is false: the recursion ends there at the latest.
  const down = (): Translation => below(format, level - 1, rules, read, e.table, collected, page)
  if (e.descends.value === false) return ended(format, step, e, collected, page)
  if (e.descends.value === true) return passed(step, down())
  return choose(e.descends, passed(step, down()), ended(format, step, e, collected, page))
}

/** The walk ends at this entry: at a leaf, or with a fault. */
function ended(format: PagingFormat, step: WalkStep, e: EntryMeaning, way: Permissions, page: GuestPage): Translation {
  const level = bv(3, step.level)
  const below = bitsBelow(format, step.level)
  return {
    notPresent: e.present.not(),
    reserved: e.reserved,
    ok: e.leaf,
    ...way,
    frame: inside(e.frame, page, below),
    encrypted: e.encrypted,
    leafLevel: level,
    faultLevel: level,
    leafFirstPage: aligned(page, below),
    leafFirstFrame: e.frame,
    steps: [step],
  }
}

/** The walk went on through this entry: what came of it, with one more step behind it. */
function passed(step: WalkStep, rest: Translation): Translation {
  const further =
    step.descends.value === true ? rest.steps : rest.steps.map((s) => ({ ...s, reached: step.descends.and(s.reached) }))
  return { ...rest, steps: [step, ...further] }
}

/** `page`'s frame in a leaf of 2^below frames. */
const inside = (first: HostFrame, page: GuestPage, below: number): HostFrame =>
  below === 0
    ? first
    : first
        .bits(HOST_FRAME_BITS - 1, below)
        .concat(page.bits(below - 1, 0))
        .as<'host frame'>()

const aligned = (page: GuestPage, below: number): GuestPage =>
  below === 0
    ? page
    : page
        .bits(GUEST_PAGE_BITS - 1, below)
        .concat(zeros(below))
        .as<'guest page'>()

function choose(descends: Bool, rest: Translation, here: Translation): Translation {
  const pick = (field: 'notPresent' | 'reserved' | 'ok' | 'us' | 'rw' | 'nx' | 'encrypted'): Bool =>
    descends.ite(rest[field], here[field])
  return {
    notPresent: pick('notPresent'),
    reserved: pick('reserved'),
    ok: pick('ok'),
    us: pick('us'),
    rw: pick('rw'),
    nx: pick('nx'),
    encrypted: pick('encrypted'),
    frame: descends.ite(rest.frame, here.frame),
    leafLevel: descends.ite(rest.leafLevel, here.leafLevel),
    faultLevel: descends.ite(rest.faultLevel, here.faultLevel),
    leafFirstPage: descends.ite(rest.leafFirstPage, here.leafFirstPage),
    leafFirstFrame: descends.ite(rest.leafFirstFrame, here.leafFirstFrame),
    steps: rest.steps,
  }
}

export type Access = 'read' | 'write' | 'fetch'

/**
 * The collected permissions allow the access (the walk itself having succeeded is `translation.ok`). Every nested access is a
 * user access and host CR0.WP is ignored (APM 15.25.5-15.25.7); `guestUser` is the guest's own privilege, which only GMET asks.
 */
export function permitted(host: NestedHost, way: Permissions, access: Access, guestUser: Bool = bool(true)): Bool {
  // GMET: U/S limits fetches only (P_GMET_DATA).
  const dataUser = or(way.us, and(host.gmet, host.gmetData))
  if (access === 'read') return dataUser
  if (access === 'write') return and(dataUser, way.rw)
  // GMET: NX=0 with U/S=0 executes at any privilege, with U/S=1 only in guest user mode (APM 15.25.13, table 15-21).
  return and(way.nx.not(), ite(host.gmet, or(way.us.not(), guestUser), way.us))
}

/** Some guest access, a read, a write or a fetch at some privilege, gets through. */
export const reachable = (host: NestedHost, translation: Translation): Bool =>
  translation.ok.and(
    or(
      permitted(host, translation, 'read'),
      permitted(host, translation, 'write'),
      permitted(host, translation, 'fetch', bool(true)),
      permitted(host, translation, 'fetch', bool(false)),
    ),
  )

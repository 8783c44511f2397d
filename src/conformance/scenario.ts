// What a vector asks: one machine, and the accesses its guest makes, in order.
//
// Covers: the machine of walk vectors (guest in long mode or without paging), of straddling accesses and of PAE guests.
// Leaves out: results (expectations stay with the vector).
// Liberties: straddle vectors leave out the fixed scaffold of the walk vectors (nested tables at 230000h..232000h that map the
//   guest's tables and code to 220000h..224000h), straddle and PAE vectors the guest's own tables: both are supplied here.
//   A PAE guest runs with EFER.NXE=0: its fetch faults carry no I/D bit.

import { match } from 'ts-pattern'
import { bool, bv, type Bv } from '../model/term.ts'
import { linearAddress } from '../x86/address.ts'
import type { GuestAccess, GuestPaging } from '../x86/guest-walk.ts'
import type { NestedHost, PagingFormat } from '../x86/paging.ts'
import { nestedFormats, pagingFormats } from '../x86/paging.ts'
import type { TableEntry } from './shapes.ts'
import type { PaeVector, StraddleVector, Vector, WalkVector } from './vector.ts'

export interface ScenarioAccess extends GuestAccess {
  readonly on: 'code' | 'target'
  readonly bytes: number
  /** Locked exchange: one access that reads and writes. */
  readonly exchange: boolean
}

export interface Scenario {
  readonly format: PagingFormat
  readonly host: NestedHost
  readonly guest: GuestPaging
  readonly nCR3: Bv
  readonly memory: readonly TableEntry[]
  /** Frames that hold the guest's own tables. */
  readonly guestTables: ReadonlySet<bigint>
  /** The vector says which of the guest's entries changed. */
  readonly guestMarksRecorded: boolean
  readonly accesses: readonly ScenarioAccess[]
}

/** Vectors that are one access of a guest. */
export type AccessVector = Extract<Vector, { kind: 'walk' | 'straddle' | 'pae-guest' }>

export const scenarioOf = (vector: AccessVector): Scenario =>
  match(vector)
    .with({ kind: 'walk' }, (v) => walkScenario(v.vector))
    .with({ kind: 'straddle' }, (v) => straddleScenario(v.vector))
    .with({ kind: 'pae-guest' }, (v) => paeScenario(v.vector))
    .exhaustive()

const lowMask = (width: number, ones: number): Bv => bv(width, (1n << BigInt(ones)) - 1n)
const NO_C_BIT = bv(52, 0)

const hosts = new Map<string, NestedHost>()
/** One host object per set of facts, so that equal machines share their terms. */
export function hostOf(maxphyaddr: number, page1g: boolean, nxe: boolean): NestedHost {
  const key = `${maxphyaddr} ${page1g} ${nxe}`
  let host = hosts.get(key)
  if (host === undefined) {
    host = {
      physMask: lowMask(52, maxphyaddr),
      cBit: NO_C_BIT,
      nxe: bool(nxe),
      page1g: bool(page1g),
      pse: bool(false),
      gmet: bool(false),
      gmetData: bool(false),
      guestPageMask: lowMask(45, maxphyaddr - 12).as<'guest page'>(),
      gpaTrunc: bool(false),
    }
    hosts.set(key, host)
  }
  return host
}

/** The host's paging mode, which the nested walk takes over (APM 15.25.3). */
function formatOf(cr0: bigint, cr4: bigint, efer: bigint): PagingFormat {
  const bit = (value: bigint, n: number) => bool(((value >> BigInt(n)) & 1n) === 1n)
  const formats = nestedFormats({ pg: bit(cr0, 31), pae: bit(cr4, 5), lma: bit(efer, 10), la57: bit(cr4, 12) })
  return pagingFormats.find((format) => formats[format].value === true) ?? 'long4'
}

export const accessKinds = { r: 'read', w: 'write', rmw: 'write', x: 'fetch' } as const
const CODE_VA = 0x10_0000n
/** Where the guest's instruction for an access lies, from the start of its code. */
const LONG_CODE = { r: 0x0n, w: 0x20n, rmw: 0x40n } as const
const FLAT_CODE = { r: 0x80n, w: 0xa0n, rmw: 0xc0n } as const

function walkScenario(v: WalkVector): Scenario {
  const { guest, access } = v
  const user = bool(guest.cpl === 3)
  const nxe = ((v.host.efer >> 11n) & 1n) === 1n
  const target = guest.mode === 'long' ? guest.va : v.gpa
  const accesses: ScenarioAccess[] = []
  if (access !== 'x') {
    const code = guest.mode === 'long' ? CODE_VA + LONG_CODE[access] : (guest.code_gpa ?? 0n) + FLAT_CODE[access]
    accesses.push({ on: 'code', linear: linearAddress(code), access: 'fetch', user, bytes: 1, exchange: false })
  }
  const bytes = access === 'x' ? 1 : guest.mode === 'long' ? 8 : 4
  accesses.push({
    on: 'target',
    linear: linearAddress(target),
    access: accessKinds[access],
    user,
    bytes,
    exchange: access === 'rmw',
  })
  const tables = guest.mode === 'long' ? guest.tables : []
  const host = hostOf(v.maxphyaddr, v.pages_1g, nxe)
  return {
    format: formatOf(v.host.cr0, v.host.cr4, v.host.efer),
    host,
    guest: guest.mode === 'long' ? longGuest(guest.cr3, hostOf(v.maxphyaddr, v.pages_1g, true)) : { kind: 'off' },
    nCR3: bv(64, v.ncr3),
    memory: [...v.entries, ...tables],
    guestTables: new Set(tables.map(([table]) => table)),
    guestMarksRecorded: true,
    accesses,
  }
}

/** 64-bit guest: PG=PE=WP=1, PAE, NXE=LME=1. */
const longGuest = (cr3: bigint, rules: NestedHost): GuestPaging => ({
  kind: 'on',
  format: 'long4',
  cr3: bv(64, cr3),
  rules,
  writeProtect: bool(true),
})

// ---- the fixed scaffold ----

const GUEST_BASE = 0x80_0000_0000n
const NESTED_ROOT = 0x40_0000n
const nestedScaffold: readonly TableEntry[] = [
  [NESTED_ROOT, 1, 0x23_0067n],
  [0x23_0000n, 0, 0x23_1067n],
  [0x23_0000n, 3, 0x23_1067n],
  [0x23_1000n, 0, 0x23_2067n],
  [0x23_2000n, 0, 0x22_0067n],
  [0x23_2000n, 1, 0x22_1067n],
  [0x23_2000n, 2, 0x22_2067n],
  [0x23_2000n, 3, 0x22_3067n],
  [0x23_2000n, 4, 0x22_4067n],
]
/** `given` wins over what the scaffold has at the same place. */
function over(scaffold: readonly TableEntry[], given: readonly TableEntry[]): TableEntry[] {
  const place = ([table, index]: TableEntry) => `${table}.${index}`
  const taken = new Set(given.map(place))
  return [...scaffold.filter((e) => !taken.has(place(e))), ...given]
}

/** The two pages lie side by side at 101000h and 102000h of the guest's linear space. */
function straddleScenario(v: StraddleVector): Scenario {
  const [first, second] = v.gpa
  const page = (gpa: bigint) => (gpa & ~0xfffn) | 0x67n
  const tables: TableEntry[] = [
    [0x22_0000n, 0, GUEST_BASE + 0x1067n],
    [0x22_1000n, 0, GUEST_BASE + 0x2067n],
    [0x22_2000n, 0, GUEST_BASE + 0x3067n],
    [0x22_3000n, 256, GUEST_BASE + 0x4067n],
    [0x22_3000n, 257, page(first)],
    [0x22_3000n, 258, page(second)],
  ]
  const linear = linearAddress(0x10_1000n + (first & 0xfffn))
  return {
    format: 'long4',
    host: hostOf(40, true, v.nxe),
    guest: longGuest(GUEST_BASE, hostOf(40, true, true)),
    nCR3: bv(64, v.ncr3),
    memory: [...over(nestedScaffold, v.entries), ...tables],
    guestTables: new Set(tables.map(([table]) => table)),
    guestMarksRecorded: false,
    accesses: [
      { on: 'target', linear, access: accessKinds[v.access], user: bool(false), bytes: v.size, exchange: v.access === 'rmw' },
    ],
  }
}

/** The guest runs its code at 1000C0h: pointer entry 0, directory at +2000h, table at +3000h, code at +4000h of its memory. */
function paeScenario(v: PaeVector): Scenario {
  const { cr3, pdpte } = v.guest
  const base = cr3 & ~0xfffn
  const tables: TableEntry[] = [
    [0x22_0000n, Number((cr3 & 0xfe0n) >> 3n), pdpte],
    [0x22_2000n, 0, base + 0x3067n],
    [0x22_3000n, 256, base + 0x4067n],
  ]
  const linear = linearAddress(0x10_00c0n)
  return {
    format: 'long4',
    host: hostOf(40, true, v.nxe),
    guest: { kind: 'on', format: 'pae', cr3: bv(64, cr3), rules: hostOf(40, true, false), writeProtect: bool(false) },
    nCR3: bv(64, v.ncr3),
    memory: [...v.entries, ...tables],
    guestTables: new Set(tables.map(([table]) => table)),
    guestMarksRecorded: false,
    accesses: [{ on: 'target', linear, access: 'fetch', user: bool(false), bytes: 1, exchange: false }],
  }
}

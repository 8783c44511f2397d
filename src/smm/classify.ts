// What the handler takes one table entry to mean, for every paging format (claim I10 proves it equal to the hardware's view).
// Works with one mask of must-be-zero bits per format and level, as a handler would precompute it at boot.

import { and, bool, type Bool, bv, type Bv, or, u64 } from '../model/term.ts'
import { plainFrame } from './boot-map.ts'
import { config, FRAME } from './cells.ts'
import type { Switches } from './switches.ts'

export type Format = 'legacy' | 'pae' | 'long4' | 'long5'

export interface Classified {
  readonly present: Bool
  /** A must-be-zero bit is set; meaningful when present. */
  readonly reserved: Bool
  /** Maps memory rather than naming a table; meaningful when present and not reserved. */
  readonly leaf: Bool
  /** Next table as the entry names it (with the encryption bit), and a leaf's first and last frame. */
  readonly table: Bv
  readonly first: Bv
  readonly last: Bv
  readonly us: Bool
  readonly rw: Bool
  readonly nx: Bool
}

const ones = (high: number, low: number): Bv => u64(((1n << BigInt(high - low + 1)) - 1n) << BigInt(low))
const only = (condition: Bool, mask: Bv): Bv => condition.ite(mask, u64(0))
const union = (...masks: readonly Bv[]): Bv => masks.reduce((a, b) => a.bitor(b))

const ACCESSED = 5
/** Bit 12 of an entry, as an address bit. */
const only12 = (e: Bv): Bv => e.bits(12, 12).zext(FRAME)

/** Number of 4-KiB frames behind a leaf, as a power of two. */
export const leafShift = (format: Format, level: number): number => (format === 'legacy' ? 10 : 9) * (level - 1)

/** @param entry 64 bits; for `legacy`, the 32-bit entry. `pse`: host CR4.PSE, which only legacy tables ask for. */
export function classifyEntry(format: Format, level: number, entry: Bv, switches: Switches, pse: Bool = bool(false)): Classified {
  const e = format === 'legacy' ? entry.zext(64) : entry
  const large = isLarge(format, level, e, pse)
  const bare = format === 'pae' && level === 3
  const reserved = e.bitand(mustBeZero(format, level, large, switches)).ne(0)
  const shift = leafShift(format, level)
  const address = format === 'legacy' ? legacyAddress(level, e, large) : e.bits(51, 12)
  const aligned = plainFrame(address).bitand(
    ones(FRAME - 1, 0)
      .bits(FRAME - 1, 0)
      .shl(shift),
  )
  const first = switches.S_PAT || shift === 0 ? aligned : aligned.bitor(only12(e))
  return {
    present: and(switches.S_PRESENT ? e.bit(0) : bool(true), switches.S_AD ? bool(true) : e.bit(ACCESSED)),
    reserved: switches.S_RSVD ? reserved : bool(false),
    leaf: level === 1 ? bool(true) : large,
    table: format === 'legacy' ? bv(20, 0).concat(e.bits(31, 12)) : e.bits(51, 12),
    first,
    last: first.bitor(bv(FRAME, (1n << BigInt(shift)) - 1n)),
    us: bare ? bool(true) : e.bit(2),
    rw: bare ? bool(true) : e.bit(1),
    nx: bare || format === 'legacy' ? bool(false) : e.bit(63),
  }
}

function isLarge(format: Format, level: number, e: Bv, pse: Bool): Bool {
  if (format === 'legacy') return level === 2 ? and(e.bit(7), pse) : bool(false)
  if (format === 'pae') return level === 2 ? e.bit(7) : bool(false)
  return level === 2 || level === 3 ? e.bit(7) : bool(false)
}

/** PA[39:32] of a 4-MiB page sits in bits 20:13. */
function legacyAddress(level: number, e: Bv, large: Bool): Bv {
  const small = bv(20, 0).concat(e.bits(31, 12))
  return level === 1 ? small : large.ite(bv(12, 0).concat(e.bits(20, 13), e.bits(31, 22), bv(10, 0)), small)
}

function mustBeZero(format: Format, level: number, large: Bool, switches: Switches): Bv {
  const physical = switches.S_CPU_WIDTH ? config.physMask.now.bitor(config.cBit.now) : config.physMask.now
  if (format === 'legacy') {
    // Bits 20:13 hold PA[39:32]: those from MAXPHYADDR up must be zero.
    const high = bv(43, 0).concat(physical.bits(39, 32).bitnot(), bv(13, 0))
    return level === 2 ? only(large, union(ones(21, 21), high)) : u64(0)
  }
  const beyond = bv(12, 0).concat(physical.bits(51, 12).bitnot(), bv(12, 0))
  const noExecute = only(config.nxe.now.not(), ones(63, 63))
  if (format === 'pae') {
    if (level === 3) return union(beyond, ones(63, 52), ones(8, 5), ones(2, 1))
    return union(beyond, ones(62, 52), noExecute, level === 2 ? only(large, ones(20, 13)) : u64(0))
  }
  const common = union(beyond, noExecute)
  if (level >= 4) return union(common, ones(8, 7))
  if (level === 3) return union(common, only(large, ones(29, 13)), only(or(large.not(), config.page1g.now).not(), ones(7, 7)))
  return level === 2 ? union(common, only(large, ones(20, 13))) : common
}

// What the hardware makes of the frozen memory, in the words of contracts: the nested walk of src/x86 from a table downward,
// for one guest page. Specification only: no executable statement uses it.

import { and, type Arr, type Bool, bool, type Bv, or } from '../model/term.ts'
import type { GuestPage, HostFrame } from '../x86/address.ts'
import { type Permissions, type Translation, translate } from '../x86/npt.ts'
import type { EntryRules, PagingFormat } from '../x86/paging.ts'
import { memory, plainFrame } from './boot-map.ts'
import { config, PAGE } from './cells.ts'
import { holdsWatched, inWindow } from './watched-frame.ts'

/** The host as boot code recorded it. */
export const rules: EntryRules = {
  physMask: config.physMask.now,
  cBit: config.cBit.now,
  nxe: config.nxe.now,
  page1g: config.page1g.now,
  pse: bool(false),
}

export interface Reach {
  readonly translation: Translation
  /** A guest can form the page's addresses, and the walk ends at a leaf that it may use (with GMET, at least possibly). */
  readonly mapped: Bool
  /** As mapped, but no guest can form the address. */
  readonly beyond: Bool
  readonly reserved: Bool
  /** Mapped to the watched frame, in the current window. */
  readonly hits: Bool
  /** ... whatever flags the guest runs with. */
  readonly certainlyHits: Bool
  /** The walk goes through a table, below the first, in the given frame. */
  passes(frame: Bv): Bool
}

/** The hardware's walk for `page` from `table` at `level`, permissions collected above being `path`. */
export function reach(level: number, table: Bv<string>, path: Permissions, page: Bv, format: PagingFormat = 'long5'): Reach {
  const read = (frame: HostFrame, index: Bv<string>): Bv => (memory.snapshot as Arr).at(frame.concat(index))
  const t = translate(format, level, rules, read, table.as<'host frame'>(), path, page.as() as GuestPage)
  const formable = page.bitand(config.guestPages.now.bitnot()).isZero()
  const usable = and(t.ok, or(t.us, config.gmetCapable.now))
  const frame = t.frame.as() as Bv
  const mapped = usable.and(formable)
  const hits = mapped.and(holdsWatched(frame, frame), inWindow())
  return {
    translation: t,
    mapped,
    beyond: usable.and(formable.not()),
    reserved: t.reserved,
    hits,
    certainlyHits: hits.and(t.us),
    passes: (wanted) => or(...t.steps.slice(1).map((s) => s.reached.and(plainFrame(s.table).eq(wanted)))),
  }
}

/** `page` lies in the 512^level pages that begin at `base`. */
export const inSpan = (level: number, base: Bv, page: Bv): Bool =>
  level === 5 ? bool(true) : page.bits(PAGE - 1, 9 * level).eq(base.bits(PAGE - 1, 9 * level))

/** The index of `page` in a table of `level`, as a loop counter of 10 bits. */
export const indexOf = (level: number, page: Bv): Bv => page.bits(9 * level - 1, 9 * (level - 1)).zext(10)

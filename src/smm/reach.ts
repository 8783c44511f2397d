// What the hardware makes of the frozen memory, in the words of contracts: the nested walk of src/x86 from a table downward,
// for one guest page. Specification only: no executable statement uses it.
// The walk of each level is a rigid table from (table, permissions, page) to its outcome, so that the proof of one level
// unfolds one step and treats the walk below as unknown. `unfoldings` are those steps; reading the rigid tables as the
// hardware's walk makes each of them true by construction (`unfoldingHolds`, an obligation of its own).

import { watch } from '../model/cell.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, type Arr, type Bool, bool, type Bv, bv, equal, or, type Term } from '../model/term.ts'
import type { GuestPage, HostFrame } from '../x86/address.ts'
import { entryMeaning, type Permissions, type Translation, translate } from '../x86/npt.ts'
import type { EntryRules, PagingFormat } from '../x86/paging.ts'
import type { Axiom } from './assumptions.ts'
import { memory, plainFrame } from './boot-map.ts'
import { config, FRAME, MODE, PAGE, spaces } from './cells.ts'
import { holdsWatched, inWindow } from './watched-frame.ts'

/** The host as boot code recorded it. */
export const rules: EntryRules = {
  physMask: config.physMask.now,
  cBit: config.cBit.now,
  nxe: config.nxe.now,
  page1g: config.page1g.now,
  pse: bool(false),
}

/** The part of a translation that contracts speak of. */
export type Outcome = Pick<Translation, 'reserved' | 'ok' | 'us' | 'rw' | 'nx' | 'frame' | 'leafLevel' | 'leafFirstFrame'>

const WALK = FRAME + 3 + PAGE
const FLAGS = ['reserved', 'ok', 'us', 'rw', 'nx'] as const

/** The rigid tables of one level: what `hardwareWalk` says. */
const rigid = ([1, 2, 3, 4, 5] as const).map((level) => {
  const name = (field: string) => `walk${level}.${field}`
  const whole = (field: keyof Outcome) => (index: Bv) => {
    const { table, path, page } = parts(index)
    return hardwareWalk('long5', level, table, path, page)[field] as Term
  }
  const flags = Object.fromEntries(FLAGS.map((f) => [f, watch.table(name(f), WALK, boolSort, whole(f)).now])) as Record<
    (typeof FLAGS)[number],
    Arr
  >
  return {
    flags,
    frame: watch.table(name('frame'), WALK, bvSort(FRAME), whole('frame')).now,
    leafFirstFrame: watch.table(name('leafFirstFrame'), WALK, bvSort(FRAME), whole('leafFirstFrame')).now,
    leafLevel: watch.table(name('leafLevel'), WALK, bvSort(3), whole('leafLevel')).now,
    /** Further indexed by a frame: the walk goes through a table, below the first, in that frame. */
    passes: watch.table(name('passes'), WALK + FRAME, boolSort, (index) => {
      const { table, path, page } = parts(index.bits(WALK + FRAME - 1, FRAME))
      const { steps } = hardwareWalk('long5', level, table, path, page)
      return or(...steps.slice(1).map((s) => s.reached.and(plainFrame(s.table).eq(index.bits(FRAME - 1, 0)))))
    }).now,
  }
})
const of = (level: number) => rigid[level - 1]!

const walkIndex = (table: Bv<string>, path: Permissions, page: Bv<string>): Bv =>
  table.concat(path.us.bit(), path.rw.bit(), path.nx.bit(), page)

/** The outcome of the walk from `table` at `level`, as a lookup in the rigid tables. */
function outcome(level: number, table: Bv<string>, path: Permissions, page: Bv<string>): Outcome {
  const { flags, frame, leafFirstFrame, leafLevel } = of(level)
  const at = walkIndex(table, path, page)
  const flag = Object.fromEntries(FLAGS.map((f) => [f, flags[f].has(at)])) as Record<(typeof FLAGS)[number], Bool>
  return { ...flag, frame: frame.at(at).as(), leafFirstFrame: leafFirstFrame.at(at).as(), leafLevel: leafLevel.at(at) }
}

const NO_PATH: Permissions = { us: bool(false), rw: bool(false), nx: bool(false) }
/** Which tables a walk goes through does not depend on permissions. */
const passing = (level: number, table: Bv<string>, page: Bv<string>, frame: Bv<string>): Bool =>
  of(level).passes.has(walkIndex(table, NO_PATH, page).concat(frame))

export interface Reach {
  readonly translation: Outcome
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
export function reach(level: number, table: Bv<string>, path: Permissions, page: Bv): Reach {
  const t = outcome(level, table, path, page)
  const formable = page.bitand(config.guestPages.now.bitnot()).isZero()
  const usable = t.ok.and(t.us.or(config.gmetCapable.now))
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
    passes: (wanted) => passing(level, table, page, wanted),
  }
}

// ---- unfolding one level ----

const read = (frame: HostFrame, index: Bv<string>): Bv => (memory.snapshot as Arr).at(frame.concat(index))
type Below = (level: number, table: Bv<string>, path: Permissions, page: Bv<string>) => Outcome
type Passing = typeof passing

/** One step of the hardware's walk, the walk below being `below`. */
function step(level: number, table: Bv<string>, path: Permissions, page: Bv<string>, below: Below): Outcome {
  const rest: typeof translate = (_format, next, _rules, _read, t, p, at) => ({
    ...below(next, t, p, at),
    notPresent: bool(false),
    encrypted: bool(false),
    faultLevel: bv(3, 0),
    leafFirstPage: at,
    steps: [],
  })
  return translate('long5', level, rules, read, table.as<'host frame'>(), path, page.as() as GuestPage, rest)
}

function passingStep(level: number, table: Bv<string>, page: Bv<string>, frame: Bv<string>, below: Passing): Bool {
  if (level === 1) return bool(false)
  const index = page.bits(9 * level - 1, 9 * (level - 1))
  const e = entryMeaning('long5', level, read(table.as<'host frame'>(), index), rules)
  return e.descends.and(
    plainFrame(e.table)
      .eq(frame as Bv)
      .or(below(level - 1, e.table, page, frame)),
  )
}

const parts = (index: Bv): { table: Bv; path: Permissions; page: Bv } => ({
  table: index.bits(WALK - 1, PAGE + 3),
  path: { us: index.bit(PAGE + 2), rw: index.bit(PAGE + 1), nx: index.bit(PAGE) },
  page: index.bits(PAGE - 1, 0),
})

const sameOutcome = (a: Outcome, b: Outcome): Bool =>
  and(...(Object.keys(a) as (keyof Outcome)[]).map((field) => equal(a[field] as Term, b[field] as Term)))
/** Only the fields that a translation may be asked for: those of `outcome`. */
const fieldsOf = ({ reserved, ok, us, rw, nx, frame, leafLevel, leafFirstFrame }: Outcome): Outcome => ({
  reserved,
  ok,
  us,
  rw,
  nx,
  frame,
  leafLevel,
  leafFirstFrame,
})

/** The definition of the rigid tables of `level`, one step deep. */
export function unfolding(level: number): readonly Axiom[] {
  const { flags, frame, leafFirstFrame, leafLevel, passes } = of(level)
  return [
    {
      name: `the hardware's walk, level ${level}`,
      arrays: [...Object.values(flags), frame, leafFirstFrame, leafLevel],
      arity: 1,
      instance: (index) => {
        const { table, path, page } = parts(index as Bv)
        return sameOutcome(outcome(level, table, path, page), fieldsOf(step(level, table, path, page, outcome)))
      },
    },
    {
      name: `tables on the way, level ${level}`,
      arrays: [passes],
      arity: 1,
      instance: (index) => {
        const at = index as Bv
        const { table, page } = parts(at.bits(WALK + FRAME - 1, FRAME))
        const wanted = at.bits(FRAME - 1, 0)
        return passing(level, table, page, wanted).iff(passingStep(level, table, page, wanted, passing))
      },
    },
  ]
}

/** The whole walk, unrolled: what the rigid tables of `level` stand for. */
export function hardwareWalk(
  format: PagingFormat,
  level: number,
  table: Bv<string>,
  path: Permissions,
  page: Bv<string>,
): Translation {
  return translate(format, level, rules, read, table.as<'host frame'>(), path, page.as() as GuestPage)
}

/** The unfolding of `level` is true when the rigid tables are read as the hardware's walk (by syntactic identity). */
export function unfoldingHolds(level: number, table: Bv, path: Permissions, page: Bv): Bool {
  const whole: Below = (l, t, p, at) => fieldsOf(hardwareWalk('long5', l, t, p, at))
  return sameOutcome(whole(level, table, path, page), fieldsOf(step(level, table, path, page, whole)))
}

/** `page` lies in the 512^level pages that begin at `base`. */
export const inSpan = (level: number, base: Bv, page: Bv): Bool =>
  level === 5 ? bool(true) : page.bits(PAGE - 1, 9 * level).eq(base.bits(PAGE - 1, 9 * level))

/** The index of `page` in a table of `level`, as a loop counter of 10 bits. */
export const indexOf = (level: number, page: Bv): Bv => page.bits(9 * level - 1, 9 * (level - 1)).zext(10)

// ---- from the root of a space ----

export const ROOT_PERMISSIONS: Permissions = { us: bool(true), rw: bool(true), nx: bool(false) }

/** The hardware's walk for `page` in `space`: five levels or four, by the recorded mode (APM 15.25.3). */
export function rootReach(
  space: Bv,
  page: Bv,
): { readonly five: Bool; readonly long5: Reach; readonly long4: Reach; readonly low: Bool; readonly root: Bv } {
  const root = spaces.root.now.at(space)
  return {
    root: plainFrame(root),
    five: spaces.mode.now.at(space).eq(MODE.long5),
    long5: reach(5, root, ROOT_PERMISSIONS, page),
    long4: reach(4, root, ROOT_PERMISSIONS, page),
    // Four levels translate 48 bits of guest-physical address.
    low: page.bits(PAGE - 1, 36).isZero(),
  }
}

/** The rigid tables of the top levels, as the hardware's whole walk: for who reads a claim in the words of the hardware. */
export const walkTables: readonly Axiom[] = [4, 5].map((level) => {
  const { flags, frame, leafFirstFrame, leafLevel } = of(level)
  return {
    name: `the hardware's whole walk, level ${level}`,
    arrays: [...Object.values(flags), frame, leafFirstFrame, leafLevel],
    arity: 1,
    instance: (index) => {
      const { table, path, page } = parts(index as Bv)
      return sameOutcome(
        outcome(level, table, path, page),
        fieldsOf(hardwareWalk(level === 4 ? 'long4' : 'long5', level, table, path, page)),
      )
    },
  }
})

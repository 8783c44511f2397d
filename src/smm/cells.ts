// The handler's SMRAM: constants that boot code filled in, the census in progress, its result. One cell per noun.
// Frame numbers are 40 bits (physical address bits 51:12), guest page numbers 45 (guest-physical bits 56:12), spaces and
// memory ranges 16.

import { constant, ghost, smram, type Tally, watch } from '../model/cell.ts'
import { bvSort } from '../model/sort.ts'
import { type Bool, bv, type Bv } from '../model/term.ts'

export const FRAME = 40
export const PAGE = 45
export const SPACE = 16
export const RANGE = 16
/** Index of a 64-bit word of a bitmap. */
export const WORD = 34

/** Outcome of a census or of one space; `running` is `complete` once the census has returned. */
export const STATUS = { running: 0, truncated: 1, foreignTable: 2, unsupportedMode: 3 } as const
export const statusIs = (s: keyof typeof STATUS): Bool => census.status.now.eq(STATUS[s])

/** Filled at boot from CPUID, EFER and the firmware's memory map; never written after. */
export const config = {
  /** Ones below MAXPHYADDR (less the bits that memory encryption takes): 52 bits. */
  physMask: constant.bits('config.physMask', 52),
  /** The memory-encryption bit as a one-hot mask, or zero: 52 bits (APM 7.10). */
  cBit: constant.bits('config.cBit', 52),
  /** Host EFER.NXE. */
  nxe: constant.flag('config.nxe'),
  /** CPUID Fn8000_0001_EDX[26]: 1-GiB pages. */
  page1g: constant.flag('config.page1g'),
  /** The CPU knows GMET (VMCB 090h bit 3), so a guest may run with it although no save area says so. */
  gmetCapable: constant.flag('config.gmetCapable'),
  /** Ones for the guest page numbers below 2^GPAW: 45 bits. */
  guestPages: constant.bits('config.guestPages', PAGE),
  /** Bits that VMRUN refuses in a guest's CR4 and EFER: 64 bits each, a one where a bit must be zero. Fewer ones than the CPU has are sound. */
  cr4Mbz: constant.bits('config.cr4Mbz', 64),
  eferMbz: constant.bits('config.eferMbz', 64),
  /** Units of work a census may spend. */
  budget: constant.bits('config.budget', 64),
  /** 64-bit words per bitmap. */
  windowWords: constant.bits('config.windowWords', WORD),
  smramFirst: constant.bits('config.smramFirst', FRAME),
  smramLast: constant.bits('config.smramLast', FRAME),
}

const ranges = constant.bits('bootMap.ranges', RANGE)
/** The boot-time DRAM map: ranges of whole frames outside SMRAM, ascending, apart. */
export const bootMap = {
  ranges,
  first: constant.array('bootMap.first', RANGE, bvSort(FRAME), ranges.now),
  last: constant.array('bootMap.last', RANGE, bvSort(FRAME), ranges.now),
}

const count = constant.bits('spaces.count', SPACE)
/** The nested address spaces to measure, as recorded by the save states (or named by the operator for an image). */
export const spaces = {
  count,
  root: constant.array('spaces.root', SPACE, bvSort(FRAME), count.now),
  /** Paging mode of the host at VMRUN: 0 legacy, 1 PAE, 2 four levels, 3 five levels. */
  mode: constant.array('spaces.mode', SPACE, bvSort(2), count.now),
}
/** Index of a slot in a list of frames. */
export const SLOT = 16
/** A space, plus one; zero is none. */
export const NOTED = SPACE + 1
const vmcbCount = constant.bits('vmcbs.count', SLOT)
/** VMCBs known to lie in memory (from save states, or found by a search): which of them a guest can reach is noted. */
export const vmcbs = {
  count: vmcbCount,
  frame: constant.array('vmcbs.frame', SLOT, bvSort(FRAME), vmcbCount.now),
  /** One plus the last space that maps the VMCB's frame, or zero. */
  space: smram.array('vmcbs.space', SLOT, bvSort(NOTED), vmcbCount.now),
}
export const MODE = { legacy: 0, pae: 1, long4: 2, long5: 3 } as const

const bitmap = (name: string) => smram.array(`census.${name}`, WORD, bvSort(64), config.windowWords.now)
export const census = {
  status: smram.bits('census.status', 8),
  work: smram.bits('census.work', 64),
  /** 1 or 2: which of the two rounds over all spaces is under way. */
  round: smram.bits('census.round', 2),
  space: smram.bits('census.space', SPACE),
  /** Leaves are counted in the first window of round 1 only. */
  counting: smram.flag('census.counting'),
  /** Frame that bit 0 of the bitmaps stands for. */
  windowFirst: smram.bits('census.windowFirst', FRAME),
  /** Round 1: mapped by this space. Round 2 likewise. */
  once: bitmap('once'),
  /** Round 1: mapped at least twice by this space. Round 2: a table of this space. */
  twice: bitmap('twice'),
  /** Round 1: mapped by a space so far. Round 2: certainly usable in this space. */
  any: bitmap('any'),
  /** Mapped by at least two spaces (complete after round 1). */
  two: bitmap('two'),
  /** A table of any space (complete after round 1). */
  tables: bitmap('tables'),
}

/** Arbitrary, fixed values: what is proved for them is proved for all. */
export const watched = {
  /** A guest page, and another. */
  g: watch.bits('g', PAGE),
  g2: watch.bits('g2', PAGE),
  /** A frame, and the range of the boot map that holds it (if any does). */
  f: watch.bits('f', FRAME),
  fRange: watch.bits('fRange', RANGE),
  /** A space, and another. */
  s: watch.bits('s', SPACE),
  s2: watch.bits('s2', SPACE),
  /** An index of a counter array. */
  index: watch.bits('index', SPACE),
  /** A slot of the list of VMCBs. */
  slot: watch.bits('slot', SLOT),
  /** A memory range. */
  range: watch.bits('range', RANGE),
}

/** Ghost state of one pass over one space, and the witnesses that what was counted is there. */
export const trace = {
  /** Leaf events that covered the watched frame; of these, certainly usable ones; and table events. */
  hits: ghost.bits('hits', 64),
  certainHits: ghost.bits('certainHits', 64),
  tableHits: ghost.bits('tableHits', 64),
  /** The watched guest pages were seen to map the watched frame. */
  seen: ghost.flag('seen'),
  seen2: ghost.flag('seen2'),
  certainSeen: ghost.flag('certainSeen'),
  tableSeen: ghost.flag('tableSeen'),
  /** Guest pages that reach the watched frame: of the first and second hit, first certain hit, first table hit. */
  wit: ghost.bits('wit', PAGE),
  wit2: ghost.bits('wit2', PAGE),
  certainWit: ghost.bits('certainWit', PAGE),
  tableWit: ghost.bits('tableWit', PAGE),
  /** First guest page after the last leaf event. */
  cursor: ghost.bits('cursor', PAGE + 1),
  /** The bits of the watched frame in `any` and `two` when the space was begun. */
  anyBefore: ghost.flag('anyBefore'),
  twoBefore: ghost.flag('twoBefore'),
  /** ... and in `tables`. */
  tablesBefore: ghost.flag('tablesBefore'),
  /** Spaces and pages that reach the watched frame: the first space that did, and the next. */
  anySpace: ghost.bits('anySpace', SPACE),
  anyPage: ghost.bits('anyPage', PAGE),
  twoSpace: ghost.bits('twoSpace', SPACE),
  twoPage: ghost.bits('twoPage', PAGE),
  /** The first space, and a page of it, whose walk goes through the watched frame as a table. */
  tableSpace: ghost.bits('tableSpace', SPACE),
  tablePage: ghost.bits('tablePage', PAGE),
  /** Why the census ended as foreign-table: the table's frame, and a guest page whose walk needs it. */
  foreignFrame: ghost.bits('foreignFrame', FRAME),
  foreignWit: ghost.bits('foreignWit', PAGE),
}

/** The witnesses that a complete census leaves behind, for the watched frame and space. */
export const finals = {
  hits: ghost.bits('final.hits', 64),
  wit: ghost.bits('final.wit', PAGE),
  wit2: ghost.bits('final.wit2', PAGE),
  sharedWit: ghost.bits('final.sharedWit', PAGE),
  otherSpace: ghost.bits('final.otherSpace', SPACE),
  otherPage: ghost.bits('final.otherPage', PAGE),
  certainWit: ghost.bits('final.certainWit', PAGE),
  tableWit: ghost.bits('final.tableWit', PAGE),
  totalSpace: ghost.bits('final.totalSpace', SPACE),
  totalPage: ghost.bits('final.totalPage', PAGE),
  /** A space and a page whose walk goes through the watched frame as a table. */
  /** A page of the space that is noted for the watched VMCB. */
  vmcbPage: ghost.bits('final.vmcbPage', PAGE),
  tableSpace: ghost.bits('final.tableSpace', SPACE),
  tablePage: ghost.bits('final.tablePage', PAGE),
}

const tally = (
  name: string,
  object: Bv<string>,
  {
    element = watched.s.now,
    length = spaces.count.now,
    charges = 'once',
  }: { element?: Bv<string>; length?: Bv<string>; charges?: Tally['charges'] } = {},
): Tally => ({
  counter: smram.array(`count.${name}`, SPACE, bvSort(64), length),
  charge: ghost.bits(`charge.${name}`, 64),
  element,
  object,
  charges,
})
const pages = watched.g.now
/** One bit wider than a frame number, so that a window may end past the last frame. */
export const FRAME_OBJECT = FRAME + 1
const frames = watched.f.now.zext(FRAME_OBJECT)
export const PERMISSIONS = ['r--', 'r-x', 'rw-', 'rwx'] as const
/** The result, per space unless said otherwise. Those of `guest` count guest pages, those of `host` frames. */
export const counts = {
  guest: {
    leaf4K: tally('leaf4K', pages),
    leaf2M: tally('leaf2M', pages),
    leaf1G: tally('leaf1G', pages),
    mapped: tally('mapped', pages),
    'r--': tally('r--', pages),
    'r-x': tally('r-x', pages),
    'rw-': tally('rw-', pages),
    rwx: tally('rwx', pages),
    foreign: tally('foreign', pages),
    beyond: tally('beyond', pages),
    reserved: tally('reserved', pages),
    smram: tally('smram', pages),
  },
  round1: {
    distinct: tally('distinct', frames),
    multiple: tally('multiple', frames),
    extra: tally('extra', frames, { charges: 'often' }),
  },
  round2: {
    shared: tally('shared', frames),
    certain: tally('certain', frames),
    tables: tally('tables', frames),
  },
  /** Counted after the second pass over a space: frames that it maps and that hold a table of any space. */
  after: {
    mappedTables: tally('mappedTables', frames),
  },
  /** Element 0: frames that any space maps. */
  total: tally('total', frames, { element: bv(SPACE, 0), length: bv(SPACE, 1) }),
}
export const perSpace: readonly Tally[] = [
  ...Object.values(counts.guest),
  ...Object.values(counts.round1),
  ...Object.values(counts.round2),
  ...Object.values(counts.after),
]
export const tallies: readonly Tally[] = [...perSpace, counts.total]

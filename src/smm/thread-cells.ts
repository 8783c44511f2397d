// The SMRAM that threads share while they meet: constants of the platform that boot code filled in, who has arrived, what each
// thread found, and what the handler has decided. One cell per noun.
// Thread numbers are 32 bits; arrays over threads have an element for each thread that the platform can ever have.

import { constant, ghost, smram, watch } from '../model/cell.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { type Bool, bv, type Bv } from '../model/term.ts'
import { FRAME, SPACE } from './cells.ts'

export const THREAD = 32

const threads = constant.bits('platform.threads', THREAD)
export const platformConfig = {
  /** How many threads the platform can ever have, late ones included. */
  threads,
  /** Looks at a thread that has not arrived, before the handler gives up. */
  patience: constant.bits('platform.patience', 32),
  /** H_IOMMU_BLOCK: the handler can stop all device writes, and wait for those in flight. */
  stopsDma: constant.flag('platform.stopsDma'),
  /** P_PARK_VISIBLE: a thread in wait-for-SIPI can be told from one that holds SMIs off. */
  parkVisible: constant.flag('platform.parkVisible'),
  /** P_FF38: the save area's FF38h is the nested CR3 in use. */
  rootRecorded: constant.flag('platform.rootRecorded'),
  /** P_FF38_WHEN: state 6 and the host's registers are recorded for every guest with nested paging; else for SNP guests only. */
  nestedRecorded: constant.flag('platform.nestedRecorded'),
  /** P_HOSTMODE_SRC: the host's registers in the save area come from the processor, not from memory that the host can edit. */
  hostRecorded: constant.flag('platform.hostRecorded'),
}

/** Registers that decide where an address goes and who reaches SMRAM, with the bits that do (others are the system's own). */
const ALL = 0xffff_ffff_ffff_ffffn
const RD_WR = 0x1818_1818_1818_1818n
const fixed = ['64K_00000', '16K_80000', '16K_A0000', ...[...'CDEF'].flatMap((d) => [`4K_${d}0000`, `4K_${d}8000`])]
export const REGISTERS: Readonly<Record<string, bigint>> = {
  /** SmmLock, INVDWBINVD, SmmBaseLock. */
  HWCR: 0x8000_0011n,
  SMMADDR: ALL,
  SMMMASK: ALL,
  TOP_MEM: ALL,
  TOM2: ALL,
  /** MtrrFixDramEn, MtrrVarDramEn, MtrrTom2En, MemEncryptionModEn. */
  SYSCFG: 0x00b4_0000n,
  IORRBase0: ALL,
  IORRMask0: ALL,
  IORRBase1: ALL,
  IORRMask1: ALL,
  /** The APIC's page and its enable bit. */
  APIC_BASE: 0xffff_ffff_f800n,
  MMIO_CFG_BASE: ALL,
  ...Object.fromEntries(fixed.map((name) => [`MTRRfix${name}`, RD_WR])),
}
export const registerNames = Object.keys(REGISTERS)
export const FIXED_MTRRS = fixed.map((name) => `MTRRfix${name}`)

/** What firmware left in each register of each thread. */
export const bootCopy = Object.fromEntries(
  registerNames.map((name) => [name, constant.array(`boot.${name}`, THREAD, bvSort(64), threads.now)]),
)

const per = (name: string, width: number) => smram.array(name, THREAD, bvSort(width), threads.now)
const perFlag = (name: string) => smram.array(name, THREAD, boolSort, threads.now)

export const PHASE = {
  /** Nobody has arrived. */
  idle: 0,
  /** The leader waits for every thread. */
  gathering: 1,
  /** Threads compare their registers with the boot-time copies. */
  checking: 2,
  /** The leader stops devices. */
  quiescing: 3,
  /** Threads write their caches back. */
  flushing: 4,
  /** Memory holds still: discovery, census, report. */
  measuring: 5,
  /** Threads take their flags down and leave. */
  releasing: 6,
} as const

/**
 * How the handler as a whole ended; the census has a status of its own. Where threads differ the greatest number counts: the one
 * of which least is known.
 */
export const HANDLER_STATUS = {
  complete: 0,
  partial: 1,
  tamper: 2,
  dmaNotQuiesced: 3,
  shadow: 4,
  unsupportedMode: 5,
  tooManySpaces: 6,
  vmcbOutside: 7,
  rootMismatch: 8,
  unrecordedRoot: 9,
} as const

export const VERDICT = { none: 0, asAtBoot: 1, differs: 2 } as const

/** What the save area and the control block say of a thread. */
export const OBSERVATION = {
  absent: 0,
  host: 1,
  guest: 2,
  shadow: 3,
  unrecordedRoot: 4,
  rootMismatch: 5,
  vmcbOutside: 6,
  unsupportedMode: 7,
  parked: 8,
} as const

export const handler = {
  phase: smram.bits('handler.phase', 4),
  /** The thread that arrived first: it takes the steps that only one takes. */
  leader: smram.bits('handler.leader', THREAD),
  /** Meetings so far. */
  epoch: smram.bits('handler.epoch', 64),
  /** The next thread that the leader looks at. */
  next: smram.bits('handler.next', THREAD),
  /** Looks in vain so far. */
  polls: smram.bits('handler.polls', 32),
  status: smram.bits('handler.status', 8),
}
/** For proofs only. */
export const handlerGhosts = {
  /** The thread that made the status as grave as it is. */
  cause: ghost.bits('handler.cause', THREAD),
}
export const perThread = {
  /** Raised when the thread joins, taken down as its last act before RSM. */
  arrived: perFlag('thread.arrived'),
  verdict: per('thread.verdict', 2),
  flushed: perFlag('thread.flushed'),
}
/** Words of the thread's save area, each read once, when it arrives (S_FETCH1): FED8h, FEE0h, FF28h, FF30h, FF38h, FF40h. */
export const saved = {
  state: per('saved.state', 64),
  vmcb: per('saved.vmcb', 64),
  hostEfer: per('saved.hostEfer', 64),
  hostCr4: per('saved.hostCr4', 64),
  ff38: per('saved.ff38', 64),
  hostCr0: per('saved.hostCr0', 64),
}
export type SavedWord = keyof typeof saved
export const savedWords = Object.keys(saved) as readonly SavedWord[]

export const observed = {
  kind: per('observed.kind', 4),
  /** Of a guest, if the hardware recorded them: the nested tables' root, the host's paging mode (as spaces.mode). */
  root: per('observed.root', FRAME),
  mode: per('observed.mode', 2),
  /** Frame of its control block. */
  vmcb: per('observed.vmcb', FRAME),
  /** Which of the spaces found. */
  space: per('observed.space', SPACE),
}
const MOST_SPACES = bv(SPACE, 0xffff)
/** The distinct pairs of root and mode that threads run on. */
export const found = {
  count: smram.bits('found.count', SPACE),
  root: smram.array('found.root', SPACE, bvSort(FRAME), MOST_SPACES),
  mode: smram.array('found.mode', SPACE, bvSort(2), MOST_SPACES),
  /** The first thread that was in it. */
  thread: smram.array('found.thread', SPACE, bvSort(THREAD), MOST_SPACES),
}
export const mostSpaces = MOST_SPACES

/** Arbitrary, fixed: a thread; a space found. */
export const watchedThread = watch.bits('u', THREAD)
export const watchedSpace = watch.bits('i', SPACE)

export const phaseIs = (p: keyof typeof PHASE, at: Bv = handler.phase.now): Bool => at.eq(PHASE[p])
export const isKnownThread = (t: Bv<string>): Bool => (t as Bv).ult(threads.now)

// Which address spaces threads were in when they entered SMM: from the words that each one's save area recorded, checked against
// its control block in memory. What the control block says alone is never evidence: the processor does not read it again before
// the next VMRUN, so a sibling may have written anything there (C16, C71).
// Leaves out: spaces that no thread is in (a search of memory finds candidates for these), shadow tables.

import { named, procedure, type ProcedureBuilder, snapshot } from '../model/builder.ts'
import type { Cell } from '../model/cell.ts'
import { bvSort } from '../model/sort.ts'
import { and, type Arr, type Bool, bv, type Bv, ite, or } from '../model/term.ts'
import { byteOffset } from '../x86/area.ts'
import { cr0Layout, cr4Layout, eferLayout } from '../x86/modes.ts'
import { vmcbControl } from '../x86/vmcb.ts'
import { findRange, memory, plainFrame } from './boot-map.ts'
import { config, MODE, SLOT } from './cells.ts'
import { scan } from './scan-cells.ts'
import type { Switches } from './switches.ts'
import {
  found,
  isKnownThread,
  observed,
  OBSERVATION,
  perThread,
  platformConfig,
  saved,
  THREAD,
  watchedSpace,
  watchedThread,
} from './thread-cells.ts'

export type Observation = keyof typeof OBSERVATION
const u = watchedThread.now

export const kindIs = (t: Bv<string>, k: Observation): Bool => observed.kind.now.at(t).eq(OBSERVATION[k])
const at = (cell: Cell<Arr>, t: Bv): Bv => cell.now.at(t)
const NESTED_CONTROL = 0x090
const N_CR3 = byteOffset(vmcbControl.fields.N_CR3)

// ---- what the save area says ----

/** FED8h bits 2:0. */
const stateOf = (t: Bv): Bv => at(saved.state, t).bits(2, 0)
/** The state that says: the fields FF20h to FF40h mean something. */
const recordsHost = (t: Bv): Bool => stateOf(t).eq(6)
const vmcbOf = (t: Bv): Bv => at(saved.vmcb, t)
/** A control block has the address of a page (15.5.1). */
const isPage = (address: Bv): Bool => and(address.bits(11, 0).isZero(), address.bits(63, 52).isZero())
const registers = (t: Bv) => ({
  cr0: cr0Layout.of(at(saved.hostCr0, t)),
  cr4: cr4Layout.of(at(saved.hostCr4, t)),
  efer: eferLayout.of(at(saved.hostEfer, t)),
})
/** The host's paging mode at VMRUN, which the nested walk takes over (15.25.3). */
export const modeOf = (cr4: Bv, efer: Bv): Bv => {
  const [c4, e] = [cr4Layout.of(cr4), eferLayout.of(efer)]
  const long = ite(c4.LA57, bv(2, MODE.long5), bv(2, MODE.long4))
  return ite(c4.PAE, ite(e.LMA, long, bv(2, MODE.pae)), bv(2, MODE.legacy))
}
/** Four or five levels, with the NXE that the handler's tables of reserved bits are made for. */
const walkable = (t: Bv, mode: Bv): Bool => {
  const { cr0, efer } = registers(t)
  return and(cr0.PG, mode.uge(MODE.long4), efer.NXE.iff(config.nxe.now))
}
const rootOf = (t: Bv): Bv => at(saved.ff38, t).bits(51, 12)
/** Hardware tells root and mode of the guest on this thread. */
const isRecorded = (t: Bv): Bool => and(recordsHost(t), platformConfig.rootRecorded.now, platformConfig.hostRecorded.now)
/** Hardware tells that the guest has no nested tables. */
const isShadow = (t: Bv): Bool => and(platformConfig.nestedRecorded.now, stateOf(t).eq(2))

// ---- one thread ----

const frameAt = (vmcb: Bv): Bv => plainFrame(vmcb.bits(51, 12))
/** Frame of the control block that the save area of thread `t` names. */
export const vmcbFrame = (t: Bv): Bv => frameAt(vmcbOf(t))
const wordAt = (vmcb: Bv, offset: number): Bv => vmcb.bits(51, 12).concat(bv(9, offset / 8))
const inMemory = (t: Bv, offset: number): Bv => (memory.snapshot as Arr).at(wordAt(vmcbOf(t), offset))
/** Where the first candidate of the search of memory lies. */
const candidate = (): Bv => bv(12, 0).concat(scan.frame.now.at(bv(SLOT, 0)), bv(12, 0))

/** Notes what thread `t` was doing. */
export const recognise = (switches: Switches) =>
  procedure('recognise', {
    params: { t: bvSort(THREAD) },
    memory,
    modifies: [observed.kind, observed.root, observed.mode, observed.vmcb],
    requires: ({ t }) => named({ 'the thread is one of the platform': isKnownThread(t) }),
    ensures: ({ t }) => {
      const is = (k: Observation): Bool => kindIs(t, k)
      const walked = or(is('guest'), is('rootMismatch'))
      const np = inMemory(t, NESTED_CONTROL).bit(0)
      const named_ = inMemory(t, N_CR3).bits(51, 12)
      return [
        ...named({
          'U1 there is an observation': is('absent').not(),
          'C1 a host is a thread that was in no guest': is('host').iff(and(perThread.arrived.now.has(t), stateOf(t).isZero())),
          'U1 only a thread that has not arrived is parked': is('parked').iff(perThread.arrived.now.has(t).not()),
          'I9 what is walked is what the save area recorded': walked.implies(
            and(
              isRecorded(t),
              at(observed.root, t).eq(rootOf(t)),
              at(observed.mode, t).eq(modeOf(at(saved.hostCr4, t), at(saved.hostEfer, t))),
              walkable(t, at(observed.mode, t)),
            ),
          ),
          'I9 its control block is a page': or(walked, is('shadow'), is('unrecordedRoot'), is('unsupportedMode')).implies(
            and(isPage(vmcbOf(t)), at(observed.vmcb, t).eq(vmcbFrame(t))),
          ),
          'U1 unrecorded only where the hardware does not tell': is('unrecordedRoot').implies(isRecorded(t).not()),
          'U1 unsupported only where the mode is': is('unsupportedMode').implies(
            walkable(t, modeOf(at(saved.hostCr4, t), at(saved.hostEfer, t))).not(),
          ),
        }),
        ...named(
          { 'observations of others stay': u.eq(t).or(unchanged(u)) },
          { also: new Map([[u, found.thread.now.at(watchedSpace.now)]]) },
        ),
        ...snapshot({
          'I9 a guest without remark has the recorded root in its control block': is('guest').implies(
            and(np, named_.eq(rootOf(t))),
          ),
          'I9 a mismatch is one': is('rootMismatch').implies(or(np.not(), named_.ne(rootOf(t)))),
          'U1 shadow paging is what hardware or control block says': is('shadow').implies(or(isShadow(t), np.not())),
          'U1 a root is unrecorded only if there may be one': is('unrecordedRoot').implies(or(np, recordsHost(t))),
        }),
      ]
    },
    body: (b, { t }) => {
      const note = (k: Observation): void => b.store(observed.kind, t, bv(4, OBSERVATION[k]))
      const end = (condition: Bool, k: Observation): void =>
        b.when(condition, () => {
          note(k)
          b.return()
        })
      end(perThread.arrived.now.has(t).not(), 'parked')
      if (switches.S_IN_GUEST) end(stateOf(t).isZero(), switches.S_HOST_SEEN ? 'host' : 'parked')
      const source = switches.S_VMCB_HW ? vmcbOf(t) : candidate()
      const frame = b.let('frame', frameAt(source))
      const inMap = b.call(findRange, { first: frame, last: frame })
      if (switches.S_DRAM) end(or(isPage(source).not(), inMap.found.not()), 'vmcbOutside')
      b.store(observed.vmcb, t, frame)
      const control = b.read('control', wordAt(source, NESTED_CONTROL), inMap.range)
      const root = b.read('root', wordAt(source, N_CR3), inMap.range)
      decide(b, { t, np: control.bit(0), root: root.bits(51, 12), switches, end, note })
    },
  })

interface Decision {
  readonly t: Bv
  readonly np: Bool
  /** As the control block in memory has it. */
  readonly root: Bv
  readonly switches: Switches
  readonly end: (condition: Bool, k: Observation) => void
  readonly note: (k: Observation) => void
}
function decide(b: ProcedureBuilder, { t, np, root, switches, end, note }: Decision): void {
  if (switches.S_NP_CHECK) end(or(isShadow(t), and(recordsHost(t).not(), np.not())), 'shadow')
  if (switches.S_ROOT_HW) end(isRecorded(t).not(), 'unrecordedRoot')
  const mode = switches.S_MODE_HW ? b.let('mode', modeOf(at(saved.hostCr4, t), at(saved.hostEfer, t))) : bv(2, MODE.long4)
  if (switches.S_MODE_HW) end(walkable(t, mode).not(), 'unsupportedMode')
  b.store(observed.root, t, switches.S_ROOT_HW ? rootOf(t) : root)
  b.store(observed.mode, t, mode)
  if (switches.S_ROOT_HW) end(or(np.not(), root.ne(rootOf(t))), 'rootMismatch')
  note('guest')
}

const unchanged = (t: Bv): Bool =>
  and(...[observed.kind, observed.root, observed.mode, observed.vmcb].map((c) => c.now.at(t).eq(c.old.at(t))))

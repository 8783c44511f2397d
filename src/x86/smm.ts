// System management mode: how a thread gets in, what its handler does there, how it leaves.
//
// Covers: acceptance of external and internal SMIs, entry with the save area, RSM with its checks, fetches, loads and stores of the
//   handler, stopping of DMA. Ghosts: a fetch or load of the handler was answered by something that SMM did not write.
// Leaves out: what the handler computes (src/smm), interrupts in SMM, the I/O restart and auto-halt fields, HWCR.SmmPgCfgLock (only
//   SMM can set it, and RSM clears it).
// Manual: APM volume 2, 10.2 (save area), 10.3 (entry), 10.4 (RSM), 15.22 (SVM), 15.13.3; PPR HWCR.SmmBaseLock.
// Liberties: the handler stores only to its own objects and runs only its own code; that the handler of src/smm does so is proved
//   of its procedures. What the save area holds that the model has no state for is arbitrary.

import { action, type Action, type Effect, given, reading, state, type Table, when } from '../model/system.ts'
import { arraySort, boolSort, bvSort } from '../model/sort.ts'
import { and, type Arr, type Bool, bool, type Bv, bv, ite, or } from '../model/term.ts'
import { vmrunCpu } from './cpu.ts'
import { cellOf, foreign, load, type Requester, store, storeImage } from './dram.ts'
import { dmaStopped } from './devices.ts'
import { beforeRsm, cached, flush, threadOf } from './guest-tlb.ts'
import { cr0, cr3, cr4, efer, gif, guest, handedOver, parked, runs, runsHandler, shutdown, smm } from './modes.ts'
import { addressOf, word, wordAt } from './physical.ts'
import { on } from './profile.ts'
import { hwcr, hwcrLayout, ioTrap, smBase, smmMask } from './registers.ts'
import { smmMask as smmMaskLayout } from './routing.ts'
import { rsmOutcome, type SaveStateReader } from './rsm.ts'
import { SAVE_AREA, saveState, type SaveStateField } from './savestate.ts'
import { smiFate, type SmiFate } from './smi.ts'
import { diverted, owed, pending } from './smi-state.ts'
import { handlerAddress, saveAreaAddress, saveFieldAddress, smmEntry, svmSaveFields } from './smm-entry.ts'
import * as svm from './svm-state.ts'
import { routeOf } from './thread-route.ts'
import { coreOf, isThread, online, thread } from './topology.ts'
import { handlerCode, handlerObject, isTsegWord } from './tseg.ts'
import { exitCodes } from './vmcb.ts'
import { type VmcbField, vmcbReader } from './vmcb-fields.ts'
import { exitCode, exitEffects, outside } from './vmexit.ts'
import { ff38IsNestedCr3, hostModeInternal, recordsNested, snpGuest, smmRevision } from './save-parameters.ts'

/** Ghost: the handler has fetched something that is not its own code in TSeg. */
export const derailed = state.per(thread).flag('handler derailed')
/** Ghost: the handler has read, at its own addresses, something that SMM did not write. */
export const deceived = state.per(thread).flag('handler deceived')
/** The entry stub of this visit has found the close bits clear. */
export const stubPassed = state.per(thread).flag('stub passed')
export const smmVariables = [derailed, deceived, stubPassed] as const

const words = arraySort(9, bvSort(64))
export const inSmm = (t: Bv<string>): Requester => ({ thread: t, smm: bool(true) })
const core = (t: Bv<string>) => hwcrLayout.of(hwcr.at(coreOf(t)))

// ---- entry ----

/** The save area's fields that follow from the thread's state; all others are arbitrary. */
function savedFields(t: Bv<string>, context: Arr): Partial<Record<SaveStateField, Bv>> {
  const undocumented = (field: SaveStateField): Bv => fieldOf(field, (n) => context.at(bv(9, n)))
  // Memory at VM_HSAVE_PA has a layout of the processor's own (15.30.4): what the host has written there comes out as anything.
  const host = (register: Table<Bv>, field: SaveStateField): Bv => ite(hostModeInternal.now, register.at(t), undocumented(field))
  const base = saveFieldAddress(smBase.at(t), 'SMBASE')
  const kept = load(inSmm(t), wordAt(base)).bits(31, 0)
  return {
    EFER: efer.at(t),
    CR0: cr0.at(t),
    CR3: cr3.at(t),
    CR4: cr4.at(t),
    REVISION: smmRevision.now,
    // Neither saved nor restored under SmmBaseLock (PPR HWCR).
    SMBASE: ite(core(t).SmmBaseLock, kept, smBase.at(t)),
    ...svmSaveFields(
      {
        guest: guest.at(t),
        nestedPaging: svm.isSet(t, 'NP_ENABLE'),
        snp: snpGuest.now,
        hostIf: context.at(bv(9, 511)).bit(0),
        vmcb: svm.vmcbPa.at(t),
        virtualInterrupt: undocumented('SVM_GUEST_VIRTUAL_INTERRUPT'),
        gPat: svm.inUse(t, 'G_PAT'),
        hostEfer: host(svm.hostEfer, 'SVM_HOST_EFER'),
        hostCr4: host(svm.hostCr4, 'SVM_HOST_CR4'),
        hostCr3: svm.hostCr3.at(t),
        hostCr0: host(svm.hostCr0, 'SVM_HOST_CR0'),
        nCR3: svm.inUse(t, 'N_CR3'),
      },
      { ff38IsNestedCr3: ff38IsNestedCr3.now, recordsNested: recordsNested.now },
      undocumented,
    ),
  }
}

const wordNumber = (field: SaveStateField): number => saveState.fields[field].low >> 6
/** A field out of the area's words. */
function fieldOf(field: SaveStateField, wordOf: (n: number) => Bv): Bv {
  const { high, low } = saveState.fields[field]
  const n = low >> 6
  return wordOf(n).bits(high - n * 64, low - n * 64)
}
/** A word with some of its fields replaced. */
function withFields(n: number, rest: Bv, fields: Partial<Record<SaveStateField, Bv>>): Bv {
  let out = rest
  for (const [name, value] of Object.entries(fields) as [SaveStateField, Bv][]) {
    if (wordNumber(name) !== n) continue
    const { high, low } = saveState.fields[name]
    const [h, l] = [high - n * 64, low - n * 64]
    const parts = [...(h < 63 ? [out.bits(63, h + 1)] : []), value, ...(l > 0 ? [out.bits(l - 1, 0)] : [])]
    out = parts[0]!.concat(...parts.slice(1))
  }
  return out
}

function saveArea(t: Bv<string>, context: Arr): Effect[] {
  const fields = savedFields(t, context)
  const modelled = [...new Set(Object.keys(fields).map((name) => wordNumber(name as SaveStateField)))]
  return storeImage(inSmm(t), wordAt(saveAreaAddress(smBase.at(t))), 64, (n) => {
    const arbitrary = context.at(n)
    return modelled.reduce((otherwise, k) => ite(n.eq(k), withFields(k, context.at(bv(9, k)), fields), otherwise), arbitrary)
  })
}

/** APM 10.3, table 10-3, 15.16.1. */
function entryEffects(t: Bv<string>, context: Arr): Effect[] {
  const to = smmEntry(smBase.at(t), cr0.at(t))
  return [
    ...saveArea(t, context),
    smm.set(t, bool(true)),
    cr0.set(t, to.cr0),
    cr4.set(t, to.cr4),
    efer.set(t, to.efer),
    stubPassed.set(t, bool(false)),
    ...when(on('H_FLUSH_ASID'), flush(t, { kind: 'smi-entry' })),
  ]
}

const fateOf = (t: Bv<string>, external: boolean): SmiFate =>
  smiFate({
    smmLock: core(t).SmmLock,
    gif: gif.at(t),
    guest: guest.at(t),
    intercept: svm.isSet(t, 'INTERCEPT_SMI'),
    inSmm: smm.at(t),
    parked: parked.at(t),
    external: bool(external),
  })
const smiExit = (t: Bv<string>, context: Arr): Effect[] => [
  ...exitEffects(t, exitCode(exitCodes.SMI), context),
  diverted.set(t, bool(true)),
]
const settled = (t: Bv<string>): Effect[] => [pending.set(t, bool(false)), owed.set(t, bool(false))]

const externalSmi = action(
  'SMI arrives',
  { actor: 'hardware', cite: 'APM 10.3.3, 15.22.2 table 15-14, 15.32.1', parameters: { t: thread, context: words } },
  ({ t, context }) => {
    const fate = fateOf(t, true)
    return {
      guard: and(handedOver.now, isThread(t), online.at(t), shutdown.at(t).not(), pending.at(t)),
      cases: {
        latched: given(fate.latched),
        'stays pending': given(fate.pending),
        '#VMEXIT(SMI), still pending': given(fate.vmexitStillPending, smiExit(t, context)),
        'SMM, from the guest': given(fate.takenInGuest, settled(t), entryEffects(t, context)),
        'SMM, from the host': [...settled(t), ...entryEffects(t, context)],
      },
    }
  },
)

const internalSmi = action(
  'trapped I/O access',
  { actor: 'hypervisor', cite: 'APM 15.22.1, 15.22.2 table 15-14', parameters: { t: thread, context: words } },
  ({ t, context }) => {
    const fate = fateOf(t, false)
    return {
      guard: and(runs(t), ioTrap.at(t)),
      cases: {
        'lost while GIF is 0': given(fate.lost),
        '#VMEXIT(SMI)': given(fate.vmexit, smiExit(t, context)),
        'SMM, from the guest': given(fate.takenInGuest, entryEffects(t, context)),
        'SMM, from the host': entryEffects(t, context),
      },
    }
  },
)

// ---- RSM ----

const addressAbove = (base: Bv, offset: number): Bv => base.plus(offset).zext(52)
/** A word of the save area of the thread's present SMBASE, or the answer of a device over it. */
const savedWord = (t: Bv<string>, n: number, answer: Bv): Bv =>
  load(inSmm(t), wordAt(addressAbove(smBase.at(t), SAVE_AREA + 8 * n)), answer)

/** Words of the image that RSM checks or loads, as parameters; SMBASE, which a claim follows through memory, is not among them. */
const checkedFields = [
  'CR0',
  'CR3',
  'CR4',
  'EFER',
  'DR6',
  'DR7',
  'CS_ATTRIB',
  'REVISION',
] as const satisfies readonly SaveStateField[]
const checkedWords = [...new Set(checkedFields.map(wordNumber))]
const savedName = (n: number): string => `save area ${(SAVE_AREA + 8 * n).toString(16).toUpperCase()}h`
const image64 = Object.fromEntries(checkedWords.map((n) => [savedName(n), bvSort(64)]))

const rsm = action(
  'RSM',
  {
    actor: 'SMM',
    cite: 'APM 10.4, 10.2.2, 15.16.1, 15.22.3',
    parameters: { t: thread, again: boolSort, answer: bvSort(64), device: words, ...image64 },
  },
  (parameters) => {
    const { t, again, answer, device } = parameters
    const read = parameters as unknown as Readonly<Record<string, Bv>>
    const image: SaveStateReader = (field) => fieldOf(field, (n) => read[savedName(n)] ?? savedWord(t, n, answer))
    const toGuest = guest.at(t)
    const outcome = rsmOutcome({
      image,
      inSmm: smm.at(t),
      intercepted: bool(false),
      toGuest,
      smmBaseLock: core(t).SmmBaseLock,
      smbase: smBase.at(t),
      cpu: {
        cr3Mbz: bv(12, 0xfff).concat(vmrunCpu.physMask.bitor(vmrunCpu.cBit).bitnot()),
        cr4Mbz: vmrunCpu.cr4Mbz,
        eferMbz: vmrunCpu.eferMbz,
        revision: smmRevision.now,
      },
      parameters: { pagedRealModeRefused: on('P_PE0_PG1_RSM').not() },
    })
    const left = [
      smm.set(t, bool(false)),
      smBase.set(t, outcome.state.smbase),
      cr0.set(t, image('CR0')),
      cr3.set(t, image('CR3')),
      cr4.set(t, image('CR4')),
      efer.set(t, outcome.state.efer),
      ...when(on('H_FLUSH_ASID'), flush(t, { kind: 'rsm' })),
      beforeRsm.sweep((e) => ite(threadOf(e).eq(t.as()), cached.at(e), beforeRsm.at(e))),
    ]
    const vmcb = vmcbReader((offset) =>
      load(outside(t), wordAt(svm.vmcbPa.at(t).as<'bits'>().plus(offset)), device.at(bv(9, offset / 8))),
    )
    return {
      guard: runsHandler(t),
      everywhere: [
        reading(
          'the image is what memory holds',
          checkedWords.map((n) => read[savedName(n)]!.eq(savedWord(t, n, read[savedName(n)]!))),
        ),
      ],
      cases: {
        'shuts down': given(outcome.shutdown, shutdown.set(t, bool(true)), smm.set(t, bool(false))),
        'resumes the guest, reading its VMCB again': given(
          and(toGuest, on('P_RSM_VMCB'), again),
          left,
          svm.keptFields.map((field) => svm.tableInUse(field).set(t, vmcb(field as VmcbField))),
        ),
        'resumes the guest': given(toGuest, left),
        'resumes the host': left,
      },
    }
  },
)

// ---- the handler ----

const closeBits = (t: Bv<string>): Bool => {
  const mask = smmMaskLayout.of(smmMask.at(coreOf(t)))
  return or(mask.TCLOSE, mask.ACLOSE)
}
const stub = action(
  'SMM stub checks SMMMASK',
  { actor: 'SMM', cite: 'CVE-2023-31315, mitigation in firmware', parameters: { t: thread } },
  ({ t }) => ({
    guard: runsHandler(t),
    cases: { 'refuses to go on': given(closeBits(t), stubPassed.set(t, bool(false))), passes: [stubPassed.set(t, bool(true))] },
  }),
)
/** Past the entry stub. */
export const ready = (t: Bv<string>): Bool => and(runsHandler(t), or(on('S_TCLOSE_CHECK').not(), stubPassed.at(t)))

const fetch = action(
  'SMM fetch',
  { actor: 'SMM', cite: 'APM 10.3.2, table 10-3', parameters: { t: thread, a: word } },
  ({ t, a }) => {
    const own = or(handlerCode.at(a), a.eq(wordAt(handlerAddress(smBase.at(t)))))
    const reaches = routeOf(t, addressOf(a), 'fetch', false, bool(true)).dram
    const genuine = and(isTsegWord(a), reaches, foreign.at(cellOf(a)).not())
    return {
      guard: and(runsHandler(t), or(own, on('H_CODECHK').not())),
      cases: { 'runs its own code': given(genuine), 'runs something else': [derailed.set(t, bool(true))] },
    }
  },
)
const handlerLoad = action(
  'SMM load',
  { actor: 'SMM', cite: 'APM 10.2.5; PPR SMMMASK (close bits)', parameters: { t: thread, a: word } },
  ({ t, a }) => {
    const reaches = routeOf(t, addressOf(a), 'data', false, bool(true)).dram
    return {
      guard: and(ready(t), or(handlerObject.at(a), handlerCode.at(a))),
      cases: {
        'reads what SMM wrote': given(and(reaches, foreign.at(cellOf(a)).not())),
        'reads something else': [deceived.set(t, bool(true))],
      },
    }
  },
)
const handlerStore = action(
  'SMM store',
  { actor: 'SMM', cite: 'APM 10.2.5', parameters: { t: thread, a: word, value: bvSort(64) } },
  ({ t, a, value }) => ({
    guard: and(ready(t), handlerObject.at(a)),
    cases: { stored: store(inSmm(t), a, value) },
  }),
)
const stopDma = action(
  'SMM stops DMA',
  { actor: 'SMM', cite: 'facts 9.0: H_IOMMU_BLOCK', parameters: { t: thread } },
  ({ t }) => ({
    guard: ready(t),
    cases: { stopped: given(on('H_IOMMU_BLOCK'), dmaStopped.set(bool(true))), 'cannot stop it': [] },
  }),
)
const letDma = action(
  'SMM lets DMA go',
  { actor: 'SMM', cite: 'facts 9.0: H_IOMMU_BLOCK', parameters: { t: thread } },
  ({ t }) => ({
    guard: ready(t),
    cases: { released: [dmaStopped.set(bool(false))] },
  }),
)

export const smmActions: readonly Action[] = [
  externalSmi,
  internalSmi,
  rsm,
  stub,
  fetch,
  handlerLoad,
  handlerStore,
  stopDma,
  letDma,
]

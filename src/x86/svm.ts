// The instructions of SVM that host and guest execute, and what clears or sets GIF.
//
// Covers: VMRUN with its checks, clean bits and flushes; VMSAVE, VMLOAD; STGI, CLGI, SKINIT, INVLPGA in the host and in a guest,
//   intercepted or not; intercepted events (#VMEXIT).
// Leaves out: VMMCALL (intercepted, it is an exit like others; else #UD), INVLPGB, AVIC, SEV; what SKINIT launches (only its
//   effect on GIF); virtualized VMSAVE and VMLOAD.
// Manual: APM volume 2, 15.4 (gating), 15.5 (VMRUN), 15.6 (#VMEXIT), 15.15 (clean bits), 15.16 (TLB), 15.17 (GIF), 15.27 (SKINIT), 15.33.2 (VGIF).
// Liberties: a guest's kernel may be the adversary's accomplice, so it executes what it likes; a guest exits for any reason.

import { action, type Action, type Effect, given, reading, when } from '../model/system.ts'
import { arraySort, boolSort, bvSort } from '../model/sort.ts'
import { and, type Arr, type Bool, bool, type Bv, bv, ite, or } from '../model/term.ts'
import { mayUseCached } from './clean-bits.ts'
import { cleanParameters, hasSkinit, userCet, vmrunCpu, vmrunParameters } from './cpu.ts'
import { exposesPage, load, storePage } from './dram.ts'
import { flush } from './guest-tlb.ts'
import { cr0, cr0Layout, cr3, cr4, efer, eferLayout, gif, guest, runs, runsGuest } from './modes.ts'
import { frameOfAddress, wordAt } from './physical.ts'
import { on } from './profile.ts'
import { hsavePa } from './registers.ts'
import * as svm from './svm-state.ts'
import { thread } from './topology.ts'
import { exitCodes } from './vmcb.ts'
import { type VmcbField, vmcbReader, type VmcbReader, vmcbWordOf } from './vmcb-fields.ts'
import { exitCode, exitEffects, exitInformation, outside } from './vmexit.ts'
import { vmcbAddressIllegal, vmrunOutcome } from './vmrun.ts'

const words = arraySort(9, bvSort(64))
const svme = (t: Bv<string>): Bool => eferLayout.of(efer.at(t)).SVME
const protectedMode = (t: Bv<string>): Bool => cr0Layout.of(cr0.at(t)).PE

// ---- VMRUN ----

interface Vmrun {
  readonly t: Bv<string>
  readonly rax: Bv
  /** Which clean bits the processor makes use of: it may, and need not. */
  readonly uses: Bv
}

/** The VMCB's words that VMRUN looks at, as parameters: named by their offset. */
const fieldsRead: readonly VmcbField[] = [...svm.keptFields, 'CLEAN', 'TLB_CONTROL', 'EVENTINJ', 'RFLAGS']
const offsetsRead = [...new Set(fieldsRead.map(vmcbWordOf))].sort((a, b) => a - b)
const wordName = (offset: number): string => `VMCB ${offset.toString(16).padStart(3, '0')}h`
const wordsRead = Object.fromEntries(offsetsRead.map((offset) => [wordName(offset), bvSort(64)]))

/** Fields as VMRUN merges them: from memory, or from those in use where clean bits permit it. */
function merging({ t, rax, uses }: Vmrun, memory: VmcbReader): VmcbReader {
  const clean = memory('CLEAN').bitand(uses)
  const tag = and(svm.loadedOnce.at(t), svm.loadedFrom.at(t).eq(rax))
  const known = new Map<VmcbField, Bv>()
  return (field) => {
    const merged = svm.isKept(field)
      ? ite(mayUseCached(field, clean, tag, cleanParameters), svm.inUse(t, field), memory(field))
      : memory(field)
    const value = known.get(field) ?? merged
    known.set(field, value)
    return value
  }
}

/** Before the checks: the VMCB is read, the host saved. */
const begun = ({ t, rax }: Vmrun, hsave: Arr): Effect[] => [
  exposesPage(t, frameOfAddress(rax)),
  svm.vmcbPa.set(t, rax),
  ...storePage(outside(t), frameOfAddress(hsavePa.at(t)), 0, 512, (n) => hsave.at(n)),
]
/** The VMCB's fields are in the processor. */
const loaded = ({ t, rax }: Vmrun, vmcb: VmcbReader): Effect[] => [
  svm.loadedFrom.set(t, rax),
  svm.loadedOnce.set(t, bool(true)),
  ...svm.keptFields.map((field) => svm.tableInUse(field).set(t, vmcb(field))),
]

const vmrun = action(
  'VMRUN',
  {
    actor: 'hypervisor',
    cite: 'APM 15.5.1, 15.15, 15.16.1',
    parameters: { t: thread, rax: bvSort(64), uses: bvSort(32), keeps: boolSort, hsave: words, context: words, ...wordsRead },
  },
  (parameters) => {
    const { t, rax, uses, keeps, hsave, context } = parameters
    const v = { t, rax, uses }
    const read = parameters as unknown as Readonly<Record<string, Bv>>
    const vmcb = merging(
      v,
      vmcbReader((offset) => read[wordName(offset)]!),
    )
    const inMemory = offsetsRead.map((offset) => {
      const value = read[wordName(offset)]!
      return value.eq(load(outside(t), wordAt(rax.plus(offset)), value))
    })
    const outcome = vmrunOutcome({
      vmcb,
      cpu: vmrunCpu,
      parameters: vmrunParameters,
      host: {
        svme: svme(t),
        protectedMode: protectedMode(t),
        cpl: bv(2, 0),
        intercepted: guest.at(t),
        pg: cr0Layout.of(cr0.at(t)).PG,
        uCet: userCet,
        rax,
      },
    })
    const tlbControl = vmcb('TLB_CONTROL')
    return {
      guard: runs(t),
      everywhere: [reading('the VMCB is what memory holds', inMemory)],
      cases: {
        '#UD': given(outcome.ud),
        '#GP': given(outcome.gp),
        '#VMEXIT(VMRUN)': given(outcome.intercepted, exitEffects(t, exitCode(exitCodes.VMRUN), context)),
        VMEXIT_INVALID: given(
          outcome.invalid,
          begun(v, hsave),
          // What was refused may stay in the state cache, and clean bits bring it back.
          when(keeps, loaded(v, vmcb)),
          gif.set(t, bool(false)),
          exitInformation(t, rax, exitCode(exitCodes.INVALID), context),
        ),
        'runs the guest': [
          begun(v, hsave),
          loaded(v, vmcb),
          svm.hostCr0.set(t, cr0.at(t)),
          svm.hostCr3.set(t, cr3.at(t)),
          svm.hostCr4.set(t, cr4.at(t)),
          svm.hostEfer.set(t, efer.at(t)),
          flush(t, { kind: 'vmrun', asid: vmcb('ASID'), tlbControl }),
          gif.set(t, bool(true)),
          guest.set(t, bool(true)),
          cr0.set(t, vmcb('CR0')),
          cr3.set(t, vmcb('CR3')),
          cr4.set(t, vmcb('CR4')),
          efer.set(t, vmcb('EFER')),
        ],
      },
    }
  },
)
// ---- VMSAVE, VMLOAD ----

const stateInstruction = (name: 'VMSAVE' | 'VMLOAD', effects: (t: Bv<string>, rax: Bv, values: Arr) => Effect[]): Action =>
  action(
    name,
    { actor: 'hypervisor', cite: 'APM 15.5.2', parameters: { t: thread, rax: bvSort(64), values: words } },
    ({ t, rax, values }) => ({
      guard: runs(t),
      cases: {
        '#UD': given(or(svme(t).not(), protectedMode(t).not())),
        [`#VMEXIT(${name})`]: given(
          and(guest.at(t), svm.isSet(t, `INTERCEPT_${name}`)),
          exitEffects(t, exitCode(name === 'VMSAVE' ? 0x83n : 0x82n), values),
        ),
        '#GP': given(vmcbAddressIllegal(rax, vmrunCpu)),
        executed: effects(t, rax, values),
      },
    }),
  )

/** Any words of the state-save area, with any values: FS, GS, TR, LDTR, the SYSCALL and SYSENTER registers among them. */
const vmsave = stateInstruction('VMSAVE', (t, rax, values) =>
  storePage(outside(t), frameOfAddress(rax), 0x400 / 8, 0x300 / 8, (n) => values.at(n)),
)
const vmload = stateInstruction('VMLOAD', (t, rax) => [exposesPage(t, frameOfAddress(rax))])

// ---- GIF ----

const gifInstruction = (name: 'STGI' | 'CLGI', value: boolean, code: bigint): Action =>
  action(
    name,
    { actor: 'hypervisor', cite: 'APM 15.17, 15.33.2', parameters: { t: thread, context: words } },
    ({ t, context }) => {
      const inGuest = guest.at(t)
      return {
        guard: runs(t),
        cases: {
          '#UD': given(name === 'STGI' ? and(svme(t).not(), hasSkinit.not()) : svme(t).not()),
          [`#VMEXIT(${name})`]: given(and(inGuest, svm.isSet(t, `INTERCEPT_${name}`)), exitEffects(t, exitCode(code), context)),
          'the virtual flag only': given(
            and(inGuest, svm.isSet(t, 'VGIF_ENABLE')),
            svm.tableInUse('VGIF').set(t, bv(1, value ? 1 : 0)),
          ),
          executed: [gif.set(t, bool(value))],
        },
      }
    },
  )

const skinit = action(
  'SKINIT',
  { actor: 'hypervisor', cite: 'APM 15.4, 15.27; facts U12', parameters: { t: thread, context: words } },
  ({ t, context }) => ({
    guard: runs(t),
    cases: {
      '#UD': given(and(svme(t).not(), hasSkinit.not())),
      '#VMEXIT(SKINIT)': given(
        and(guest.at(t), svm.isSet(t, 'INTERCEPT_SKINIT')),
        exitEffects(t, exitCode(exitCodes.SKINIT), context),
      ),
      'clears GIF': given(on('P_SKINIT_GIF'), gif.set(t, bool(false))),
      'keeps GIF': [],
    },
  }),
)

// ---- TLB ----

const invlpga = action(
  'INVLPGA',
  { actor: 'hypervisor', cite: 'APM 15.16.2', parameters: { t: thread, asid: bvSort(32), page: bvSort(45), context: words } },
  ({ t, asid, page, context }) => ({
    guard: runs(t),
    cases: {
      '#UD': given(svme(t).not()),
      '#VMEXIT(INVLPGA)': given(
        and(guest.at(t), svm.isSet(t, 'INTERCEPT_INVLPGA')),
        exitEffects(t, exitCode(exitCodes.INVLPGA), context),
      ),
      executed: [flush(t, { kind: 'invlpga', asid, page })],
    },
  }),
)

const movCr = action(
  'MOV CR',
  {
    actor: 'hypervisor',
    cite: 'APM 3.1, 15.16.1',
    parameters: { t: thread, cr0: bvSort(64), cr3: bvSort(64), cr4: bvSort(64) },
  },
  ({ t, cr0: newCr0, cr3: newCr3, cr4: newCr4 }) => {
    const next = cr0Layout.of(newCr0)
    const bad = or(
      newCr0.bits(63, 32).ne(0),
      and(next.PG, next.PE.not()),
      and(next.NW, next.CD.not()),
      and(next.PG, eferLayout.of(efer.at(t)).LME, newCr4.bit(5).not()),
    )
    const bits = eferLayout.of(efer.at(t))
    const LMA = bv(64, 1n << 10n)
    const lma = and(bits.LME, next.PG)
    return {
      guard: runs(t),
      cases: {
        '#GP': given(bad),
        written: [
          cr0.set(t, newCr0),
          cr3.set(t, newCr3),
          cr4.set(t, newCr4),
          efer.set(t, ite(lma, efer.at(t).bitor(LMA), efer.at(t).bitand(LMA.bitnot()))),
          flush(t, { kind: 'paging-control', asid: ite(guest.at(t), svm.inUse(t, 'ASID'), bv(32, 0)) }),
        ],
      },
    }
  },
)

// ---- exits ----

const exits = action(
  'intercepted event',
  { actor: 'guest', cite: 'APM 15.6, 15.7', parameters: { t: thread, code: bvSort(64), context: words } },
  ({ t, code, context }) => ({ guard: runsGuest(t), cases: { '#VMEXIT': exitEffects(t, code, context) } }),
)

export const svmActions: readonly Action[] = [
  vmrun,
  vmsave,
  vmload,
  gifInstruction('STGI', true, exitCodes.STGI),
  gifInstruction('CLGI', false, exitCodes.CLGI),
  skinit,
  invlpga,
  movCr,
  exits,
]

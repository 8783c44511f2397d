// RSM: what it refuses, what of the save area it corrects without a word, and SMBASE.
//
// Covers: #UD and the intercept outside SMM, every condition that ends in shutdown, normalised bits and bases, SMBASE, the
//   page-configuration lock.
// Leaves out: restart of HLT and I/O instructions, the NMI mask, flushes (tlb.ts), whether a guest's VMCB is read again
//   (P_RSM_VMCB), what leaves a shutdown (RESET, INIT, NMI).
// Manual: APM volume 2, 10.2.2 (SMBASE), 10.3.9 (page-configuration lock), 10.4 (RSM), 15.19 (paged real mode).
// Liberties: segment attributes in the save area are descriptor bits 55:40, as emulators and KVM write them (table 10-1 names
//   the field only; some processors keep it reserved). The manual says both that PE=0 with PG=1 shuts down and that RSM may
//   return to a guest in paged real mode: a parameter for the guest's case.

import { and, type Bool, bool, bv, type Bv, ite, or } from '../model/term.ts'
import type { SaveStateField } from './savestate.ts'

/** A field of the save area, as wide as the field. */
export type SaveStateReader = (field: SaveStateField) => Bv

export interface RsmInput {
  readonly image: SaveStateReader
  readonly inSmm: Bool
  /** Outside SMM: in a guest whose VMCB intercepts RSM. */
  readonly intercepted: Bool
  /** RSM returns to a guest. */
  readonly toGuest: Bool
  /** HWCR[31]. */
  readonly smmBaseLock: Bool
  /** 32 bits: SMBASE before. */
  readonly smbase: Bv
  readonly cpu: {
    /** 64 bits: ones where a bit must be zero. */
    readonly cr3Mbz: Bv
    readonly cr4Mbz: Bv
    readonly eferMbz: Bv
    /** 32 bits: what SMI entry wrote at FEFCh. */
    readonly revision: Bv
  }
  readonly parameters: {
    /** Paged real mode is refused for a guest, too. */
    readonly pagedRealModeRefused: Bool
  }
}

/** Exactly one of the first four holds. */
export interface RsmOutcome {
  readonly ud: Bool
  /** #VMEXIT(RSM), code 73h. */
  readonly intercepted: Bool
  readonly shutdown: Bool
  readonly resumes: Bool
  readonly reasons: Readonly<Record<ShutdownReason, Bool>>
  /** When it resumes. */
  readonly state: ResumedState
}

export interface ResumedState {
  readonly efer: Bv
  readonly rflags: Bv
  readonly smbase: Bv
  /** HWCR[33] SmmPgCfgLock: RSM clears it. */
  readonly pgCfgLock: Bool
  /** 64 bits each: canonical. */
  readonly bases: Readonly<Record<CanonicalField, Bv>>
  /** 64 bits each: 31:0. */
  readonly flatBases: Readonly<Record<FlatField, Bv>>
}
const canonicalFields = ['FS_BASE', 'GS_BASE', 'GDTR_BASE', 'IDTR_BASE', 'LDTR_BASE', 'TR_BASE', 'SSP'] as const
const flatFields = ['CS_BASE', 'DS_BASE', 'ES_BASE', 'SS_BASE'] as const
export type CanonicalField = (typeof canonicalFields)[number]
export type FlatField = (typeof flatFields)[number]

const LMA = 1n << 10n
const VM = 1n << 17n
const ATTRIB = { L: 13, D: 14 } as const

interface View {
  readonly input: RsmInput
  readonly pe: Bool
  readonly pg: Bool
  readonly pae: Bool
  readonly lme: Bool
}
const view = (input: RsmInput): View => {
  const { image } = input
  return { input, pe: image('CR0').bit(0), pg: image('CR0').bit(31), pae: image('CR4').bit(5), lme: image('EFER').bit(8) }
}
const high = (value: Bv): Bool => value.bits(63, 32).ne(0)

/** APM 10.4, in its order. */
export const shutdownChecks = {
  'paging without protection': ({ input, pe, pg }) =>
    and(pe.not(), pg, or(input.toGuest.not(), input.parameters.pagedRealModeRefused)),
  'NW without CD': ({ input: { image } }) => and(image('CR0').bit(30).not(), image('CR0').bit(29)),
  'CR0[63:32]': ({ input: { image } }) => high(image('CR0')),
  'CR3 MBZ': ({ input: { image, cpu } }) => image('CR3').bitand(cpu.cr3Mbz).ne(0),
  'CR4 MBZ': ({ input: { image, cpu } }) => image('CR4').bitand(cpu.cr4Mbz).ne(0),
  'EFER MBZ': ({ input: { image, cpu } }) => image('EFER').bitand(cpu.eferMbz).ne(0),
  'DR6[63:32]': ({ input: { image } }) => high(image('DR6')),
  'DR7[63:32]': ({ input: { image } }) => high(image('DR7')),
  'long mode without PAE': ({ lme, pg, pae }) => and(lme, pg, pae.not()),
  'CS.L with CS.D': ({ input: { image }, lme, pg, pae }) =>
    and(lme, pg, pae, image('CS_ATTRIB').bit(ATTRIB.L), image('CS_ATTRIB').bit(ATTRIB.D)),
  'revision modified': ({ input: { image, cpu } }) => image('REVISION').ne(cpu.revision),
} as const satisfies Readonly<Record<string, (view: View) => Bool>>

export type ShutdownReason = keyof typeof shutdownChecks
export const shutdownReasons = Object.keys(shutdownChecks) as readonly ShutdownReason[]

/** The address with the bits above the linear width (48, or 57 with LA57) equal to its top bit. */
export function canonical(address: Bv, la57: Bool): Bv {
  const extended = (width: number) =>
    ite(address.bit(width - 1), bv(64 - width, (1n << BigInt(64 - width)) - 1n), bv(64 - width, 0)).concat(
      address.bits(width - 1, 0),
    )
  return ite(la57, extended(57), extended(48))
}

const withBit = (value: Bv, bit: bigint, on: Bool): Bv =>
  value.bitand(bv(64, 0xffff_ffff_ffff_ffffn ^ bit)).bitor(ite(on, bv(64, bit), bv(64, 0)))
const eachOf = <N extends string>(names: readonly N[], value: (name: N) => Bv): Readonly<Record<N, Bv>> =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<N, Bv>

export function rsmOutcome(input: RsmInput): RsmOutcome {
  const { image, inSmm } = input
  const state = view(input)
  const reasons = Object.fromEntries(shutdownReasons.map((name) => [name, shutdownChecks[name](state)])) as Record<
    ShutdownReason,
    Bool
  >
  const wrong = or(...Object.values(reasons))
  const lma = and(state.lme, state.pg, state.pae)
  const la57 = image('CR4').bit(12)
  return {
    // In a guest the intercept is looked at first.
    ud: and(inSmm.not(), input.intercepted.not()),
    intercepted: and(inSmm.not(), input.intercepted),
    shutdown: and(inSmm, wrong),
    resumes: and(inSmm, wrong.not()),
    reasons,
    state: {
      efer: withBit(image('EFER'), LMA, lma),
      rflags: withBit(image('RFLAGS'), VM, and(image('RFLAGS').bit(17), state.pe, lma.not())),
      smbase: ite(input.smmBaseLock, input.smbase, image('SMBASE')),
      pgCfgLock: bool(false),
      bases: eachOf(canonicalFields, (name) => canonical(image(name), la57)),
      flatBases: eachOf(flatFields, (name) => image(name).bits(31, 0).zext(64)),
    },
  }
}

// VMRUN: what it refuses, and in which order.
//
// Covers: #UD and #GP of the instruction, its intercept in a guest, every consistency check that ends in VMEXIT_INVALID.
// Leaves out: VMRUN inside SMM (undefined, 15.5), what is saved and loaded, the checks of SEV-ES and SEV-SNP guests (U_CET's
//   reserved bits among them), virtual interrupts and AVIC beyond the NMI rule.
// Manual: APM volume 2, 15.4 and 15.5.1 (instruction, checks), 15.15.3 (what was merged), 15.20 (EVENTINJ), 15.21.10 (virtual
//   NMI), 15.25.3, 15.25.4 (nested paging), 15.25.14 (SSS check), 18.11 (CET).
// Liberties: fields are read as merged with the state cache; what the manual does not decide is a parameter. A guest RIP that is
//   not canonical and PE=0 with PG=1 are no faults here (15.5.1, 15.19).

import { and, type Bool, bv, type Bv, or } from '../model/term.ts'
import { mustBeZeroViolated, paePdpte } from './entries.ts'
import { reservedRoot } from './paging.ts'
import type { VmcbReader } from './vmcb-fields.ts'

/** What CPUID says of the processor. Masks have a one where a bit must be zero. */
export interface VmrunCpu {
  /** 52 bits: bits below MAXPHYADDR are one. */
  readonly physMask: Bv
  /** 52 bits: the C-bit of SME, or zero. */
  readonly cBit: Bv
  readonly longMode: Bool
  readonly nestedPaging: Bool
  /** 64 bits each. */
  readonly cr4Mbz: Bv
  readonly eferMbz: Bv
  /** 32 bits: bit n when vector n is an exception; vector 2 never is (15.20). */
  readonly exceptionVectors: Bv
  /** Fn8000_000A_EBX, 32 bits: ASIDs below it exist. */
  readonly asids: Bv
  /** Shadow stacks: S_CET is loaded and checked. */
  readonly cet: Bool
  readonly sCetMbz: Bv
  readonly virtualNmi: Bool
  readonly sssCheck: Bool
}

/** What the manual leaves open. */
export interface VmrunParameters {
  /** In a guest, rAX is checked before the VMRUN intercept. */
  readonly operandBeforeIntercept: Bool
  /** An ASID that the processor does not have is refused like ASID 0. */
  readonly largeAsidRefused: Bool
  /** The permission maps' ranges are checked even if nothing consults them (IOIO_PROT, MSR_PROT clear). */
  readonly unusedMapsChecked: Bool
  /** A permission map may end with the last byte below the maximum physical address. */
  readonly mapsMayEndAtTop: Bool
  /** 64 bits: CR3 bits that must be zero when the guest is not in long mode. */
  readonly legacyCr3Mbz: Bv
  /** 32 bits: exceptions that cannot occur in 64-bit mode and are refused there ("event impossible in the guest's mode"). */
  readonly impossibleInLongMode: Bv
}

/** The state in which VMRUN is executed. */
export interface VmrunHost {
  /** EFER.SVME. */
  readonly svme: Bool
  /** CR0.PE with RFLAGS.VM clear. */
  readonly protectedMode: Bool
  /** 2 bits. */
  readonly cpl: Bv
  /** The instruction is met in a guest whose VMCB intercepts it. */
  readonly intercepted: Bool
  /** CR0.PG. */
  readonly pg: Bool
  /** The MSR U_CET, 64 bits: not part of the VMCB. */
  readonly uCet: Bv
  /** 64 bits. */
  readonly rax: Bv
}

export interface VmrunInput {
  readonly vmcb: VmcbReader
  readonly host: VmrunHost
  readonly cpu: VmrunCpu
  readonly parameters: VmrunParameters
  /** The guest's four PAE pointer entries, 64 bits each, when somebody can say: without nested paging they are loaded here. */
  readonly pdpes?: readonly Bv[]
}

/** Exactly one of the first five holds. */
export interface VmrunOutcome {
  readonly ud: Bool
  readonly gp: Bool
  /** #VMEXIT(VMRUN), code 80h. */
  readonly intercepted: Bool
  /** #VMEXIT(INVALID). */
  readonly invalid: Bool
  readonly runs: Bool
  /** Which checks fail, in the manual's order, whether or not VMRUN gets that far. */
  readonly reasons: Readonly<Record<InvalidReason, Bool>>
}

interface Check {
  /** APM volume 2. */
  readonly section: string
  readonly fails: (input: VmrunInput) => Bool
}

const CR0 = { PE: 0, WP: 16, NW: 29, CD: 30, PG: 31 } as const
const CR4 = { PAE: 5, CET: 23 } as const
const EFER = { LME: 8, LMA: 10, SVME: 12 } as const
const RFLAGS_VM = 17
/** Descriptor bits 55:52 and 47:40 as 12 bits. */
const ATTRIB = { L: 9, D: 10 } as const
const U_CET_SS = 0

const flag = (input: VmrunInput, field: Parameters<VmcbReader>[0]): Bool => input.vmcb(field).bit(0)
const cr0 = ({ vmcb }: VmrunInput, n: number): Bool => vmcb('CR0').bit(n)
const cr4 = ({ vmcb }: VmrunInput, n: number): Bool => vmcb('CR4').bit(n)
const efer = ({ vmcb }: VmrunInput, n: number): Bool => vmcb('EFER').bit(n)
const anyOf = (value: Bv, mask: Bv): Bool => value.bitand(mask).ne(0)
/** LME and paging: what the guest's LMA will be. */
const longPaging = (input: VmrunInput): Bool => and(efer(input, EFER.LME), cr0(input, CR0.PG))
const nested = (input: VmrunInput): Bool => and(flag(input, 'NP_ENABLE'), input.cpu.nestedPaging)

/** Bits 63:12 that are no address bit of this processor. */
const noAddress = ({ physMask, cBit }: VmrunCpu): Bv => bv(12, 0).concat(physMask.bitor(cBit)).bitnot()

/** The map of `bytes` bytes reaches or passes the maximum physical address; bits 11:0 of its base are ignored. */
function mapTooHigh({ cpu, parameters }: VmrunInput, base: Bv, bytes: number): Bool {
  // One more bit than 64, so that neither sum wraps.
  const end = bv(1, 0).concat(base.bits(63, 12), bv(12, 0)).plus(bytes)
  const top = bv(13, 0).concat(cpu.physMask).plus(1)
  return or(end.ugt(top), and(end.eq(top), parameters.mapsMayEndAtTop.not()))
}

/** Bit `index` (5 bits) of a 32-bit set. */
const inSet = (set: Bv, index: Bv): Bool => set.lshr(index.zext(32)).bit(0)

function eventIllegal(input: VmrunInput): Bool {
  const event = input.vmcb('EVENTINJ')
  const [vector, type, valid] = [event.bits(7, 0), event.bits(10, 8), event.bit(31)]
  // 0 INTR or virtual INTR, 2 NMI, 3 exception, 4 software interrupt.
  const reserved = and(type.ne(0), type.ne(2), type.ne(3), type.ne(4))
  const low = vector.bits(4, 0)
  const noException = or(vector.bits(7, 5).ne(0), low.eq(2), inSet(input.cpu.exceptionVectors, low).not())
  const impossible = and(
    longPaging(input),
    input.vmcb('CS_ATTRIB').bit(ATTRIB.L),
    inSet(input.parameters.impossibleInLongMode, low),
  )
  return and(valid, or(reserved, and(type.eq(3), or(noException, impossible))))
}

/** A byte of PAT names UC 0, WC 1, WT 4, WP 5, WB 6 or UC- 7; bits 7:3 are reserved (APM 7.8.1). */
function patIllegal(pat: Bv): Bool {
  const bytes = [...Array(8).keys()].map((n) => pat.bits(8 * n + 7, 8 * n))
  return or(...bytes.map((byte) => or(byte.bits(7, 3).ne(0), byte.eq(2), byte.eq(3))))
}

function pdpesReserved(input: VmrunInput): Bool {
  const { cpu, pdpes = [] } = input
  const pae = and(cr0(input, CR0.PG), cr4(input, CR4.PAE), efer(input, EFER.LME).not())
  const mask = noAddress(cpu).bits(51, 12)
  const wrong = (entry: Bv) => and(entry.bit(0), or(mustBeZeroViolated(paePdpte, entry), anyOf(entry.bits(51, 12), mask)))
  return and(nested(input).not(), pae, or(...pdpes.map(wrong)))
}

const S = '15.5.1'
/** Every check, in the manual's order. */
export const vmrunChecks = {
  'SVME is clear': { section: S, fails: (i) => efer(i, EFER.SVME).not() },
  'NW without CD': { section: S, fails: (i) => and(cr0(i, CR0.CD).not(), cr0(i, CR0.NW)) },
  'CR0[63:32]': { section: S, fails: ({ vmcb }) => vmcb('CR0').bits(63, 32).ne(0) },
  'CR3 MBZ': {
    section: S,
    fails: (i) => anyOf(i.vmcb('CR3'), longPaging(i).ite(noAddress(i.cpu), i.parameters.legacyCr3Mbz)),
  },
  'CR4 MBZ': { section: S, fails: ({ vmcb, cpu }) => anyOf(vmcb('CR4'), cpu.cr4Mbz) },
  'DR6[63:32]': { section: S, fails: ({ vmcb }) => vmcb('DR6').bits(63, 32).ne(0) },
  'DR7[63:32]': { section: S, fails: ({ vmcb }) => vmcb('DR7').bits(63, 32).ne(0) },
  'EFER MBZ': { section: S, fails: ({ vmcb, cpu }) => anyOf(vmcb('EFER'), cpu.eferMbz) },
  'long mode without the feature': {
    section: S,
    fails: (i) => and(i.cpu.longMode.not(), or(efer(i, EFER.LMA), efer(i, EFER.LME))),
  },
  'long mode without PAE': { section: S, fails: (i) => and(longPaging(i), cr4(i, CR4.PAE).not()) },
  'long mode without PE': { section: S, fails: (i) => and(longPaging(i), cr0(i, CR0.PE).not()) },
  'CS.L with CS.D': {
    section: S,
    fails: (i) => and(longPaging(i), cr4(i, CR4.PAE), i.vmcb('CS_ATTRIB').bit(ATTRIB.L), i.vmcb('CS_ATTRIB').bit(ATTRIB.D)),
  },
  'VMRUN is not intercepted': { section: S, fails: (i) => flag(i, 'INTERCEPT_VMRUN').not() },
  'a permission map above physical memory': {
    section: S,
    fails: (i) => {
      const { unusedMapsChecked } = i.parameters
      const io = and(or(flag(i, 'INTERCEPT_IOIO_PROT'), unusedMapsChecked), mapTooHigh(i, i.vmcb('IOPM_BASE_PA'), 0x3000))
      const msr = and(or(flag(i, 'INTERCEPT_MSR_PROT'), unusedMapsChecked), mapTooHigh(i, i.vmcb('MSRPM_BASE_PA'), 0x2000))
      return or(io, msr)
    },
  },
  'illegal event injection': { section: '15.20', fails: eventIllegal },
  'ASID 0': {
    section: S,
    fails: ({ vmcb, cpu, parameters }) =>
      or(vmcb('ASID').isZero(), and(parameters.largeAsidRefused, vmcb('ASID').uge(cpu.asids))),
  },
  'S_CET reserved': { section: S, fails: ({ vmcb, cpu }) => and(cpu.cet, anyOf(vmcb('S_CET'), cpu.sCetMbz)) },
  'CET without WP': { section: S, fails: (i) => and(cr4(i, CR4.CET), cr0(i, CR0.WP).not()) },
  'user shadow stack in virtual-8086 mode': {
    section: S,
    fails: (i) => and(cr4(i, CR4.CET), i.host.uCet.bit(U_CET_SS), i.vmcb('RFLAGS').bit(RFLAGS_VM)),
  },
  'nested paging under a host without paging': { section: '15.25.3', fails: (i) => and(nested(i), i.host.pg.not()) },
  'nCR3 MBZ': { section: '15.25.4', fails: (i) => and(nested(i), reservedRoot(i.cpu, i.vmcb('N_CR3'))) },
  'illegal G_PAT': { section: '15.25.4', fails: (i) => and(nested(i), patIllegal(i.vmcb('G_PAT'))) },
  'PAE pointer entries reserved': { section: S, fails: pdpesReserved },
  'virtual NMI without the NMI intercept': {
    section: '15.21.10',
    fails: (i) => and(i.cpu.virtualNmi, flag(i, 'V_NMI_ENABLE'), flag(i, 'INTERCEPT_NMI').not()),
  },
  'SSS check without nested paging': {
    section: '15.25.14',
    fails: (i) => and(i.cpu.sssCheck, flag(i, 'SSS_CHECK_ENABLE'), nested(i).not()),
  },
} as const satisfies Readonly<Record<string, Check>>

export type InvalidReason = keyof typeof vmrunChecks
export const invalidReasons = Object.keys(vmrunChecks) as readonly InvalidReason[]

/** rAX is no 4-KiB aligned physical address that the processor has (15.5.1); the C-bit may be set (7.10.4). */
export const vmcbAddressIllegal = (rax: Bv, cpu: Pick<VmrunCpu, 'physMask' | 'cBit'>): Bool =>
  or(rax.bits(11, 0).ne(0), reservedRoot(cpu, rax))

/** What VMRUN does: the instruction's own exceptions first, then the intercept, then the checks on the merged state. */
export function vmrunOutcome(input: VmrunInput): VmrunOutcome {
  const { host, cpu, parameters } = input
  const ud = or(host.svme.not(), host.protectedMode.not())
  const privileged = host.cpl.eq(0)
  const badOperand = vmcbAddressIllegal(host.rax, cpu)
  const reachesOperand = or(host.intercepted.not(), parameters.operandBeforeIntercept)
  const gp = and(ud.not(), or(privileged.not(), and(badOperand, reachesOperand)))
  const executes = and(ud.not(), gp.not())
  const intercepted = and(executes, host.intercepted)
  const reasons = Object.fromEntries(invalidReasons.map((name) => [name, vmrunChecks[name].fails(input)])) as Record<
    InvalidReason,
    Bool
  >
  const wrong = or(...Object.values(reasons))
  const started = and(executes, host.intercepted.not())
  return { ud, gp, intercepted, invalid: and(started, wrong), runs: and(started, wrong.not()), reasons }
}

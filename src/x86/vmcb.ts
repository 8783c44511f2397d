// The virtual machine control block: one 4-KiB page, a control area at 000h and a state-save area at 400h.
//
// Covers: control fields with their bits, the state-save area without SEV-ES, clean bits and what each allows to be cached.
// Leaves out: the SEV-ES save area (VMSA), IBS and performance counters beyond their place, what VMRUN does with the fields.
// Manual: APM volume 2, appendix B (tables B-1 and B-2), 15.15.3 (clean bits), 15.20 (EVENTINJ), 15.25.3 (090h, 0B0h).
// Liberties: all offsets count from the start of the VMCB, those of the state-save area too.

import { layout } from '../model/layout.ts'
import { bitAt, bitsAt, bytesAt, wordOf } from './area.ts'

export const VMCB_BYTES = 0x1000
export const VMCB_SAVE_AREA = 0x400

const B1 = 'APM table B-1'
const names3 = ['INTR', 'NMI', 'SMI', 'INIT', 'VINTR', 'CR0_SEL_WRITE', 'IDTR_READ', 'GDTR_READ', 'LDTR_READ', 'TR_READ'] as const
const names3b = ['IDTR_WRITE', 'GDTR_WRITE', 'LDTR_WRITE', 'TR_WRITE', 'RDTSC', 'RDPMC', 'PUSHF', 'POPF', 'CPUID', 'RSM'] as const
const names3c = ['IRET', 'INTN', 'INVD', 'PAUSE', 'HLT', 'INVLPG', 'INVLPGA', 'IOIO_PROT', 'MSR_PROT', 'TASK_SWITCH'] as const
const names3d = ['FERR_FREEZE', 'SHUTDOWN'] as const
const names4 = ['VMRUN', 'VMMCALL', 'VMLOAD', 'VMSAVE', 'STGI', 'CLGI', 'SKINIT', 'RDTSCP', 'ICEBP', 'WBINVD', 'MONITOR'] as const
const names4b = ['MWAIT', 'MWAIT_ARMED', 'XSETBV', 'RDPRU', 'EFER_WRITE_TRAP'] as const
const names5 = ['INVLPGB_ALL', 'INVLPGB_ILLEGAL', 'INVPCID', 'MCOMMIT', 'TLBSYNC', 'BUS_LOCK', 'IDLE_HLT'] as const

/** One flag per name, from bit 0 of the word at `offset` on. */
const flags = <const N extends readonly string[]>(offset: number, names: N) =>
  Object.fromEntries(names.map((name, n) => [`INTERCEPT_${name}`, bitAt(offset, n, B1)])) as {
    readonly [K in N[number] as `INTERCEPT_${K}`]: ReturnType<typeof bitAt>
  }

export const vmcbControl = layout('VMCB', VMCB_BYTES * 8, {
  INTERCEPT_CR_READ: bitsAt(0x000, 15, 0, B1),
  INTERCEPT_CR_WRITE: bitsAt(0x000, 31, 16, B1),
  INTERCEPT_DR_READ: bitsAt(0x004, 15, 0, B1),
  INTERCEPT_DR_WRITE: bitsAt(0x004, 31, 16, B1),
  INTERCEPT_EXCEPTIONS: bytesAt(0x008, 4, B1),
  ...flags(0x00c, [...names3, ...names3b, ...names3c, ...names3d]),
  ...flags(0x010, [...names4, ...names4b]),
  INTERCEPT_CR_WRITE_TRAP: bitsAt(0x010, 31, 16, B1),
  ...flags(0x014, names5),
  PAUSE_FILTER_THRESHOLD: bytesAt(0x03c, 2, B1),
  PAUSE_FILTER_COUNT: bytesAt(0x03e, 2, B1),
  IOPM_BASE_PA: bytesAt(0x040, 8, B1),
  MSRPM_BASE_PA: bytesAt(0x048, 8, B1),
  TSC_OFFSET: bytesAt(0x050, 8, B1),
  ASID: bytesAt(0x058, 4, B1),
  /** 00h nothing, 01h all, 03h this guest's, 07h this guest's non-global; others are reserved (APM table 15-9). */
  TLB_CONTROL: bytesAt(0x05c, 1, 'APM 15.16.1'),
  ALLOW_LARGER_RAP: bitAt(0x058, 40, B1),
  CLEAR_RAP: bitAt(0x058, 41, B1),
  V_TPR: bitsAt(0x060, 7, 0, B1),
  V_IRQ: bitAt(0x060, 8, B1),
  VGIF: bitAt(0x060, 9, B1),
  V_NMI: bitAt(0x060, 11, B1),
  V_NMI_MASK: bitAt(0x060, 12, B1),
  V_INTR_PRIO: bitsAt(0x060, 19, 16, B1),
  V_IGN_TPR: bitAt(0x060, 20, B1),
  V_INTR_MASKING: bitAt(0x060, 24, B1),
  VGIF_ENABLE: bitAt(0x060, 25, B1),
  V_NMI_ENABLE: bitAt(0x060, 26, B1),
  X2AVIC_ENABLE: bitAt(0x060, 30, B1),
  AVIC_ENABLE: bitAt(0x060, 31, B1),
  V_INTR_VECTOR: bitsAt(0x060, 39, 32, B1),
  INTERRUPT_SHADOW: bitAt(0x068, 0, B1),
  GUEST_INTERRUPT_MASK: bitAt(0x068, 1, B1),
  EXITCODE: bytesAt(0x070, 8, B1),
  EXITINFO1: bytesAt(0x078, 8, B1),
  EXITINFO2: bytesAt(0x080, 8, B1),
  EXITINTINFO: bytesAt(0x088, 8, B1),
  NP_ENABLE: bitAt(0x090, 0, 'APM 15.25.3'),
  SEV_ENABLE: bitAt(0x090, 1, B1),
  SEV_ES_ENABLE: bitAt(0x090, 2, B1),
  GMET_ENABLE: bitAt(0x090, 3, 'APM 15.25.13'),
  SSS_CHECK_ENABLE: bitAt(0x090, 4, 'APM 15.25.14'),
  VTE_ENABLE: bitAt(0x090, 5, B1),
  READ_ONLY_GUEST_TABLES: bitAt(0x090, 6, 'APM 15.25.5'),
  INVLPGB_ENABLE: bitAt(0x090, 7, B1),
  AVIC_APIC_BAR: bitsAt(0x098, 51, 0, B1),
  GHCB_GPA: bytesAt(0x0a0, 8, B1),
  EVENTINJ: bytesAt(0x0a8, 8, 'APM 15.20'),
  N_CR3: bytesAt(0x0b0, 8, 'APM 15.25.3'),
  LBR_VIRTUALIZATION: bitAt(0x0b8, 0, B1),
  VIRTUAL_VMSAVE_VMLOAD: bitAt(0x0b8, 1, B1),
  IBS_VIRTUALIZATION: bitAt(0x0b8, 2, B1),
  PMC_VIRTUALIZATION: bitAt(0x0b8, 3, B1),
  CLEAN: bytesAt(0x0c0, 4, 'APM 15.15.3'),
  NRIP: bytesAt(0x0c8, 8, B1),
  BYTES_FETCHED: bytesAt(0x0d0, 1, B1),
  INSTRUCTION_BYTES: bytesAt(0x0d1, 15, B1),
  AVIC_BACKING_PAGE: bitsAt(0x0e0, 51, 12, B1),
  AVIC_LOGICAL_TABLE: bitsAt(0x0f0, 51, 12, B1),
  AVIC_PHYSICAL_MAX_INDEX: bitsAt(0x0f8, 11, 0, B1),
  AVIC_PHYSICAL_TABLE: bitsAt(0x0f8, 51, 12, B1),
  VMSA_POINTER: bitsAt(0x108, 51, 12, B1),
  VMGEXIT_RAX: bytesAt(0x110, 8, B1),
  VMGEXIT_CPL: bytesAt(0x118, 1, B1),
  BUS_LOCK_THRESHOLD: bytesAt(0x120, 2, B1),
  UPDATE_IRR: bytesAt(0x134, 4, B1),
  ALLOWED_SEV_FEATURES: bytesAt(0x138, 8, B1),
  GUEST_SEV_FEATURES: bytesAt(0x140, 8, B1),
  REQUESTED_IRR: bytesAt(0x150, 32, B1),
  HOST_SOFTWARE: bytesAt(0x3e0, 32, B1),
})

/** The 64-bit word at 090h, read alone: which nested-paging features this guest runs with. */
export const vmcbNestedControl = wordOf(vmcbControl, 'VMCB 090h', 0x090, 8, [
  'NP_ENABLE',
  'SEV_ENABLE',
  'SEV_ES_ENABLE',
  'GMET_ENABLE',
  'SSS_CHECK_ENABLE',
  'VTE_ENABLE',
  'READ_ONLY_GUEST_TABLES',
  'INVLPGB_ENABLE',
])

const B2 = 'APM table B-2'
const segment = <const N extends string>(name: N, offset: number) =>
  ({
    [`${name}_SELECTOR`]: bytesAt(offset, 2, B2),
    [`${name}_ATTRIB`]: bytesAt(offset + 2, 2, B2),
    [`${name}_LIMIT`]: bytesAt(offset + 4, 4, B2),
    [`${name}_BASE`]: bytesAt(offset + 8, 8, B2),
  }) as { readonly [K in `${N}_${'SELECTOR' | 'ATTRIB' | 'LIMIT' | 'BASE'}`]: ReturnType<typeof bytesAt> }
const quad = (offset: number) => bytesAt(offset, 8, B2)

export const vmcbSave = layout('VMCB', VMCB_BYTES * 8, {
  ...segment('ES', 0x400),
  ...segment('CS', 0x410),
  ...segment('SS', 0x420),
  ...segment('DS', 0x430),
  ...segment('FS', 0x440),
  ...segment('GS', 0x450),
  ...segment('GDTR', 0x460),
  ...segment('LDTR', 0x470),
  ...segment('IDTR', 0x480),
  ...segment('TR', 0x490),
  CPL: bytesAt(0x4cb, 1, B2),
  EFER: quad(0x4d0),
  CR4: quad(0x548),
  CR3: quad(0x550),
  CR0: quad(0x558),
  DR7: quad(0x560),
  DR6: quad(0x568),
  RFLAGS: quad(0x570),
  RIP: quad(0x578),
  INSTR_RETIRED_CTR: quad(0x5c0),
  PERF_CTR_GLOBAL_STS: quad(0x5c8),
  PERF_CTR_GLOBAL_CTL: quad(0x5d0),
  RSP: quad(0x5d8),
  S_CET: quad(0x5e0),
  SSP: quad(0x5e8),
  ISST_ADDR: quad(0x5f0),
  RAX: quad(0x5f8),
  STAR: quad(0x600),
  LSTAR: quad(0x608),
  CSTAR: quad(0x610),
  SFMASK: quad(0x618),
  KERNEL_GS_BASE: quad(0x620),
  SYSENTER_CS: quad(0x628),
  SYSENTER_ESP: quad(0x630),
  SYSENTER_EIP: quad(0x638),
  CR2: quad(0x640),
  /** Used with nested paging only. */
  G_PAT: quad(0x668),
  DBGCTL: quad(0x670),
  BR_FROM: quad(0x678),
  BR_TO: quad(0x680),
  LASTEXCPFROM: quad(0x688),
  LASTEXCPTO: quad(0x690),
  DBGEXTNCTL: quad(0x698),
  SPEC_CTRL: quad(0x6e0),
})

/**
 * VMCB clean bits: one permits (never forces) the processor to use its cached copy of the fields instead of memory, zero makes it
 * read them. TLB_CONTROL, interrupt shadow, exit fields, EVENTINJ, RFLAGS, RIP, RSP and RAX are never cached (APM 15.15.3).
 */
export const vmcbClean = layout('VMCB clean bits', 32, {
  /** Intercepts, TSC offset, pause filter. */
  I: bitAt(0, 0, 'APM 15.15.3'),
  IOPM: bitAt(0, 1, 'APM 15.15.3'),
  ASID: bitAt(0, 2, 'APM 15.15.3'),
  /** V_TPR and the rest of 060h-067h. */
  TPR: bitAt(0, 3, 'APM 15.15.3'),
  /** Nested paging: nCR3 and G_PAT. */
  NP: bitAt(0, 4, 'APM 15.15.3'),
  /** CR0, CR3, CR4, EFER. */
  CRX: bitAt(0, 5, 'APM 15.15.3'),
  DRX: bitAt(0, 6, 'APM 15.15.3'),
  DT: bitAt(0, 7, 'APM 15.15.3'),
  /** CS, DS, SS, ES with their caches, and CPL. */
  SEG: bitAt(0, 8, 'APM 15.15.3'),
  CR2: bitAt(0, 9, 'APM 15.15.3'),
  LBR: bitAt(0, 10, 'APM 15.15.3'),
  AVIC: bitAt(0, 11, 'APM 15.15.3'),
  CET: bitAt(0, 12, 'APM 15.15.3'),
  SOFTWARE: bitAt(0, 31, 'APM 15.15.3'),
})

/** EXITCODE values that the model names (APM appendix C). */
export const exitCodes = {
  EXCEPTION_PF: 0x4en,
  INTR: 0x60n,
  NMI: 0x61n,
  SMI: 0x62n,
  INIT: 0x63n,
  VINTR: 0x64n,
  CPUID: 0x72n,
  RSM: 0x73n,
  IRET: 0x74n,
  HLT: 0x78n,
  INVLPGA: 0x7an,
  IOIO: 0x7bn,
  MSR: 0x7cn,
  SHUTDOWN: 0x7fn,
  VMRUN: 0x80n,
  VMMCALL: 0x81n,
  STGI: 0x84n,
  CLGI: 0x85n,
  SKINIT: 0x86n,
  BUSLOCK: 0xa5n,
  NPF: 0x400n,
  AVIC_INCOMPLETE_IPI: 0x401n,
  AVIC_NOACCEL: 0x402n,
  VMGEXIT: 0x403n,
  INVALID: 0xffff_ffff_ffff_ffffn,
} as const

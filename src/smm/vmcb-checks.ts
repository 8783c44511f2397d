// What one page of memory tells of being a VMCB: the handler's own reading of the consistency checks of VMRUN, each from the words
// of the page alone.
// Two tiers, since a page-only test of what a processor may run is false otherwise: fields whose clean bit is set may come from
// the processor's copy, so a page that VMRUN would refuse may run all the same (`startable` against `startable if cached`). And a heuristic, labelled
// as one: `shaped`, for VMCBs that were made and never run.
// Leaves out: what depends on CPUID beyond the boot constants (which exceptions, how many ASIDs, shadow stacks, virtual NMI) and on
// the host's registers; there the page passes. Claim D1 holds all of this against src/x86/vmrun.ts.

import type { Field } from '../model/layout.ts'
import { and, type Arr, type Bool, bv, type Bv, or } from '../model/term.ts'
import { cr0Layout, cr4Layout, eferLayout } from '../x86/modes.ts'
import { vmcbClean } from '../x86/vmcb.ts'
import { type VmcbField, vmcbField, vmcbReader, type VmcbReader, vmcbWordOf } from '../x86/vmcb-fields.ts'
import { memory } from './boot-map.ts'
import { config } from './cells.ts'

/** The 64-bit word of a page at a byte offset. */
export type Page = (offset: number) => Bv
/** A view of a frame (with or without the memory-encryption bit), as memory was. */
export const snapshotPage =
  (view: Bv): Page =>
  (offset) =>
    (memory.snapshot as Arr).at(view.concat(bv(9, offset / 8)))

const CS_L = 9
const CS_D = 10
/** Types of EVENTINJ that exist: 0 INTR, 2 NMI, 3 exception, 4 software interrupt. */
const TYPES = [0, 2, 3, 4] as const
const EXCEPTION = 3
const NMI_VECTOR = 2

interface Check {
  readonly fails: (field: VmcbReader) => Bool
  /** Set clean bits that permit the processor not to see the failure. */
  readonly spared: (keyof typeof vmcbClean.fields)[]
}

const isSet = (field: VmcbReader, name: VmcbField): Bool => field(name).bit(0)
const highHalf = (register: Bv): Bool => register.bits(63, 32).isZero().not()
const any = (bits: Bv): Bool => bits.isZero().not()
/** A one for each bit of 51:12 that is no address bit. */
const noAddress = (): Bv => config.physMask.now.bitor(config.cBit.now).bits(51, 12).bitnot()
/** Bits 63:12 of a register hold no address. */
const beyond = (register: Bv): Bool => or(any(register.bits(63, 52)), any(register.bits(51, 12).bitand(noAddress())))
/** A map of `pages` pages from `base` on passes the last page that can be addressed. */
const mapBeyond = (base: Bv, pages: number): Bool =>
  config.physMask.now
    .bits(51, 12)
    .zext(53)
    .ult(
      base
        .bits(63, 12)
        .zext(53)
        .plus(pages - 1),
    )
const long = (field: VmcbReader): Bool => and(eferLayout.of(field('EFER')).LME, cr0Layout.of(field('CR0')).PG)
/** 2 and 3 are no memory types, and bits 7:3 of each byte are reserved (APM 7.8.1). */
const patByte = (byte: Bv): Bool => or(any(byte.bits(7, 3)), byte.bits(2, 1).eq(1))

/** APM 15.5.1 and what it refers to. */
const checks = {
  'SVME is clear': { fails: (f) => eferLayout.of(f('EFER')).SVME.not(), spared: ['CRX'] },
  'NW without CD': {
    fails: (f) => and(cr0Layout.of(f('CR0')).NW, cr0Layout.of(f('CR0')).CD.not()),
    spared: ['CRX'],
  },
  'CR0[63:32]': { fails: (f) => highHalf(f('CR0')), spared: ['CRX'] },
  'CR3 MBZ': { fails: (f) => and(long(f), beyond(f('CR3'))), spared: ['CRX'] },
  'CR4 MBZ': { fails: (f) => any(f('CR4').bitand(config.cr4Mbz.now)), spared: ['CRX'] },
  'DR6[63:32]': { fails: (f) => highHalf(f('DR6')), spared: ['DRX'] },
  'DR7[63:32]': { fails: (f) => highHalf(f('DR7')), spared: ['DRX'] },
  'EFER MBZ': { fails: (f) => any(f('EFER').bitand(config.eferMbz.now)), spared: ['CRX'] },
  'long mode without PAE': { fails: (f) => and(long(f), cr4Layout.of(f('CR4')).PAE.not()), spared: ['CRX'] },
  'long mode without PE': { fails: (f) => and(long(f), cr0Layout.of(f('CR0')).PE.not()), spared: ['CRX'] },
  'CS.L with CS.D': {
    fails: (f) => and(long(f), cr4Layout.of(f('CR4')).PAE, f('CS_ATTRIB').bit(CS_L), f('CS_ATTRIB').bit(CS_D)),
    spared: ['CRX', 'SEG'],
  },
  'VMRUN is not intercepted': { fails: (f) => isSet(f, 'INTERCEPT_VMRUN').not(), spared: ['I'] },
  'a permission map above physical memory': {
    fails: (f) =>
      or(
        and(isSet(f, 'INTERCEPT_IOIO_PROT'), mapBeyond(f('IOPM_BASE_PA'), 3)),
        and(isSet(f, 'INTERCEPT_MSR_PROT'), mapBeyond(f('MSRPM_BASE_PA'), 2)),
      ),
    spared: ['I', 'IOPM'],
  },
  'illegal event injection': {
    fails: (f) => {
      const event = f('EVENTINJ')
      const [vector, type] = [event.bits(7, 0), event.bits(10, 8)]
      const noType = and(...TYPES.map((t) => type.ne(t)))
      const noException = and(type.eq(EXCEPTION), or(vector.eq(NMI_VECTOR), any(vector.bits(7, 5))))
      return and(event.bit(31), or(noType, noException))
    },
    spared: [],
  },
  'ASID 0': { fails: (f) => f('ASID').isZero(), spared: ['ASID'] },
  'CET without WP': {
    fails: (f) => and(cr4Layout.of(f('CR4')).CET, cr0Layout.of(f('CR0')).WP.not()),
    spared: ['CRX'],
  },
  'nCR3 MBZ': { fails: (f) => and(isSet(f, 'NP_ENABLE'), beyond(f('N_CR3'))), spared: ['NP'] },
  'illegal G_PAT': {
    fails: (f) => {
      const pat = f('G_PAT')
      return and(isSet(f, 'NP_ENABLE'), or(...[...Array(8).keys()].map((n) => patByte(pat.bits(8 * n + 7, 8 * n)))))
    },
    spared: ['NP'],
  },
} as const satisfies Readonly<Record<string, Check>>

/** Names as in src/x86/vmrun.ts, which they are held against. */
export type CheckName = keyof typeof checks
export const checkNames = Object.keys(checks) as readonly CheckName[]

/** Whether VMRUN refuses the page for this reason, all fields coming from memory. */
export const failing = (name: CheckName, page: Page): Bool => checks[name].fails(vmcbReader(page))
/** Clean bits permit VMRUN to take a field of this check from the processor's copy. */
export function spared(name: CheckName, page: Page): Bool {
  const bits = vmcbClean.of(vmcbReader(page)('CLEAN'))
  return or(...checks[name].spared.map((bit) => bits[bit]))
}

/** VMRUN starts a guest from the page, all fields coming from memory: clean bits zero, or nothing cached. */
export const startablePage = (page: Page): Bool => and(...checkNames.map((name) => failing(name, page).not()))
/** VMRUN may start a guest from the page if the processor has a copy of it from before. */
export const startableIfCachedPage = (page: Page): Bool =>
  and(...checkNames.map((name) => or(failing(name, page).not(), spared(name, page))))

/** What software fills in late: a VMCB that was made and never run fails by these. */
const LATE: ReadonlySet<CheckName> = new Set(['ASID 0', 'illegal event injection'])
/** The heuristic: startable but for what is filled in late, with permission maps that can be addressed. */
export function shapedPage(page: Page): Bool {
  const f = vmcbReader(page)
  const early = checkNames.filter((name) => !LATE.has(name)).map((name) => failing(name, page).not())
  return and(...early, beyond(f('IOPM_BASE_PA')).not(), beyond(f('MSRPM_BASE_PA')).not())
}

/** Byte offsets of the words that the checks look at, ascending. */
const fields: readonly VmcbField[] = [
  ...(['INTERCEPT_IOIO_PROT', 'INTERCEPT_MSR_PROT', 'INTERCEPT_VMRUN', 'IOPM_BASE_PA', 'MSRPM_BASE_PA', 'ASID'] as const),
  ...(['NP_ENABLE', 'EVENTINJ', 'N_CR3', 'CLEAN', 'CS_ATTRIB', 'EFER', 'CR4', 'CR3', 'CR0', 'DR7', 'DR6', 'G_PAT'] as const),
]
export const offsetsRead: readonly number[] = [...new Set(fields.map(vmcbWordOf))].sort((a, b) => a - b)
/** The word and the layout of a field, for those who read one. */
export const placeOf = (name: VmcbField): { readonly offset: number; readonly field: Field } => ({
  offset: vmcbWordOf(name),
  field: vmcbField(name),
})

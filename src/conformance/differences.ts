// The ways in which the two emulators are known to differ from the manual: each a rule that predicts the emulator's result, with
// the manual's section and the reason. A difference is explained only if its rule, applied to the model, gives that very result.
//
// Covers: which rule belongs to which emulator, what their memory returns outside RAM, when they set A bits in failing walks.
// Leaves out: the A bits of a failing walk as a difference: the manual allows both ways (APM 5.4.2).

import { ALL_ONES, type Fill } from './memory.ts'

/** Rules that change what the walk does. */
export type StructuralDifference =
  | 'pml4e-bit8-not-reserved'
  | '1g-page-without-support'
  | 'pae-pdpte-low-bits-not-checked'
  | 'ncr3-mbz-not-checked'
  | 'rmw-faults-as-read'
  | 'table-outside-ram'
/** Rules that change only how a fault is reported. */
export type ReportingDifference = 'rsv-fault-without-P' | 'guest-rsv-fault-without-P' | 'no-ID-bit-when-NXE=0'
/** Checks that an emulator's VMRUN lacks. */
export type VmrunDifference =
  | 'vmrun-ncr3-mbz-not-checked'
  | 'vmrun-gpat-not-checked'
  | 'vmrun-cr3-mbz-not-checked'
  | 'vmrun-map-end-not-checked'
  | 'vmrun-real-mode-lme-stops'
/** What an emulator does about SMIs in its own way. */
export type SmmDifference =
  | 'smm-keeps-svme'
  | 'smm-svm-fields-not-written'
  | 'smm-fetch-through-nested-tables'
  | 'smi-exitinfo-zero'
export type DifferenceName = StructuralDifference | ReportingDifference | VmrunDifference | SmmDifference

export interface DifferenceRule {
  /** The manual's section, APM volume 2. */
  readonly section: string
  readonly reason: string
}

export const differenceRules: Readonly<Record<DifferenceName, DifferenceRule>> = {
  'rsv-fault-without-P': {
    section: '5.6, 8.4.2, 15.25.6',
    reason: 'a reserved-bit fault of a present entry has P=1 and RSV=1; the emulator reports P=0',
  },
  'guest-rsv-fault-without-P': {
    section: '8.4.2',
    reason: "the same in the guest's own #PF error code",
  },
  'no-ID-bit-when-NXE=0': {
    section: '15.25.6, 8.4.2',
    reason: 'ID is set for a nested fetch without a condition; the emulator sets it only with host EFER.NXE=1 (8.4.2 reads so)',
  },
  'rmw-faults-as-read': {
    section: '15.25.6',
    reason: 'a locked exchange is a write; the emulator performs it as a read and then a write',
  },
  'pml4e-bit8-not-reserved': {
    section: '5.3.3',
    reason: 'bit 8 of a PML4E and PML5E must be zero; the emulator ignores it',
  },
  'table-outside-ram': {
    section: '5.3',
    reason: 'a table entry fetched from where no content is recorded: undefined; the emulator reads what its bus returns',
  },
  'ncr3-mbz-not-checked': {
    section: '15.5.1, 15.25.4',
    reason: 'nCR3 bits at or above MAXPHYADDR end VMRUN with VMEXIT_INVALID; the emulator uses bits 51:12 as they are',
  },
  '1g-page-without-support': {
    section: '5.3.5',
    reason: 'PS=1 in a PDPE is reserved when CPUID denies 1-GiB pages; the emulator maps the page',
  },
  'pae-pdpte-low-bits-not-checked': {
    section: '5.2.3, 15.25.10',
    reason: "bits 2:1 and 8:5 of a guest's PAE pointer entry must be zero; the emulator ignores them",
  },
  'vmrun-ncr3-mbz-not-checked': {
    section: '15.25.4',
    reason: 'nCR3 bits at or above MAXPHYADDR end VMRUN with VMEXIT_INVALID; the emulator runs the guest',
  },
  'vmrun-gpat-not-checked': {
    section: '15.25.4',
    reason: 'an illegal type in G_PAT with nested paging ends VMRUN with VMEXIT_INVALID; the emulator runs the guest',
  },
  'vmrun-cr3-mbz-not-checked': {
    section: '15.5.1',
    reason: 'CR3 bits at or above MAXPHYADDR end VMRUN with VMEXIT_INVALID; the emulator runs the guest',
  },
  'vmrun-map-end-not-checked': {
    section: '15.5.1',
    reason: 'a permission map whose end passes MAXPHYADDR ends VMRUN with VMEXIT_INVALID; the emulator looks at its base only',
  },
  'vmrun-real-mode-lme-stops': {
    section: '15.5.1',
    reason: 'LME=1, PG=1 and PE=0 end VMRUN with VMEXIT_INVALID; the emulator stops with an internal error',
  },
  'smm-keeps-svme': {
    section: '10.2.3 (table 10-3)',
    reason: 'EFER is zero at SMI entry; the emulator keeps SVME',
  },
  'smm-svm-fields-not-written': {
    section: '10.2.3 (table 10-1), 15.22.3',
    reason: 'an SMI taken in a guest records that in the save area, and the VMCB; the emulator leaves these fields zero',
  },
  'smm-fetch-through-nested-tables': {
    section: '15.22.3',
    reason: "the handler runs outside the guest; the emulator translates its fetches through the guest's nested tables",
  },
  'smi-exitinfo-zero': {
    section: '15.13.3 (figure 15-3)',
    reason: 'EXITINFO1 of #VMEXIT(SMI) tells an external SMI by bit 0; the emulator writes zero',
  },
}

export interface EmulatorRules {
  readonly structural: ReadonlySet<StructuralDifference>
  readonly reporting: ReadonlySet<ReportingDifference>
  /**
   * What table reads return where the vector records no content. Where the emulator's own content is not known either, the word
   * is tried as not present and as all ones, that is, present with reserved bits.
   */
  readonly fills: readonly Fill[]
  /**
   * A is set entry by entry, also when the walk fails further down; and in a 1-GiB leaf before its reserved low bits and the
   * permissions are looked at.
   */
  readonly marksFailingWalks: boolean
  readonly vmrun: ReadonlySet<VmrunDifference>
  readonly smm: ReadonlySet<SmmDifference>
  /** What its TLB keeps of nested translations inside one VMRUN. It drops all of them at each VMRUN. */
  readonly tlb: {
    /** The guest's INVLPG and INVLPGA leave them. */
    readonly invlpgKeepsNested: boolean
    /** One that a read or a fetch made serves a store, too. */
    readonly readServesStore: boolean
  }
}

const qemu: EmulatorRules = {
  structural: new Set([
    'pml4e-bit8-not-reserved',
    '1g-page-without-support',
    'pae-pdpte-low-bits-not-checked',
    'ncr3-mbz-not-checked',
    'rmw-faults-as-read',
    'table-outside-ram',
  ]),
  reporting: new Set(['rsv-fault-without-P', 'guest-rsv-fault-without-P', 'no-ID-bit-when-NXE=0']),
  fills: [
    { fresh: 0n, unrecorded: 0n, beyond: 0n },
    { fresh: 0n, unrecorded: ALL_ONES, beyond: 0n },
  ],
  marksFailingWalks: true,
  vmrun: new Set(['vmrun-ncr3-mbz-not-checked', 'vmrun-gpat-not-checked']),
  smm: new Set(['smm-svm-fields-not-written', 'smm-fetch-through-nested-tables', 'smi-exitinfo-zero']),
  tlb: { invlpgKeepsNested: true, readServesStore: true },
}
const bochs: EmulatorRules = {
  structural: new Set(['pml4e-bit8-not-reserved', 'table-outside-ram']),
  reporting: new Set(),
  fills: [
    { fresh: 0n, unrecorded: 0n, beyond: ALL_ONES },
    { fresh: 0n, unrecorded: ALL_ONES, beyond: ALL_ONES },
  ],
  marksFailingWalks: false,
  vmrun: new Set(['vmrun-cr3-mbz-not-checked', 'vmrun-map-end-not-checked', 'vmrun-real-mode-lme-stops']),
  smm: new Set(['smm-keeps-svme', 'smm-svm-fields-not-written', 'smm-fetch-through-nested-tables', 'smi-exitinfo-zero']),
  tlb: { invlpgKeepsNested: false, readServesStore: false },
}

/** The rules of an emulator by its name in the files: `qemu`, `bochs`, or either with a machine behind a hyphen. */
export function emulatorRules(name: string): EmulatorRules | undefined {
  if (/^qemu(-|$)/.test(name)) return qemu
  return /^bochs(-|$)/.test(name) ? bochs : undefined
}

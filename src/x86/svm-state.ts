// What a thread keeps of the guest it runs: host registers saved at VMRUN, the control fields in use, and which VMCB they are a
// copy of.
//
// Covers: the internal state that VMRUN loads; the VMCB state cache, whose tag is the VMCB's address.
// Leaves out: segments and descriptor tables beyond CS's attributes (no rule of this model reads them after VMRUN).
// Manual: APM volume 2, 15.5.1 (VMRUN), 15.6 (#VMEXIT), 15.15 (VMCB state caching), 15.25.4 (nCR3 is internal state).
// Liberties: the fields in use are also what clean bits may bring back at the next VMRUN; the nested root and mode in use are
//   separate from the VMCB in memory, which may say otherwise.

import { state, type Table } from '../model/system.ts'
import type { Bool, Bv } from '../model/term.ts'
import { thread } from './topology.ts'
import { type VmcbField, vmcbField } from './vmcb-fields.ts'

export const vmcbPa = state.per(thread).bits('VMCB PA', 64)
export const hostCr0 = state.per(thread).bits('host CR0', 64)
export const hostCr3 = state.per(thread).bits('host CR3', 64)
export const hostCr4 = state.per(thread).bits('host CR4', 64)
export const hostEfer = state.per(thread).bits('host EFER', 64)
/** The VMCB that the fields in use were loaded from, since the last event that drops them. */
export const loadedFrom = state.per(thread).bits('loaded from VMCB', 64)
export const loadedOnce = state.per(thread).flag('VMCB loaded')

/** Fields that VMRUN checks or that decide something while the guest runs. */
const kept = [
  ...(['INTERCEPT_NMI', 'INTERCEPT_SMI', 'INTERCEPT_INIT', 'INTERCEPT_RSM', 'INTERCEPT_INVLPGA', 'INTERCEPT_INVD'] as const),
  ...(['INTERCEPT_IOIO_PROT', 'INTERCEPT_MSR_PROT', 'INTERCEPT_VMRUN', 'INTERCEPT_VMLOAD', 'INTERCEPT_VMSAVE'] as const),
  ...(['INTERCEPT_STGI', 'INTERCEPT_CLGI', 'INTERCEPT_SKINIT', 'IOPM_BASE_PA', 'MSRPM_BASE_PA', 'ASID'] as const),
  ...(['VGIF', 'VGIF_ENABLE', 'V_NMI_ENABLE', 'NP_ENABLE', 'GMET_ENABLE', 'SSS_CHECK_ENABLE'] as const),
  ...(['READ_ONLY_GUEST_TABLES', 'N_CR3', 'G_PAT', 'CR0', 'CR3', 'CR4', 'EFER', 'DR6', 'DR7', 'CS_ATTRIB', 'S_CET'] as const),
] satisfies readonly VmcbField[]
export type KeptField = (typeof kept)[number]
export const keptFields: readonly KeptField[] = kept

const tables = Object.fromEntries(
  kept.map((name) => {
    const { high, low } = vmcbField(name)
    return [name, state.per(thread).bits(`${name} in use`, high - low + 1)]
  }),
) as Readonly<Record<KeptField, Table<Bv, 'thread'>>>
export const isKept = (field: VmcbField): field is KeptField => field in tables
export const tableInUse = (field: KeptField): Table<Bv, 'thread'> => tables[field]
export const inUse = (t: Bv<string>, field: KeptField): Bv => tables[field].at(t)
export const isSet = (t: Bv<string>, field: KeptField): Bool => inUse(t, field).bit(0)

export const svmVariables = [
  ...[vmcbPa, hostCr0, hostCr3, hostCr4, hostEfer, loadedFrom, loadedOnce],
  ...Object.values(tables),
] as const

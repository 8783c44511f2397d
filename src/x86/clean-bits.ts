// The VMCB state cache: what of a VMCB a processor may remember, and when it may use that instead of memory.
//
// Covers: the group of every field, the fields that are never cached, when the cached copy may be used at VMRUN.
// Leaves out: when a processor drops or refills the cache (it may at any time: a clean bit permits and never forces), bits 13-30,
//   running with stale clean bits after a move to another processor or page (undefined, 15.15.2).
// Manual: APM volume 2, 15.15 (state caching), 15.15.2 (tag), 15.15.3 (groups).
// Liberties: a field that 15.15.3 names in no group is read from memory at every VMRUN, but for the word at 090h: sources differ on
//   whether bit 4 (NP) covers its flags, so they are a group of their own that a parameter joins to NP.

import { and, bool, type Bool, type Bv } from '../model/term.ts'
import { vmcbClean } from './vmcb.ts'
import type { VmcbField } from './vmcb-fields.ts'

export type CleanBit = Exclude<keyof typeof vmcbClean.fields & string, 'SOFTWARE'>
/** `NP flags`: the bits of 090h; `memory`: no bit covers the field, or the manual says that it is never cached. */
export type CleanGroup = CleanBit | 'NP flags' | 'memory'

export interface CleanParameters {
  /** Bit 4 covers NP_ENABLE and the other flags at 090h too. */
  readonly npCoversFlags: Bool
}

const starting =
  (...prefixes: readonly string[]) =>
  (field: VmcbField) =>
    prefixes.some((prefix) => field.startsWith(prefix))
const named =
  (...names: readonly VmcbField[]) =>
  (field: VmcbField) =>
    names.includes(field)

/** APM 15.15.3, in the order of the bits; a field belongs to the first that takes it. */
const groups: readonly (readonly [CleanGroup, (field: VmcbField) => boolean])[] = [
  ['I', starting('INTERCEPT_', 'PAUSE_FILTER_')],
  ['I', named('TSC_OFFSET')],
  ['IOPM', named('IOPM_BASE_PA', 'MSRPM_BASE_PA')],
  ['ASID', named('ASID')],
  ['TPR', named('V_TPR', 'V_IRQ', 'VGIF', 'V_NMI', 'V_NMI_MASK', 'V_INTR_PRIO', 'V_IGN_TPR', 'V_INTR_MASKING')],
  ['TPR', named('VGIF_ENABLE', 'V_NMI_ENABLE', 'X2AVIC_ENABLE', 'AVIC_ENABLE', 'V_INTR_VECTOR')],
  ['NP', named('N_CR3', 'G_PAT')],
  ['NP flags', named('NP_ENABLE', 'SEV_ENABLE', 'SEV_ES_ENABLE', 'GMET_ENABLE', 'SSS_CHECK_ENABLE', 'VTE_ENABLE')],
  ['NP flags', named('READ_ONLY_GUEST_TABLES', 'INVLPGB_ENABLE')],
  ['CRX', named('CR0', 'CR3', 'CR4', 'EFER')],
  ['DRX', named('DR6', 'DR7')],
  ['DT', starting('GDTR_', 'IDTR_')],
  // FS, GS, LDTR and TR are VMLOAD's, not VMRUN's.
  ['SEG', starting('CS_', 'DS_', 'SS_', 'ES_')],
  ['SEG', named('CPL')],
  ['CR2', named('CR2')],
  ['LBR', named('DBGCTL', 'BR_FROM', 'BR_TO', 'LASTEXCPFROM', 'LASTEXCPTO')],
  ['AVIC', starting('AVIC_')],
  ['CET', named('S_CET', 'SSP', 'ISST_ADDR')],
]

export const cleanGroup = (field: VmcbField): CleanGroup => groups.find(([, takes]) => takes(field))?.[0] ?? 'memory'

/**
 * VMRUN may take `field` from the processor's copy: its clean bit is one and the copy was made from the VMCB at this address on
 * this processor (15.15.2: the tag is the address, not the ASID; another tag counts as all bits zero).
 */
export function mayUseCached(field: VmcbField, clean: Bv, tagMatches: Bool, parameters: CleanParameters): Bool {
  const group = cleanGroup(field)
  if (group === 'memory') return bool(false)
  const bits = vmcbClean.of(clean)
  if (group === 'NP flags') return and(tagMatches, bits.NP, parameters.npCoversFlags)
  return and(tagMatches, bits[group])
}

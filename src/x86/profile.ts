// The platform profile: which defences a platform has (H_*), and what its hardware does where the manual does not say (P_*).
// Each is a rigid truth of the model; a profile gives it a value, and a proof says which of them it used.
//
// Covers: the switches that the SMRAM half of the theory knows; profiles with every defence, of older parts, and with one
//   defence missing.
// Leaves out: switches of the handler (src/smm/switches.ts), the report path, Intel's registers.
// Manual: each line cites the section that makes the rule a choice of firmware or hardware.

import { but, type Setting, switchboard } from '../model/switchboard.ts'

const about = {
  H_SMMLOCK: 'HWCR.SmmLock is set before untrusted code runs (APM 15.32.1)',
  H_SMMKEY: 'SMM_KEY is zero, so that only a reset unlocks (APM 15.32.2)',
  H_ALLCORES: 'the lock holds on every core, late-onlined and resumed ones too (S3, CC6)',
  H_TVALID: 'TSeg is valid and covers the handler, its objects and every save area (APM 10.2.5)',
  H_TCLOSE_LOCKED: 'SMMMASK bits 3:2 are read-only under SmmLock (CVE-2023-31315)',
  H_SMBASELOCK: 'HWCR.SmmBaseLock is set at hand-off and stays set',
  H_DMA_TSEG: 'devices do not reach TSeg (APM 15.24.3)',
  H_IOMMU_BLOCK: 'SMM can stop all device writes and wait for those in flight',
  H_ROUTE_OK: 'no MMIO decoder (configuration space, fabric window) can be put over TSeg',
  H_DF_LOCK: 'the registers of the fabric, its MMIO windows and its map of DRAM, cannot change after boot',
  H_APIC_CHECK: 'the APIC page cannot be put over TSeg',
  H_ALIAS_CHECK: 'at hand-off no two addresses name one cell of DRAM',
  H_INVD_SAFE: 'INVD writes back what it drops: HWCR.INVDWBINVD is set at hand-off and stays set',
  H_FLUSH_ASID: 'an SMI and RSM flush the TLB of all ASIDs (APM 15.16.1)',
  H_FCH_SMI_LOCK: 'the chipset cannot be told to raise no SMI',
  H_BCAST: 'a chipset SMI is raised on every thread',
  H_TPM_ROT: 'firmware that is not genuine does not boot',
  H_CODECHK: 'SMM does not run code outside TSeg',
  S_TCLOSE_CHECK: 'the SMM entry stub refuses to go on while TClose or AClose is set',
  P_TOM_WINS: 'TOP_MEM and TOM2 override the decode of TSeg',
  P_BASELOCK_FREE: 'HWCR.SmmBaseLock can be written after SmmLock',
  P_RSM_VMCB: 'RSM into a guest reads the VMCB from memory again',
  P_PE0_PG1_RSM: 'RSM accepts CR0.PG without CR0.PE (APM 15.19)',
  P_SKINIT_GIF: 'SKINIT clears GIF',
  P_WINDOW_FETCH: 'the configuration, APIC and fabric windows take instruction fetches, too',
  P_GPA_TRUNC: 'guest-physical bits above the translatable width are ignored',
  P_GMET_DATA: 'with GMET, data may be accessed through a leaf with U/S=0',
} as const satisfies Readonly<Record<string, string>>

export type SwitchName = keyof typeof about
export const { names: switchNames, meaning: switchMeaning, on, variables: switches, assumptionsOf } = switchboard(about)
export type Profile = Setting<SwitchName>

const isParameter = (name: SwitchName): boolean => name.startsWith('P_')
const profile = (name: string, off: readonly SwitchName[], given: readonly SwitchName[] = []): Profile => ({
  name,
  values: Object.fromEntries(switchNames.map((s) => [s, isParameter(s) ? given.includes(s) : !off.includes(s)])) as Record<
    SwitchName,
    boolean
  >,
})

/** What nobody is known to ship, or what only a handler can add: off in every profile that does not name it. */
const RARE: readonly SwitchName[] = ['H_SMBASELOCK', 'S_TCLOSE_CHECK']
const ATTACKER_FAVOURABLE: readonly SwitchName[] = [
  'P_RSM_VMCB',
  'P_SKINIT_GIF',
  'P_PE0_PG1_RSM',
  'P_GMET_DATA',
  'P_WINDOW_FETCH',
]

/** Every defence of a well-configured current server. */
export const hardened: Profile = profile('hardened', RARE, ATTACKER_FAVOURABLE)
/** A part from before the fix of CVE-2023-31315, with nothing done about it. */
export const legacy: Profile = profile('legacy', [...RARE, 'H_TCLOSE_LOCKED', 'H_FCH_SMI_LOCK', 'H_DF_LOCK'], ATTACKER_FAVOURABLE)

/** Every profile with exactly one defence of `hardened` missing. */
export const singleOff: readonly Profile[] = switchNames
  .filter((s) => !isParameter(s) && hardened.values[s])
  .map((s) => but(hardened, s))

// What each defence is for: the claims about the platform that fall when it is missing, or when the hardware does what the
// manual does not say. Each is refuted by a run from power-on.
import { but, type Claim, hardened, type PlatformClaim, platformClaim, type SwitchName } from 'smmcheck'

const falls: Partial<Record<SwitchName, readonly PlatformClaim[]>> = {
  H_SMMLOCK: ['I1'],
  H_SMMKEY: ['I1'],
  H_ALLCORES: ['I1', 'I2', 'I4'],
  H_TVALID: ['I3', 'I4', 'I5', 'I6', 'S1'],
  H_TCLOSE_LOCKED: ['I2'],
  H_DMA_TSEG: ['I3', 'S1'],
  H_ROUTE_OK: ['I6'],
  H_APIC_CHECK: ['I6'],
  H_ALIAS_CHECK: ['I3', 'I4', 'S1'],
  H_DF_LOCK: ['I3', 'S1'],
  H_INVD_SAFE: ['I3'],
  H_FLUSH_ASID: ['T1'],
  H_CODECHK: ['I5'],
  H_TPM_ROT: ['I3'],
  P_TOM_WINS: ['I6'],
  P_BASELOCK_FREE: ['I1'],
}

export default Object.entries(falls).flatMap(([name, claims]) =>
  claims.map((id): Claim => platformClaim(id, but(hardened, name as SwitchName), 'refuted')),
)

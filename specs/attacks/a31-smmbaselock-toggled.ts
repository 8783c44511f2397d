// A31 SmmBaseLock toggled (found here). The bit suppresses save and restore of SMM_BASE. Where ring 0 can write it after SmmLock, it is
// set before an SMI and cleared by a sibling during it: RSM loads a slot that this entry did not save.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A31',
  name: 'SmmBaseLock toggled around an SMI',
  reference: 'found with this model; PPR HWCR.SmmBaseLock',
  year: 2026,
  without: 'P_BASELOCK_FREE',
  scenario: [handOver, adversary(1)],
  breaks: 'I1 SmmBaseLock is as at hand-off',
})

// B07 SMIs switched off in the chipset. One bit of the chipset decides whether it raises SMIs at all; without a lock on it the handler is never
// called again.
import { adversary, chipsetRaisesSmis, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'B07',
  name: 'SMIs switched off in the chipset',
  reference: 'Kallenberg, Cornwell, Kovah, Butterworth, "Setup for failure: defeating Secure Boot" (SMI suppression), Syscan',
  year: 2014,
  without: 'H_FCH_SMI_LOCK',
  scenario: [handOver, adversary(1)],
  breaks: chipsetRaisesSmis,
})

// C13 Nested table in SMRAM. At an address in TSeg, the handler reads SMRAM and the hardware walker of a guest reads something
// else.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C13',
  name: 'Nested table in SMRAM',
  reference: 'AMD64 APM volume 2, 10.2.5; facts C13',
  year: 2013,
  off: 'S_DRAM',
  machine: { level: 2, entries: [1] },
  breaks: /^table outside SMRAM/,
})

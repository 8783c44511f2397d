// C33 Leaves above the end of DRAM. A leaf names a legal physical address with no memory behind it.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C33',
  name: 'Leaves above the end of DRAM',
  reference: 'AMD64 APM volume 2, 7.9.4 (TOM2); facts C33',
  year: 2005,
  off: 'S_DRAM',
  machine: { level: 1, entries: [1], frame: 0x190n },
  breaks: /^W2 no-inflate/,
})

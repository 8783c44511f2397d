// C35 Leaves into SMRAM. A leaf names SMRAM: the guest gets aborts there, and the handler, of all readers, sees DRAM.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C35',
  name: 'Leaves into SMRAM',
  reference: 'AMD64 APM volume 2, 10.2.5; facts C35',
  year: 2005,
  off: 'S_DRAM',
  machine: { level: 1, entries: [1], frame: 0xa5n },
  breaks: /^W2 no-inflate/,
})

// C74 A table outside of DRAM, passed over. A table lies where the boot map has no memory: in a device, in a hole. The hardware
// walks it and finds frames; a handler that passes over it in silence has hidden them.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C74',
  name: 'A table outside of DRAM, passed over',
  reference: 'found with this model; facts C12',
  year: 2026,
  off: 'S_FOREIGN',
  machine: { level: 2, entries: [1], elsewhere: [0x190n] },
  breaks: /^W1 no-hide: a page/,
})

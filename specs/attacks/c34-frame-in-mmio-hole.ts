// C34 Leaves into the hole below 1 MiB. A leaf names flash, or a device's window: pass-through devices need that, and it is no
// memory.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C34',
  name: 'Leaves into the hole below 1 MiB',
  reference: 'AMD64 APM volume 2, 7.7.2, 7.9.1; facts C34',
  year: 2005,
  off: 'S_DRAM',
  machine: { level: 1, entries: [1], frame: 0xf0n },
  breaks: /^W2 no-inflate/,
})

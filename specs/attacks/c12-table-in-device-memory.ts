// C12 Nested table in device memory. A table lies in a device's window, and the device answers the handler otherwise than the
// walker.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C12',
  name: 'Nested table in device memory',
  reference: 'AMD64 APM volume 2, 7.9; facts C12',
  year: 2013,
  off: 'S_DRAM',
  machine: { level: 2, entries: [1] },
  breaks: /^table in boot DRAM/,
})

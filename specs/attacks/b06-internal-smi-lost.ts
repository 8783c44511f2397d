// B06 An internal SMI while GIF is 0. Where the trigger is an I/O access that is trapped, a hypervisor makes it with GIF=0, and
// the SMI is gone without a trace. One from outside is held until GIF is 1.
import { triggerPair } from 'smmcheck'

export default triggerPair({
  id: 'B06',
  name: 'An internal SMI while GIF is 0',
  reference: 'AMD64 APM volume 2, 15.22.2, table 15-14',
  year: 2005,
})

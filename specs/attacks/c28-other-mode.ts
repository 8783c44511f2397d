// C28 Another number of levels. The host ran VMRUN with five levels, or with PAE: the same bytes are another tree to a handler
// that walks four.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C28',
  name: 'Another number of levels',
  reference: 'AMD64 APM volume 2, 15.25.3 (the mode of the host at VMRUN)',
  year: 2007,
  off: 'S_MODE_HW',
  procedure: 'recognise',
  breaks: /^I9 what is walked/,
})

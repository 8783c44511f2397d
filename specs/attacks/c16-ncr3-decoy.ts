// C16 A decoy in VMCB.N_CR3. The guest runs on the root that the processor cached at VMRUN; the control block in memory names
// another one, with a richer tree.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C16',
  name: 'A decoy in VMCB.N_CR3',
  reference: 'AMD64 APM volume 2, 15.15 (VMCB clean bits); facts C16',
  year: 2010,
  off: 'S_ROOT_HW',
  procedure: 'recognise',
  breaks: /^I9 what is walked/,
})

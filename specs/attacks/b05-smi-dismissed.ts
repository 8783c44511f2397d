// B05 SMI dismissed. The hypervisor clears the pending SMI: the handler never runs, and nothing remembers that it should have.
import { adversary, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'B05',
  name: 'SMI dismissed',
  reference: 'AMD64 APM volume 2, 15.30.3 (SMM_CTL.DISMISS)',
  year: 2005,
  without: 'H_SMMLOCK',
  scenario: [handOver, happens('chipset raises an SMI'), adversary(1)],
  breaks: 'S2 an SMI that is owed is pending',
  by: ['I1 every core has SmmLock'],
})

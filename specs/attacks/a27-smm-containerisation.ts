// A27 SMM in a container. Without SmmLock a hypervisor may see SMRAM as SMM does (SMM_CTL) and run the platform's SMM as a
// guest.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A27',
  name: 'SMM in a container',
  reference: 'AMD64 APM volume 2, 15.22.3, 15.30.3',
  year: 2005,
  without: 'H_SMMLOCK',
  scenario: [handOver, adversary(2)],
  breaks: 'S1 nobody outside SMM has read TSeg',
  by: ['I1 every core has SmmLock', 'I2 no thread outside SMM has its view of SMRAM'],
})

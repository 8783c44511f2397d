// B03 SMI intercept. The SMI ends the guest and the hypervisor runs first: it tidies up, sets GIF, and only then lets the SMI
// in, which finds no guest.
import { adversary, anSmi, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'B03',
  name: 'SMI intercept',
  reference: 'AMD64 APM volume 2, 15.13.3, 15.22',
  year: 2005,
  without: 'H_SMMLOCK',
  scenario: [handOver, adversary(1), ...anSmi],
  breaks: 'S2 no SMI ends a guest',
  by: ['I1 every core has SmmLock'],
})

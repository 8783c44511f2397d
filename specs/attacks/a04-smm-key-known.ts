// A04 SMM_KEY is known. Firmware has set a key and the attacker knows it: writing it clears SmmLock.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A04',
  name: 'SMM_KEY is known',
  reference: 'AMD64 APM volume 2, 15.32.2',
  year: 2005,
  without: 'H_SMMKEY',
  scenario: [handOver, adversary(2)],
  breaks: 'I2 SMMMASK is as at hand-off',
  by: ['I1 SMM_KEY is zero', 'I1 every core has SmmLock'],
})

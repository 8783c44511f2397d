// A23 S3 resume before the lock. After resume only the boot core is configured again: another one writes SMRAM.
import { adversary, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A23',
  name: 'S3 resume before the lock',
  reference: 'Wojtczuk, Kallenberg, "Attacks on UEFI security" (S3 boot script), 31C3',
  year: 2014,
  without: 'H_ALLCORES',
  scenario: [handOver, happens('S3 sleep and wake'), handOver, adversary(2)],
  breaks: 'I3 every word of TSeg was last written by SMM',
  by: ['I1 every core has SmmLock', 'I2 SMMADDR is as at hand-off', 'I2 SMMMASK is as at hand-off'],
})

// A03 One core without the lock. A core that comes late or wakes from deep sleep has no TSeg: it writes that memory like any
// other.
import { adversary, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A03',
  name: 'One core without the lock',
  reference: 'AMD64 APM volume 2, 10.2.5 (SMM registers are per core); coreboot commits on late locking',
  year: 2015,
  without: 'H_ALLCORES',
  scenario: [handOver, happens('a core wakes from CC6'), adversary(1)],
  breaks: 'I3 every word of TSeg was last written by SMM',
  by: ['I2 SMMADDR is as at hand-off', 'I2 SMMMASK is as at hand-off'],
})

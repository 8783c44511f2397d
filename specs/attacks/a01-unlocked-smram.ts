// A01 Unlocked SMRAM. Firmware leaves SmmLock clear: ring 0 moves TSeg away and writes the handler as ordinary memory.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A01',
  name: 'Unlocked SMRAM',
  reference: 'Duflot, Etiemble, Grumelard, CanSecWest 2006; Phrack 65-7',
  year: 2006,
  without: 'H_SMMLOCK',
  scenario: [handOver, adversary(2)],
  breaks: 'I3 every word of TSeg was last written by SMM',
  by: ['I1 every core has SmmLock'],
})

// C10 A second core writes. A core that holds SMIs off moves frames ahead of the walk: entries change after some of them were
// read.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C10',
  name: 'A second core changes tables during the walk',
  reference: 'AMD64 APM volume 2, 15.17; facts C10',
  year: 2010,
  without: 'S_RDV',
  absent: [1],
  scenario: ({ wake, smi, meeting }) => [handOver, wake, adversary(1), ...smi, ...meeting, adversary(1)],
  breaks: 'memory holds still',
})

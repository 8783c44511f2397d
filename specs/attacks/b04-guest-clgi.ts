// B04 Guest CLGI. A guest whose CLGI is not intercepted, and that has no virtual GIF, holds SMIs off by itself: it runs on while
// its memory is measured.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'B04',
  name: 'CLGI by the guest',
  reference: 'AMD64 APM volume 2, 15.17, 15.33.2',
  year: 2005,
  without: 'S_RDV',
  absent: [1],
  scenario: ({ wake, guest, smi, gathering }) => [handOver, wake, guest(1), adversary(1), ...smi, ...gathering],
  breaks: 'no guest runs',
})

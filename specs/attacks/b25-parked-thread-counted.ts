// B25 A parked thread that is counted. The hardware shows which threads wait for SIPI (P_PARK_VISIBLE), and the handler takes
// these for stopped. One look is not enough: after it, a device may send the SIPI.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'B25',
  name: 'A parked thread that is counted as stopped',
  reference: 'found with this model; AMD64 APM volume 2, 14.1.3',
  year: 2026,
  without: 'P_PARK_VISIBLE',
  absent: [1],
  scenario: ({ smi, meeting }) => [handOver, ...smi, ...meeting, adversary(2)],
  breaks: 'memory holds still',
})

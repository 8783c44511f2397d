// B26 A thread that nobody counted. Boot code told the handler of the threads that it saw; one that comes later is not waited for.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'B26',
  name: 'A thread that nobody counted',
  reference: 'found with this model; the race of hot-plugged processors',
  year: 2026,
  without: 'H_COUNTED',
  machine: { counted: 1 },
  absent: [1],
  scenario: ({ wake, smiAtLeader, meeting }) => [handOver, wake, ...smiAtLeader, ...meeting, adversary(1)],
  breaks: 'memory holds still',
})

// B19 SMI on the wrong cores. Ring 0 sends an SMI to one thread and lets it answer as if every thread had been asked.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'B19',
  name: 'SMI on the wrong cores only',
  reference: 'AMD64 APM volume 2, 16.5 (ICR, message type SMI)',
  year: 2006,
  without: 'S_RDV',
  absent: [1],
  scenario: ({ wake, arrival, gathering }) => [handOver, wake, adversary(1), arrival(0), ...gathering],
  breaks: 'all in SMM',
})

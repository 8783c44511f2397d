// C28 Another number of levels. The host ran VMRUN with five levels: the same bytes are another tree to a handler that walks four.
import { handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C28',
  name: 'Another number of levels',
  reference: 'AMD64 APM volume 2, 15.25.3 (the mode of the host at VMRUN)',
  year: 2007,
  without: 'S_MODE_HW',
  machine: { free: ['levels'] },
  scenario: ({ wake, guest, smi, meeting, observation }) => [handOver, wake, guest(0), ...smi, ...meeting, observation],
  breaks: 'what is observed is true',
})

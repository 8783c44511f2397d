// C75 FF38h misunderstood. On this processor the word is the host's own CR3; the handler was built for one where it is the nested
// root, and walks the host's tables for the guest's.
import { handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C75',
  name: 'FF38h taken for the nested root',
  reference: 'found with this model; AMD64 APM volume 2, table 10-1',
  year: 2026,
  without: ['H_KNOWN', 'P_FF38'],
  machine: { believes: { P_FF38: true } },
  scenario: ({ wake, guest, smi, meeting, observation }) => [handOver, wake, guest(0), ...smi, ...meeting, observation],
  breaks: 'what is observed is true',
})

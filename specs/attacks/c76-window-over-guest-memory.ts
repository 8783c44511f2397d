// C76 A fabric window over guest memory. The registers of the cores are as at boot; the fabric sends a frame of the boot map to a
// device, which answers the handler's reads.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C76',
  name: 'A fabric window over guest memory',
  reference: 'found with this model; PPR data fabric (D18F0)',
  year: 2026,
  without: 'H_DF_LOCK',
  scenario: ({ wake, smi, meeting, read }) => [handOver, wake, adversary(1), ...smi, ...meeting, read],
  breaks: 'reads are true',
})

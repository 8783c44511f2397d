// B02 CLGI on one core. The other one takes the SMI; its handler waits as long as its firmware says, and goes on as if all were
// there.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'B02',
  name: 'CLGI on one core, work on another',
  reference: 'AMD64 APM volume 2, 15.17; EDK II PiSmmCpuDxeSmm (SMM sync time-out)',
  year: 2010,
  without: 'S_RDV',
  absent: [1],
  scenario: ({ wake, smi, gathering }) => [handOver, wake, adversary(1), ...smi, ...gathering],
  breaks: 'all in SMM',
})

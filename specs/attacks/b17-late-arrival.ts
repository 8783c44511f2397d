// B17 Late arrival. The SMI is raised for every thread, and on one of them a long instruction or a sleep state comes first. What
// that thread does before it takes the SMI happens while memory is measured.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'B17',
  name: 'Late arrival',
  reference: 'Intel SDM volume 3, 34.3.1 (long flows); EDK II PiSmmCpuDxeSmm (SMM_DELAYED)',
  year: 2011,
  without: 'S_RDV',
  absent: [1],
  scenario: ({ wake, smiAtLeader, meeting }) => [handOver, wake, ...smiAtLeader, ...meeting, adversary(1)],
  breaks: 'memory holds still',
})

// C16 A decoy in VMCB.N_CR3. The guest runs on the root that the processor cached at VMRUN; another core writes a root of a richer
// tree into the control block in memory.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C16',
  name: 'A decoy in VMCB.N_CR3',
  reference: 'AMD64 APM volume 2, 15.15 (VMCB clean bits), 15.25.4; facts C16',
  year: 2010,
  without: 'S_ROOT_HW',
  scenario: ({ wake, guest, smi, meeting, observation }) => [
    handOver,
    wake,
    guest(0),
    adversary(1),
    ...smi,
    ...meeting,
    observation,
  ],
  breaks: 'what is observed is true',
})

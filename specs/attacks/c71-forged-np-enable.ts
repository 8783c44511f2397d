// C71 NP_ENABLE forged after VMRUN. The guest runs on shadow tables; another core writes NP_ENABLE and a root into the control block,
// which the processor does not read again. It takes both: hardware that records nested paging of SNP guests only, and a handler
// that believes the control block where hardware does not tell.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C71',
  name: 'NP_ENABLE forged after VMRUN',
  reference: 'AMD64 APM volume 2, 15.25.1, table 10-1; facts C71',
  year: 2026,
  without: ['S_ROOT_HW', 'P_FF38_WHEN'],
  scenario: ({ wake, guestOnShadow, smi, meeting, observation }) => [
    handOver,
    wake,
    guestOnShadow(0),
    adversary(1),
    ...smi,
    ...meeting,
    observation,
  ],
  breaks: 'no shadow is walked',
})

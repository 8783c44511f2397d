// C36 Routing registers moved. TOM2, TOP_MEM, IORRs or fixed MTRRs say something else than at boot when the SMI comes, and nobody
// compares them: the handler reads devices, or nothing, where it takes memory for granted.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C36',
  name: 'TOM2, MTRRs and IORRs moved',
  reference: 'AMD64 APM volume 2, 7.9.1, 7.9.4; facts C36',
  year: 2005,
  without: 'S_ROUTE_CHECK',
  scenario: ({ wake, smi, meeting, read }) => [handOver, wake, adversary(1), ...smi, ...meeting, read],
  breaks: 'reads are true',
})

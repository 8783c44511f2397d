// E03 Relay to another platform. The challenge goes to another platform, whose genuine handler answers.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E03',
  name: 'Relay to another platform',
  reference: 'Parno, "Bootstrapping trust in a "trusted" platform" (cuckoo attack), HotSec',
  year: 2008,
  without: 'S_PLATFORM',
  breaks: 'R1',
})

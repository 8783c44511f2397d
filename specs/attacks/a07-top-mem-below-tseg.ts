// A07 TOP_MEM below TSeg. Where TOP_MEM overrides the decode of TSeg (no tested part does that), lowering it sends SMM's
// accesses to MMIO.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A07',
  name: 'TOP_MEM below TSeg',
  reference: 'Nissim, Okupski, "AMD Sinkclose", DEF CON 32, slides 42-45 (blocked on the parts they tested)',
  year: 2024,
  without: 'P_TOM_WINS',
  scenario: [handOver, adversary(1), ...anSmi, happens('SMM load')],
  breaks: 'I6 the handler reads what SMM wrote',
})

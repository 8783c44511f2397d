// A14 DMA to data of the handler outside TSeg. The handler keeps data in ordinary memory: a device changes it while the handler
// runs.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A14',
  name: 'DMA to data of the handler outside TSeg',
  reference: 'CHIPSEC smm_dma; facts A14',
  year: 2014,
  without: 'H_TVALID',
  scenario: [handOver, ...anSmi, adversary(1), happens('SMM load')],
  machine: { free: ['TSeg', 'handler'] },
  breaks: 'I6 the handler reads what SMM wrote',
})

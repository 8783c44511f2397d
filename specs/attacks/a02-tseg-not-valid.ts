// A02 TSeg not valid, or too small. Pages of the handler or a save area lie where nothing is protected: any store reaches them.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A02',
  name: 'TSeg not valid, or too small',
  reference: 'CHIPSEC modules common.smm, smm_addr, smm_dma',
  year: 2014,
  without: 'H_TVALID',
  scenario: [handOver, adversary(1)],
  machine: { free: ['TSeg', 'handler'] },
  breaks: 'I3 every word of TSeg was last written by SMM',
})

// A13 DMA into TSeg. A bus master writes SMM's code. The SMM registers of an AMD core do not filter what devices do.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A13',
  name: 'DMA into TSeg',
  reference: 'Duflot, Perez, Valadon, Levillain, "Can you still trust your network card?"; CHIPSEC smm_dma',
  year: 2010,
  without: 'H_DMA_TSEG',
  scenario: [handOver, adversary(1)],
  breaks: 'I3 every word of TSeg was last written by SMM',
})

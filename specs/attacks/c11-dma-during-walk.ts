// C11 DMA during the walk. Every thread is in SMM, and a device still writes tables: SMM stops no bus master, and the handler
// goes on where it cannot. It takes both: without H_IOMMU_BLOCK alone the handler ends with `dmaNotQuiesced`, and without
// S_QUIESCE alone it stops devices without asking whether it can.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C11',
  name: 'DMA during the walk',
  reference: 'Duflot, Perez, Valadon, Levillain, "Can you still trust your network card?"; AMD64 APM volume 2, 15.24.3',
  year: 2010,
  without: ['H_IOMMU_BLOCK', 'S_QUIESCE'],
  scenario: ({ wake, guest, smi, meeting, readOfRoot }) => [
    handOver,
    wake,
    guest(0),
    ...smi,
    ...meeting,
    adversary(1),
    readOfRoot(0),
  ],
  breaks: 'reads are true',
})

// A19 SMBASE overwritten in the save area. Whoever can write the save area's slot FF00h while its thread is in SMM (here a device,
// which nothing keeps from TSeg) moves the next entry. SmmBaseLock takes the slot out of use.
import { adversary, anSmi, but, handOver, happens, hardened, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A19',
  name: 'SMBASE overwritten in the save area',
  reference: 'AMD64 APM volume 2, 10.2.1, 10.4; PPR HWCR.SmmBaseLock',
  year: 2005,
  base: but(hardened, 'H_DMA_TSEG', 'H_SMBASELOCK'),
  without: 'H_SMBASELOCK',
  scenario: [handOver, ...anSmi, adversary(1), happens('RSM')],
  breaks: 'I4 SMM_BASE is as at hand-off',
})

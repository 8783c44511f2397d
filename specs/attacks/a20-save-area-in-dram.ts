// A20 Save area in ordinary memory. The save area is not in TSeg: somebody edits it between the SMI and RSM, and the next SMI
// enters elsewhere.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A20',
  name: 'Save area in ordinary memory',
  reference: 'AMD64 APM volume 2, 10.2.1, 10.2.5; CHIPSEC smm_addr',
  year: 2014,
  without: 'H_TVALID',
  scenario: [handOver, ...anSmi, adversary(1), happens('RSM')],
  machine: { free: ['TSeg', 'handler'] },
  breaks: 'I4 SMM_BASE is as at hand-off',
  by: ['I4 in SMM, the save area holds the SMBASE of its thread'],
})

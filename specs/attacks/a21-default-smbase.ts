// A21 Default SMBASE on a new thread. A thread that comes online takes its first SMI at 38000h, in memory of the operating
// system.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A21',
  name: 'Default SMBASE on a new thread',
  reference: 'AMD64 APM volume 2, 10.2.1; the race of hot-plugged processors',
  year: 2009,
  without: 'H_ALLCORES',
  scenario: [handOver, happens('a thread comes online'), adversary(1), ...anSmi, happens('SMM fetch')],
  breaks: 'I5 the handler fetches its own code only',
  by: ['I4 SMM_BASE is as at hand-off'],
})

// A25 SMT sibling. The entry stub checks the close bits, and the sibling thread, which shares SMMMASK and is not in SMM, sets them
// after the check. The check is no replacement for the lock.
import { adversary, anSmi, but, handOver, happens, hardened, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A25',
  name: 'SMT sibling after the check of the stub',
  reference: 'Nissim, Okupski, "AMD Sinkclose", DEF CON 32, slide 88',
  year: 2024,
  base: but(hardened, 'S_TCLOSE_CHECK'),
  without: 'H_TCLOSE_LOCKED',
  machine: { siblings: true },
  scenario: [handOver, ...anSmi, happens('SMM stub checks SMMMASK', 'passes'), adversary(2), happens('SMM load')],
  breaks: 'I6 the handler reads what SMM wrote',
})

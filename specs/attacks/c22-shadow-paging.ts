// C22 Shadow paging. NP_ENABLE is 0: there is no nested table at all, and what a handler would walk was never used.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C22',
  name: 'Shadow paging',
  reference: 'AMD64 APM volume 2, 15.25.1; Adams, Agesen, "Comparison of software and hardware techniques", ASPLOS',
  year: 2006,
  off: 'S_NP_CHECK',
  procedure: 'recognise',
  breaks: /^U1 a root is unrecorded/,
})

// C17 One root for each virtual processor. Each virtual processor has a control block, and may have a nested root of its own. A
// handler that looks at one thread describes one view.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C17',
  name: 'One root for each virtual processor',
  reference: 'AMD64 APM volume 2, 15.5.1 (one VMCB for each virtual processor); facts C17',
  year: 2005,
  off: 'S_ALLVMCB',
  procedure: 'observeAll',
  breaks: /^U1 every thread is observed/,
})

// A thread that holds SMIs off: it could change any table while the handler reads.
import { sample } from 'smmcheck'

export default sample(
  'late-thread',
  'One thread of two does not come: nothing is measured, and the proxy raises an alarm.',
  (p) => {
    const vm = p.vm().map(0, 0x900)
    p.inside(p.vmcb(vm), vm)
    p.late()
  },
)

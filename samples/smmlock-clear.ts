// A thread whose HWCR no longer has SmmLock: what SMRAM holds there is anybody's guess.
import { sample } from 'smmcheck'

export default sample(
  'smmlock-clear',
  'On one thread SmmLock is clear, unlike at boot: the handler does not measure, and says tamper.',
  (p) => {
    const vm = p.vm().map(0, 0x900)
    p.inside(p.vmcb(vm), vm)
    p.inHost({ HWCR: 0x10n })
  },
)

// Pages of equal content, merged: two machines read the same three frames, neither may write to them.
import { sample } from 'smmcheck'

export default sample(
  'ksm',
  'Three frames are merged: both machines have them, read-only; each has two frames of its own.',
  (p) => {
    for (const own of [0x900, 0xa00]) {
      const vm = p.vm()
      for (const page of [0, 1]) vm.map(page, own + page)
      for (const page of [2, 3, 4]) vm.map(page, 0xb00 + page, { write: false })
      p.inside(p.vmcb(vm, { asid: own }), vm)
    }
  },
)

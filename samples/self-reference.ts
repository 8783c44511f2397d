// A table all of whose entries name itself: a few kilobytes that look like memory without end.
import { sample } from 'smmcheck'

export default sample(
  'self-reference',
  'A root whose 512 entries name the root: the walk ends when its budget is spent, and says so.',
  (p) => {
    const vm = p.vm()
    for (let slot = 0; slot < 512; slot++) p.write(vm.root, slot, (BigInt(vm.root) << 12n) | 7n)
    p.inside(p.vmcb(vm), vm)
  },
)

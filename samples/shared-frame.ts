// One frame sold twice: two machines can write to it.
import { sample } from 'smmcheck'

export default sample('shared-frame', 'Two machines of 4 pages each have one writable frame in common.', (p) => {
  for (const own of [0x900, 0xa00]) {
    const vm = p.vm()
    for (const page of [0, 1, 2]) vm.map(page, own + page)
    vm.map(3, 0xb00)
    p.inside(p.vmcb(vm, { asid: own }), vm)
  }
})

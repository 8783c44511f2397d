// One frame at many guest pages: the guest sees sixteen pages, the host spends four.
import { sample } from 'smmcheck'

export default sample(
  'alias',
  'Sixteen guest pages lead to four frames: a count of mappings would say 64 KiB, there are 16 KiB.',
  (p) => {
    const vm = p.vm()
    for (let page = 0; page < 16; page++) vm.map(page, 0x900 + (page % 4))
    p.inside(p.vmcb(vm), vm)
  },
)

// Two machines, each inside a thread, and a thread in the hypervisor: all there is to see on an honest host.
import { sample } from 'smmcheck'

export default sample(
  'two-vms',
  'Two virtual machines of 8 and 4 pages run on two threads; a third is in the hypervisor.',
  (p) => {
    const [a, b] = [p.vm(), p.vm()]
    for (let page = 0; page < 8; page++) a.map(page, 0x900 + page)
    for (let page = 0; page < 4; page++) b.map(page, 0xa00 + page)
    p.inside(p.vmcb(a, { asid: 1 }), a)
    p.inside(p.vmcb(b, { asid: 2 }), b)
    p.inHost()
  },
)

// A hypervisor inside a machine: the host runs its guest on a control block and a root of the host's own.
import { sample } from 'smmcheck'

export default sample(
  'nested',
  'A machine of 6 pages runs a guest of its own, of which the host has mapped 2 pages so far; the machine keeps that guest’s VMCB in its memory.',
  (p) => {
    const [outer, inner] = [p.vm(), p.vm()]
    for (let page = 0; page < 6; page++) outer.map(page, 0x900 + page)
    // What the inner guest uses is memory of the outer machine.
    inner.map(0, 0x903).map(1, 0x904)
    p.vmcb(outer, { asid: 1 })
    // Its nested CR3 is an address of the outer guest.
    const own = p.vmcb(inner, { asid: 1, root: 0xc, at: 0x905 })
    const run = p.vmcb(inner, { asid: 2 })
    for (const vmcb of [own, run]) {
      // The base of its interrupt descriptor table.
      p.write(vmcb, 0x488 / 8, 0xffff_8000_0000_1000n)
    }
    p.inside(run, inner)
  },
)

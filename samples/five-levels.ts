// A host with 57-bit addresses: nested tables have five levels, because the host's have.
import { sample } from 'smmcheck'

export default sample('five-levels', 'The host runs with CR4.LA57: five levels, a page of 4 KiB and one of 2 MiB.', (p) => {
  const vm = p.vm(5)
  vm.map(0, 0x900)
  // Frames 0xe00 to 0xfff are DRAM.
  vm.map(512, 0xe00, { level: 2 })
  p.inside(p.vmcb(vm), vm)
})

// A guest that reaches its own nested tables, a VMCB and SMRAM: all of it is counted, and said.
import { sample } from 'smmcheck'

export default sample(
  'own-tables',
  'Of five leaves one leads to the machine’s root, one to its VMCB, one into SMRAM; the guest can make memory for itself.',
  (p) => {
    const vm = p.vm()
    const vmcb = p.vmcb(vm)
    vm.map(0, 0x900).map(1, 0x901).map(2, vm.root).map(3, vmcb).map(4, p.smram.first)
    p.inside(vmcb, vm)
  },
)

// Entries that hypervisors leave for emulated devices: present, with an address bit that no processor has, so that they always fault.
import { sample } from 'smmcheck'

const MARK = (1n << 51n) | 7n

export default sample('mmio-marks', 'A machine of 2 pages has five marks for emulated devices among its entries.', (p) => {
  const vm = p.vm()
  vm.map(0, 0x900).map(1, 0x901)
  const table = vm.tableFor(0, 1)
  for (let slot = 16; slot < 21; slot++) p.write(table, slot, MARK | (BigInt(slot) << 12n))
  p.inside(p.vmcb(vm), vm)
})

// A guest that gave memory back: its tables have holes where the balloon is.
import { sample } from 'smmcheck'

export default sample('balloon', 'A machine of 8 pages has returned three; what it was promised is not what it has now.', (p) => {
  const vm = p.vm()
  for (const page of [0, 1, 4, 6, 7]) vm.map(page, 0x900 + page)
  p.inside(p.vmcb(vm), vm)
})

// Nested paging is off: the guest runs on shadow tables that the host makes of the guest's own, as it needs them.
import { sample } from 'smmcheck'

export default sample(
  'shadow',
  'A machine runs without nested paging: there is no tree that says what it has, and no number is given.',
  (p) => {
    const vm = p.vm()
    const vmcb = p.vmcb(vm, { nested: false, root: 0 })
    p.threads.push({ arrives: true, saved: { state: 2n, vmcb: BigInt(vmcb) << 12n } })
  },
)

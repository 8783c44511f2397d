// C14 A planted control block. The search of memory finds a well-formed VMCB that the host has planted. A handler that takes its
// candidate for the one that runs measures a tree that nobody uses.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C14',
  name: 'A planted control block',
  reference: 'Graziano, Lanzi, Balzarotti, "Hypervisor memory forensics" (search for control blocks), RAID; facts C14',
  year: 2013,
  off: 'S_VMCB_HW',
  procedure: 'recognise',
  breaks: /^I9 its control block/,
})

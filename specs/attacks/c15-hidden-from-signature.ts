// C15 A control block without its signature. A search by signature asks for what control blocks usually have. A host writes
// something into a field that VMRUN does not look at, and is not found.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C15',
  name: 'A control block without its signature',
  reference: 'Graziano, Lanzi, Balzarotti, "Hypervisor memory forensics", RAID; facts C15',
  year: 2013,
  off: 'S_NO_SIGNATURE',
  procedure: 'classifyPage',
  breaks: /^D1 the page is startable/,
})

// C19 The SMI finds the hypervisor. The hypervisor runs when the SMI comes, by chance or by choice, and no guest is to be seen.
// A handler that then reports no guest says what it does not know.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C19',
  name: 'The SMI finds the hypervisor',
  reference: 'AMD64 APM volume 2, 10.2.3, 15.22.2; facts C19',
  year: 2005,
  off: 'S_HOST_SEEN',
  procedure: 'recognise',
  breaks: /^C1 a host/,
})

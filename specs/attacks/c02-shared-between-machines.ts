// C02 One frame, two machines. The frame that one machine was sold is mapped into a second one. A handler that looks at one tree
// at a time finds each complete, and what was sold is more than there is.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C02',
  name: 'One frame, two machines',
  reference: 'Waldspurger, "Memory resource management in VMware ESX server" (sharing between machines), OSDI',
  year: 2002,
  off: 'S_XUNIQ',
  machine: { level: 1, entries: [1], another: true },
  breaks: /^E4 count.total counts no object twice/,
})

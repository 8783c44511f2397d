// C31 A 1-GiB leaf where there is none. PS=1 at a level, or on a processor, that has no such page is a reserved bit. A handler
// that believes it counts 1 GiB.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C31',
  name: 'A 1-GiB leaf where there is none',
  reference: 'AMD64 APM volume 2, 5.3.5; CPUID Fn8000_0001_EDX[Page1GB]',
  year: 2008,
  off: 'S_RSVD',
  machine: { level: 3, entries: [1] },
  breaks: /^W2 no-inflate/,
})

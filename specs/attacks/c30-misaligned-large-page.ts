// C30 Misaligned large pages. A 2-MiB leaf with low address bits set never translates. A handler that masks them off counts 512
// pages.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C30',
  name: 'Misaligned large pages',
  reference: 'AMD64 APM volume 2, figures 5-22, 5-25 (MBZ bits)',
  year: 2005,
  off: 'S_RSVD',
  machine: { level: 2, entries: [1] },
  breaks: /^W2 no-inflate/,
})

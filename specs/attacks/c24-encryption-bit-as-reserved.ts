// C24 The encryption bit taken for a reserved one. Leaves carry the memory-encryption bit. A handler that takes it for a
// reserved bit passes over memory that the guest has: an honest host looks like a fraud.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C24',
  name: 'The encryption bit taken for a reserved one',
  reference: 'AMD64 APM volume 2, 7.10.1, 15.34.1 (C-bit); facts C24',
  year: 2016,
  off: 'S_CPU_WIDTH',
  machine: { level: 1, entries: [1], encryptedBy: 1n << 47n },
  breaks: /^W1 no-hide: a page/,
})

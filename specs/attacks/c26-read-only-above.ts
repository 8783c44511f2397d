// C26 R/W=0 in an upper entry. The leaves look writable; one upper entry makes all of them read-only.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C26',
  name: 'R/W=0 in an upper entry',
  reference: 'AMD64 APM volume 2, 15.25.5; facts C26',
  year: 2007,
  off: 'S_PERM',
  machine: { level: 2, entries: [1, 1] },
  breaks: /^W3 leaves by permission/,
})

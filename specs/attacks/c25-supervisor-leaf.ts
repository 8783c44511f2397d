// C25 Leaves without U/S. Every access of a guest is a user access to nested tables: a leaf with U/S=0 is no memory, and is
// counted.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C25',
  name: 'Leaves without U/S',
  reference: 'AMD64 APM volume 2, 15.25.5',
  year: 2007,
  off: 'S_PERM',
  machine: { level: 1, entries: [1] },
  breaks: /^W2 no-inflate/,
})

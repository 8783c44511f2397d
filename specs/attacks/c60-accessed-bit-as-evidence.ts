// C60 The accessed bit as evidence. Hosts set and clear A and D as they like. A handler that counts only what was accessed
// leaves out memory that the guest has.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C60',
  name: 'The accessed bit as evidence',
  reference: 'AMD64 APM volume 2, 5.4.2; facts C60',
  year: 2005,
  off: 'S_AD',
  machine: { level: 1, entries: [1] },
  breaks: /^W1 no-hide: a page/,
})

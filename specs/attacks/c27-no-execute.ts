// C27 Data pages passed off as code. A leaf with NX=1 serves for data only; a count that knows one kind of memory sells it as
// any.
import { and, walkPair } from 'smmcheck'

export default walkPair({
  id: 'C27',
  name: 'Data pages passed off as code',
  reference: 'AMD64 APM volume 2, 5.6.1, 15.25.5; facts C27',
  year: 2007,
  off: 'S_PERM',
  machine: {
    level: 1,
    entries: [1],
    given: { that: 'the guest may read and write the page', holds: (entry) => and(entry(0).bit(2), entry(0).bit(1)) },
  },
  breaks: /^W3 leaves by permission/,
})

// C04 Read-only leaves for a whole guest. All untouched guest pages name one frame through R/W=0, and become private when first
// written: a count that forgets R/W reports the full size.
import { and, walkPair } from 'smmcheck'

export default walkPair({
  id: 'C04',
  name: 'Read-only leaves for a whole guest',
  reference: 'Linux KSM and zero page; facts C04',
  year: 2009,
  off: 'S_PERM',
  machine: {
    level: 1,
    entries: [1],
    given: { that: 'the guest may read and execute the page', holds: (entry) => and(entry(0).bit(2), entry(0).bit(63).not()) },
  },
  breaks: /^W3 leaves by permission/,
})

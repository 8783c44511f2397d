// C03 Merged pages counted as whole ones. A host merges equal pages and maps the one frame read-only until somebody writes. A
// count that looks at P alone calls that memory of its own.
import { and, type Bv, walkPair } from 'smmcheck'

const usable = (entry: Bv) => and(entry.bit(2), entry.bit(63).not())

export default walkPair({
  id: 'C03',
  name: 'Merged pages counted as whole ones',
  reference: 'Arcangeli, Eidus, Wright, "Increasing memory density by using KSM", Linux Symposium',
  year: 2009,
  off: 'S_PERM',
  machine: {
    level: 1,
    entries: [2],
    given: {
      that: 'the host has merged two pages that the guest may read and execute',
      holds: (entry) => and(...[0, 1].map((n) => usable(entry(n))), entry(0).bits(51, 12).eq(entry(1).bits(51, 12))),
    },
  },
  breaks: /^W3 leaves by permission/,
})

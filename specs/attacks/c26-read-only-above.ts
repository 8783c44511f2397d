// C26 R/W=0 in an upper entry. The leaves look writable; one upper entry makes all of them read-only.
import { and, walkPair } from 'smmcheck'

export default walkPair({
  id: 'C26',
  name: 'R/W=0 in an upper entry',
  reference: 'AMD64 APM volume 2, 15.25.5; facts C26',
  year: 2007,
  off: 'S_PERM',
  machine: {
    level: 2,
    entries: [1, 1],
    given: {
      that: 'the upper entry leads to a table whose leaf the guest may write, read and execute',
      holds: (entry) =>
        and(
          ...[0, 1].flatMap((n) => [entry(n).bit(2), entry(n).bit(63).not()]),
          ...[entry(0).bits(51, 12).eq(0x101), entry(1).bit(1)],
        ),
    },
  },
  breaks: /^W3 leaves by permission/,
})

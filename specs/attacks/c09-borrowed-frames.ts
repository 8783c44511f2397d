// C09 Borrowed frames. Frames of other machines are mapped into the one that is about to be measured. Its tree is flawless by
// itself; what is lost is that a second machine has the same frame.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C09',
  name: 'Borrowed frames',
  reference: 'facts C09',
  year: 2026,
  off: 'S_XUNIQ',
  machine: { level: 1, entries: [1], another: true },
  breaks: /^round 1: two = hit in two spaces/,
})

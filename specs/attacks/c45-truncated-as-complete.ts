// C45 A truncated walk passed off as a whole one. The tree takes longer than the handler may. A handler that just stops reports
// what it saw by then as all there is.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C45',
  name: 'A truncated walk passed off as a whole one',
  reference: 'facts C45',
  year: 2026,
  off: 'S_FLAGS',
  machine: { level: 1, entries: [1], spare: -1n },
  breaks: /^W1 no-hide: a page/,
})

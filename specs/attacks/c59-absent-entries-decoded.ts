// C59 Entries that are not present. With P=0 the other bits are software’s: marks of swapped pages, of balloons. A handler that
// decodes them before it looks at P counts memory that is gone.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C59',
  name: 'Entries that are not present',
  reference: 'AMD64 APM volume 2, 5.4.1; Linux swap entries; facts C59',
  year: 2005,
  off: 'S_PRESENT',
  machine: { level: 1, entries: [1], withoutGmet: true },
  breaks: /^W2 no-inflate/,
})

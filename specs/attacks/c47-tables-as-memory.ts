// C47 Page tables sold as memory. Leaves lead to the frames of the tables themselves, which the host uses, and with which the
// guest makes memory for itself. A handler that keeps no account of its tables counts them like any frame.
import { config, stepPair } from 'smmcheck'

export default stepPair({
  id: 'C47',
  name: 'Page tables sold as memory',
  reference: 'facts C47',
  year: 2026,
  off: 'S_TABLES',
  procedure: 'countMappedTables',
  breaks: /^E4 a mapped table/,
  given: { that: 'bitmaps have one word', holds: () => config.windowWords.now.eq(1) },
})

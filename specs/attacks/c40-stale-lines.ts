// C40 Lines that only another cache holds. Uncached reads that do not see other caches' modified lines (P_UC_COHERENT off) give
// what memory held before.
import { handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C40',
  name: 'Tables in the cache of another thread',
  reference: 'AMD64 APM volume 2, 7.3, 15.25.8 (memory types)',
  year: 2005,
  without: 'S_FLUSH_READ',
  scenario: ({ wake, smi, meeting, read }) => [handOver, wake, ...smi, ...meeting, read],
  breaks: 'reads are true',
})

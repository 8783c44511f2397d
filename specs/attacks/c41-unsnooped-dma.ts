// C41 Tables in a cache that nobody flushed. What DRAM holds and what another thread's cache holds differ: handler and walker
// see two trees.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C41',
  name: 'Tables in a cache that nobody flushed',
  reference: 'PCI Express base specification, No Snoop; facts C40-C42',
  year: 2003,
  off: 'S_FLUSH_READ',
  procedure: 'collectFlushes',
  breaks: /^I7 flushing: the next phase/,
})

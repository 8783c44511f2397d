// A32 A second address of SMRAM. A memory module that lies about its size, or a fabric that can be programmed again, gives a cell of
// TSeg another address, which nothing protects.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A32',
  name: 'A second address of SMRAM',
  reference: 'De Meulemeester and others, "BadRAM", CVE-2024-21944, IEEE S&P',
  year: 2025,
  without: 'H_ALIAS_CHECK',
  machine: { free: ['memory'] },
  scenario: [handOver, adversary(1)],
  breaks: 'I3 every word of TSeg was last written by SMM',
})

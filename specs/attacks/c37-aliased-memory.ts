// C37 Two addresses, one cell. A memory module that lies about its size gives each cell two addresses: frames differ, bitmaps of frames find
// nothing, and half of the memory that was counted is there.
import { addressesAreCells, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'C37',
  name: 'Two addresses, one cell',
  reference: 'De Meulemeester and others, "BadRAM", CVE-2024-21944, IEEE S&P',
  year: 2025,
  without: 'H_ALIAS_CHECK',
  machine: { free: ['memory'] },
  scenario: [handOver],
  breaks: addressesAreCells,
})

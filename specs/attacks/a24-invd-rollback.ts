// A24 INVD takes back what SMM wrote. SMM's stores are still in a cache when RSM leaves; INVD drops them, and a counter or key
// has its old value again.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A24',
  name: 'INVD takes back what SMM wrote',
  reference: 'Zhang and others, "CacheWarp", CVE-2023-20592, USENIX Security',
  year: 2024,
  without: 'H_INVD_SAFE',
  scenario: [handOver, ...anSmi, happens('SMM store'), happens('RSM'), adversary(1)],
  breaks: 'I3 every word of TSeg was last written by SMM',
  by: ['I3 INVD writes back'],
})

// A05 Sinkclose. SMMMASK bits 2 and 3 stay writable under SmmLock: SMM's data accesses go to MMIO while its code is fetched from
// DRAM, so the first table that the entry stub loads is the attacker's.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A05',
  name: 'Sinkclose',
  reference: 'CVE-2023-31315; Nissim, Okupski, "AMD Sinkclose", DEF CON 32',
  year: 2024,
  without: 'H_TCLOSE_LOCKED',
  scenario: [handOver, adversary(1), ...anSmi, happens('SMM load')],
  breaks: 'I6 the handler reads what SMM wrote',
  by: ['I2 SMMMASK is as at hand-off'],
})

// A15 SMM call-out. The handler calls into memory of the operating system, and whoever owns that runs in SMM.
import { anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A15',
  name: 'SMM call-out',
  reference: 'Wojtczuk, Tereshkin, "Attacking Intel BIOS", Black Hat USA; many BIOS advisories',
  year: 2009,
  without: 'H_CODECHK',
  scenario: [handOver, ...anSmi, happens('SMM fetch')],
  breaks: 'I5 the handler fetches its own code only',
})

// C72 An entry that changes between check and use. The handler reads an entry to check it and again to use it: in between it is
// another one, and an unchecked table is walked. (Found here; no row of the catalogue has it alone.)
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C72',
  name: 'An entry that changes between check and use',
  reference: 'CWE-367; Wang and others, "How double-fetch situations turn into double-fetch vulnerabilities", USENIX Security',
  year: 2017,
  off: 'S_FETCH1',
  machine: { level: 2, entries: [1], racing: true },
  breaks: /^table (in boot DRAM|outside SMRAM)/,
})

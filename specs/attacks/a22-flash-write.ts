// A22 Flash write, then reset. The SMM module in flash is changed; after the next reset the handler is the attacker's.
import { adversary, handOver, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A22',
  name: 'Flash write, then reset',
  reference: 'Kallenberg, Wojtczuk, "Speed Racer", VU#766164; Wojtczuk, Kallenberg, "Attacks on UEFI security", 31C3',
  year: 2014,
  without: 'H_TPM_ROT',
  scenario: [handOver, adversary(2), handOver],
  breaks: 'I3 the handler in TSeg is genuine',
  by: ['I3 the flash holds the genuine handler'],
})

// A06 An MMIO window over TSeg. A decoder that wins over TSeg (PCI configuration space, a fabric window) is put over it: SMM's
// data accesses reach a device.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A06',
  name: 'An MMIO window over TSeg',
  reference: 'Nissim, Okupski, "AMD Sinkclose", DEF CON 32, slides 37-50',
  year: 2024,
  without: 'H_ROUTE_OK',
  scenario: [handOver, adversary(1), ...anSmi, happens('SMM load')],
  breaks: 'I6 the handler reads what SMM wrote',
  by: ['I6 no configuration window lies over TSeg', 'I6 no fabric window lies over TSeg'],
})

// A08 The memory sinkhole. The local APIC's page is moved over SMRAM: SMM reads APIC registers where its data should be.
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'

export default platformPair({
  id: 'A08',
  name: 'The memory sinkhole',
  reference: 'Domas, "The Memory Sinkhole", Black Hat USA',
  year: 2015,
  without: 'H_APIC_CHECK',
  scenario: [handOver, adversary(1), ...anSmi, happens('SMM load')],
  breaks: 'I6 the handler reads what SMM wrote',
  by: ['I6 no APIC page lies over TSeg'],
})

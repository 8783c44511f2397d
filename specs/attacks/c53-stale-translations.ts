// C53 Stale translations. A thread that takes no SMI keeps the translations of its guest, whatever has become of the tables: the
// SMI that would flush them does not arrive.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'C53',
  name: 'Translations that outlive their tables',
  reference: 'AMD64 APM volume 2, 15.16.1',
  year: 2005,
  without: 'S_RDV',
  absent: [1],
  scenario: ({ wake, guest, translation, smi, meeting }) => [
    handOver,
    wake,
    guest(1),
    translation(1),
    adversary(1),
    ...smi,
    ...meeting,
  ],
  breaks: 'no translation',
})

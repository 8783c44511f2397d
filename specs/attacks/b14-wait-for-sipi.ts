// B14 Wait-for-SIPI. A parked thread takes no SMI. Somebody starts it while the others measure, and it changes what they read.
import { adversary, handOver, meetingPair } from 'smmcheck'

export default meetingPair({
  id: 'B14',
  name: 'Parked in wait-for-SIPI, then started',
  reference: 'Nissim, Okupski, "AMD Sinkclose", DEF CON 32, slide 95; AMD64 APM volume 2, 14.1.3',
  year: 2024,
  without: 'S_RDV',
  absent: [1],
  scenario: ({ smi, meeting }) => [handOver, ...smi, ...meeting, adversary(2)],
  breaks: 'memory holds still',
})

// C58 Leaves that no guest address reaches. The leaf is sound, but its guest address has more bits than a guest can form: nobody
// can use what is counted.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C58',
  name: 'Leaves that no guest address reaches',
  reference: 'AMD64 APM volume 2, 15.25.3 (guest-physical width)',
  year: 2013,
  off: 'S_WIDTH',
  machine: { level: 1, entries: [1] },
  breaks: /^W2 no-inflate/,
})

// E06 Counters taken back. The handler keeps the last counter where a reset, S3 or INVD reaches it: after that it answers the
// same challenge again.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E06',
  name: 'Counters taken back',
  reference: 'Parno and others, "Memoir: practical state continuity for protected modules", IEEE S&P',
  year: 2011,
  without: 'S_PERSIST',
  breaks: 'R2',
})

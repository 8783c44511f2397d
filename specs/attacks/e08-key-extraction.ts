// E08 The key is known. The MAC key leaves SMRAM: every report can be made by the host.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E08',
  name: 'The key is known',
  reference: 'Duflot and others, CanSecWest 2006; cold boot: Halderman and others, USENIX Security',
  year: 2008,
  without: 'H_KEY_SECRET',
  breaks: 'K1',
})

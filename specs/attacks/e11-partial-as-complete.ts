// E11 Partial coverage passed as full. Threads are missing, roots are unknown, the walk was cut short: and the report has a
// number only.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E11',
  name: 'Partial coverage passed as full',
  reference: 'facts E11',
  year: 2026,
  without: 'S_FLAGS',
  breaks: 'R4',
})

// C36 TOM2 raised. The registers that say where addresses go are changed before the measurement, and nobody compares them with
// what firmware left.
import { stepPair } from 'smmcheck'

export default stepPair({
  id: 'C36',
  name: 'TOM2 raised',
  reference: 'AMD64 APM volume 2, 7.9.4; facts C36',
  year: 2005,
  off: 'S_ROUTE_CHECK',
  procedure: 'collectVerdicts',
  breaks: /^I7 checking: the next phase/,
})

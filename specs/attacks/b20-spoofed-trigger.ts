// B20 A trigger that nobody sent. Ring 0 raises the SMI itself, with a challenge of its own, at a moment that it chose, and uses
// counters up.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'B20',
  name: 'A trigger that nobody sent',
  reference: 'facts B20; self-SMI through port B2h',
  year: 2006,
  without: 'S_CHALLENGE_MAC',
  breaks: 'R6',
})

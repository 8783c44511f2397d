// B01 An SMI that is held back. The host keeps GIF at 0 until memory looks as it should. No hardware forbids that: what is late
// counts as an alarm.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'B01',
  name: 'An SMI that is held back',
  reference: 'AMD64 APM volume 2, 15.17 (CLGI)',
  year: 2005,
  without: 'S_DEADLINE',
  breaks: 'P4',
})

// E05 Bad reports are dropped. The host drops what it does not like and blames the network.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E05',
  name: 'Bad reports are dropped',
  reference: 'facts E05',
  year: 2026,
  without: 'S_DEADLINE',
  breaks: 'P4',
})

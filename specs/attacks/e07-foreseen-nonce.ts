// E07 A nonce that can be foreseen. The host asks the handler in advance, while memory looks well, and keeps the answer until
// the challenge comes.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E07',
  name: 'A nonce that can be foreseen',
  reference: 'Needham, Schroeder, "Using encryption for authentication in large networks", CACM (freshness)',
  year: 1978,
  without: ['S_RANDOM', 'S_CHALLENGE_MAC'],
  breaks: 'R3',
})

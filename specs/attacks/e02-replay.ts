// E02 Replay of an old report. A report that was good once is sent again, for a later challenge.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E02',
  name: 'Replay of an old report',
  reference: 'Dolev, Yao, "On the security of public key protocols", IEEE Trans. Inf. Theory',
  year: 1983,
  without: 'S_NONCE',
  breaks: 'R1',
})

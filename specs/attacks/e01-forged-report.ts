// E01 Forged report. The host owns the network card: it invents a report.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E01',
  name: 'Forged report',
  reference: 'Dolev, Yao, "On the security of public key protocols", IEEE Trans. Inf. Theory',
  year: 1983,
  without: 'S_MAC',
  breaks: 'R1',
})

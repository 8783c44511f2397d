// C01 Two leaves, one frame. Many guest pages name one frame. A handler that counts leaves multiplies that frame.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C01',
  name: 'Two leaves, one frame',
  reference: 'Morbitzer and others, "SEVered", EuroSec; Hetzelt, Buhren, "Security analysis of encrypted VMs", VEE 2017',
  year: 2018,
  off: 'S_UNIQ',
  machine: { level: 1, entries: [2] },
  breaks: /^E4 count.distinct counts no object twice/,
})

// C38 Encrypted tables read as they lie. A table was written through the encryption bit. A handler that reads the frame without
// it finds other entries than the hardware does.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C38',
  name: 'Encrypted tables read as they lie',
  reference: 'Kaplan, Powell, Woller, "AMD memory encryption"; AMD64 APM volume 2, 7.10.4',
  year: 2016,
  off: 'S_CBIT',
  machine: { level: 2, entries: [1, 1], encryptedBy: 1n << 47n },
  breaks: /^W1 no-hide: a page/,
})

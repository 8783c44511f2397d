// C32 The PAT bit of a large leaf taken for address. Bit 12 of a 2-MiB leaf chooses a memory type. A handler that keeps it as an
// address bit shifts the leaf by 4 KiB and loses a frame.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C32',
  name: 'The PAT bit of a large leaf taken for address',
  reference: 'AMD64 APM volume 2, 5.3.4, figure 5-22; facts C32',
  year: 2005,
  off: 'S_PAT',
  machine: { level: 2, entries: [1], frames: 0x200n, frame: 0x200n },
  breaks: /^W1 no-hide: a page/,
})

// The VMCB in memory names another root than the one that the guest runs on: the processor reads it at VMRUN, and not again.
import { sample } from 'smmcheck'

export default sample(
  'decoy',
  'A machine runs on one page; after VMRUN its VMCB was made to name a tree of eight. The save area knows, and the mismatch is an alarm.',
  (p) => {
    const [thin, fat] = [p.vm(), p.vm()]
    thin.map(0, 0x900)
    for (let page = 0; page < 8; page++) fat.map(page, 0xa00 + page)
    p.inside(p.vmcb(thin, { root: fat.root }), thin)
  },
)

// C73 GMET set after VMRUN. With GMET a guest may use leaves with U/S=0, but no save area says whether it runs so: the flag lies
// in the control block, where anybody writes it after VMRUN. A handler that believes it counts leaves as certain that fault.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C73',
  name: 'GMET set after VMRUN',
  reference: 'AMD64 APM volume 2, 15.25.13 (GMET; VMCB 090h bit 3); found with this model',
  year: 2026,
  off: 'S_GMET',
  machine: { level: 1, entries: [1] },
  breaks: /^W2 no-inflate, certain/,
})

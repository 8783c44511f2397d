// What is left of the theorem where the save area does not record nested CR3 (P_FF38) or takes the host's mode from memory
// (P_HOSTMODE_SRC): no complete report of a server that runs guests. The lemma that it needs (C1) does not depend on these.
import { theoremWithout } from 'smmcheck'

export default [theoremWithout('P_FF38'), theoremWithout('P_HOSTMODE_SRC')]

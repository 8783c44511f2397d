// What the handler notes of each thread is what its processor runs it on: from the save area's write at the SMI to the copy in
// SMRAM, whatever memory says. It follows words of the save area through every store that any thread or device can make, which
// takes a minute or two.
import { meetingClaims } from 'smmcheck'

export default meetingClaims('I9', 'C1')

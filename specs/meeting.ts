// Platform and handler together: while memory is measured every thread is in SMM, no device writes, and what the handler reads
// is one picture of memory. Any number of threads, any interleaving, any number of steps.
import { meetingClaims } from 'smmcheck'

export default meetingClaims('I7', 'I8')

// What a report that the proxy accepts is worth: from the challenge to the server's threads, devices and memory, and back. Any number
// of threads, any interleaving, arbitrary memory, any number of steps. What the parts promise (I7, I8, I9, C1, R1 to R5, W1, W2) is
// proved by specs/meeting.ts, specs/meeting/observed.ts, specs/report.ts and specs/census.ts; here is what it comes to.
import { theorems } from 'smmcheck'

export default theorems()

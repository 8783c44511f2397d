// The platform, with every defence of a well-configured current server: SMRAM stays closed, SMIs are not lost, SMM runs and reads
// its own, and no guest translation survives it. Any number of threads and cores, any number of steps.
import { platformClaims, smiTable } from 'smmcheck'

export default [...platformClaims(), smiTable]

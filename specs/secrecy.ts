// The key that the handler tags its reports with does not leave SMRAM but in tags: two runs with two keys look the same from
// outside SMM. Any number of threads, any interleaving, any number of steps.
import { secrecyClaims } from 'smmcheck'

export default secrecyClaims()

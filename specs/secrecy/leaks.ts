// How the key gets out of SMRAM where one defence of the platform is missing: two runs with two keys, from power-on, that differ
// for somebody outside SMM.
import { leakClaims } from 'smmcheck'

export default leakClaims()

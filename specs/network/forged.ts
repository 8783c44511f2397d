// And any number at all if it can, or if the function is lent to somebody else between two readings.
import { networkClaim } from 'smmcheck'

export default [networkClaim('P_VF_COUNTER_HELD'), networkClaim('P_VF_BOUND')]

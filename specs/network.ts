// A tenant's throughput is exact if the host cannot touch the counters of a virtual function (docs/network.md).
import { networkClaim } from 'smmcheck'

export default networkClaim()

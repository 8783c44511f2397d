// A proxy that finds a platform's count of reports ahead of its own has been impersonated: no genuine history looks like that.
import { reportClaim } from 'smmcheck'

export default reportClaim('R7')

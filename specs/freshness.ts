// P6: a report says what was so when the proxy asked. Under a trigger that the host cannot see and threads that stop together, or under a deadline that
// leaves no time to react (docs/freshness.md).
import { freshnessClaims } from 'smmcheck'

export default freshnessClaims()

// The report and its proxy: what is accepted is genuine, once, in time and complete, and there is always an answer or an alarm.
import { reportClaims } from 'smmcheck'

export default reportClaims()

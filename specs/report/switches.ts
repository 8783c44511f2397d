// What each defence of the report path is for: the claim that falls when it is missing, with the run that breaks it; and where one of two does.
import { reportAttack, reportAttacks, reportClaim } from 'smmcheck'

export default [...reportAttacks.map(reportAttack), reportClaim('R3', 'S_RANDOM'), reportClaim('R3', 'S_CHALLENGE_MAC')]

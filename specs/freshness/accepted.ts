// That reports are accepted at all where P6 holds: an honest run under each of the two sets that it rests on.
import { freshnessSettings, nothingAccepted } from 'smmcheck'

const { exact, wire } = freshnessSettings

export default [
  nothingAccepted('P6 out of band, and nothing is accepted', ['H_OOB_TRIGGER', 'PATIENCE < REACTION'], wire),
  nothingAccepted('P6 by deadline, and nothing is accepted', ['DEADLINE < TRIP + REACTION + ANSWER'], exact),
]

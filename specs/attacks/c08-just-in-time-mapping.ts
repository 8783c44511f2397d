// C08 Just-in-time mapping. The host sees the challenge on its network, maps frames that it has borrowed, and lets the SMI happen then. All threads stop
// together; it does not help.
import { freshnessPair, freshnessSettings } from 'smmcheck'

export default freshnessPair({
  id: 'C08',
  name: 'Just-in-time mapping',
  reference: 'Azab and others, "HyperSentry", CCS (scrubbing attacks); facts C08, B24',
  year: 2010,
  without: ['H_OOB_TRIGGER', 'DEADLINE < TRIP + REACTION + ANSWER'],
  run: 'trigger',
  setting: freshnessSettings.together,
})

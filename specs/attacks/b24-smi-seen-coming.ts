// B24 SMI detection and pre-emption. The trigger is out of band, so the host does not see the challenge; but a thread that holds SMIs off (CLGI) sees
// that another has stopped, changes the map, and only then lets its own SMI in.
import { freshnessPair, freshnessSettings } from 'smmcheck'

export default freshnessPair({
  id: 'B24',
  name: 'SMI detection and pre-emption',
  reference: 'Azab and others, "HyperSentry", CCS (stealthy trigger); facts B24, K2',
  year: 2010,
  without: ['DEADLINE < TRIP + REACTION + ANSWER', 'PATIENCE < REACTION'],
  run: 'stop',
  setting: freshnessSettings.rack,
})

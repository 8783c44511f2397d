// Platform and handler as one transition system. Between any two steps of the handler every action of the platform may happen,
// on every thread and device.

import { forAll, type System } from '../model/system.ts'
import { platform } from '../x86/platform.ts'
import { gmetNeedsACpu } from './hardware-words.ts'
import { handlerActions } from './handler-steps.ts'
import { platformActions } from './meeting-platform.ts'
import { misread, snap } from './meeting-state.ts'
import { oncePerSwitches, type Switches } from './switches.ts'
import { measuringDomains, measuringVariables } from './measuring-state.ts'
import { handlerVariables, range, space } from './system-cells.ts'
import { bootDram, rangeOf, meetingFacts, meetingSwitches } from './system-profile.ts'

/** The system with a handler of these defences. */
export const handlerSystem = oncePerSwitches(
  (switches): System => ({
    name: nameOf(switches),
    domains: [...platform.domains, range, space, ...measuringDomains],
    variables: [
      ...platform.variables,
      ...handlerVariables,
      ...meetingSwitches,
      bootDram,
      rangeOf,
      snap,
      misread,
      ...measuringVariables,
    ],
    facts: [...platform.facts, ...meetingFacts, forAll('GMET needs a CPU that knows it', [], gmetNeedsACpu)],
    initial: platform.initial,
    actions: [...platformActions, ...handlerActions(switches)],
  }),
)

function nameOf(switches: Switches): string {
  const off = (Object.keys(switches) as (keyof Switches)[]).filter((s) => !switches[s])
  return off.length === 0 ? 'platform and handler' : `platform and handler without ${off.join(', ')}`
}

// The system of platform and handler for handlers that lack a defence: `prove --assumptions` and the gallery build it for each.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { handlerSystem } from '../../src/smm/handler-system.ts'
import { ALL_ON, switchNames, withoutSwitches } from '../../src/smm/switches.ts'

test('there is one for every handler that lacks one defence, and for one that lacks all', () => {
  const whole = handlerSystem(ALL_ON)
  for (const missing of [...switchNames.map((name) => [name]), switchNames]) {
    const { actions } = handlerSystem(withoutSwitches(missing))
    assert.equal(
      actions.map((a) => a.name),
      whole.actions.map((a) => a.name),
      missing.join(', '),
    )
  }
})
test.run()

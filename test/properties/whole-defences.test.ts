// Random runs of the whole system find what a missing defence is for, within 20,000 steps; and where save areas do not record
// roots, what is left of P1 survives them.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Simulation } from '../../src/executor/simulation/simulation.ts'
import { subjectOf } from '../../src/loader/simulate-claims.ts'
import type { Sampler } from '../../src/model/sampler.ts'
import { but } from '../../src/model/switchboard.ts'
import { variableOf } from '../../src/model/system.ts'
import { protectedBut } from '../../src/protocol/switches.ts'
import { theoremWithout } from '../../src/properties/theorem.ts'
import { wholeSampler } from '../../src/properties/whole-runs.ts'
import { wholeSystem } from '../../src/properties/whole-system.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { built, meetingAssumptions } from '../../src/smm/system-profile.ts'
import { platformConfig } from '../../src/smm/thread-cells.ts'
import { assumptionsOf, hardened } from '../../src/x86/profile.ts'
import { fallsTo } from './whole-subject.ts'

const profile = (firmware: typeof built) => ({
  profile: [...assumptionsOf(hardened), ...meetingAssumptions(firmware), ...protectedBut()].map((a) => a.term),
})
/** Firmware that tells the handler of one thread only. */
const uncounted: Sampler = (random) => {
  const { values, ...rest } = wholeSampler(random)
  return { ...rest, values: new Map([...values, [variableOf(platformConfig.threads.now)!, 1n]]) }
}

const test = suite('missing defences in random runs of the whole system')
test('without H_COUNTED a thread is left out', () =>
  assert.match(fallsTo(profile(but(built, 'H_COUNTED')), 20_000, uncounted), /^(I7|P1|what|every|while|U1)/))
test('without S_RDV the leader goes on without a thread', () =>
  assert.match(fallsTo({ system: wholeSystem({ ...ALL_ON, S_RDV: false }) }, 20_000), /those passed have arrived/))

test('where save areas do not record roots, a report that may be complete is of no guest', () => {
  const { sampler, ...about } = theoremWithout('P_FF38').about!
  const simulation = new Simulation(subjectOf(about), 1, sampler)
  assert.is(simulation.advance(4000), undefined)
  const seen = (action: string, taken: string): number =>
    simulation
      .coverage()
      .find((a) => a.action === action)!
      .cases.find((c) => c.name === taken)!.taken
  assert.ok(seen('the leader observes a thread', 'its root is not recorded') > 0)
  assert.is(seen('the leader observes a thread', 'in a guest'), 0)
})
test.run()

// Every action of the whole system is reachable: a run from an initial state takes it, under the theorem's profile or, what that
// rules out, without assumptions. A run is a proof: its steps are those of the system, each with its guard evaluated.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SimulatedSystem } from '../../src/executor/simulation/compiled.ts'
import { Simulation } from '../../src/executor/simulation/simulation.ts'
import { wholeSampler } from '../../src/properties/whole-runs.ts'
import { subject } from './whole-subject.ts'

/** Whoever runs in SMM in the handler's place, and whoever takes a key where it is not kept. */
const RULED_OUT = ['misled SMM code does anything', 'misled SMM code takes a key', 'take a key']

/** Actions that no step of some runs took; they end when none is left of those that are wanted. */
function neverTaken(change: Partial<SimulatedSystem>, wanted: (action: string) => boolean): string[] {
  let left = subject.system.actions.map((a) => a.name)
  for (let seed = 1; seed <= 8 && left.some(wanted); seed++) {
    const simulation = new Simulation({ ...subject, invariant: [], ...change }, seed, wholeSampler)
    while (simulation.steps < 20_000 && left.some(wanted)) {
      assert.is(simulation.advance(500), undefined)
      const taken = new Set(simulation.coverage().flatMap((c) => (c.cases.some((k) => k.taken > 0) ? [c.action] : [])))
      left = left.filter((name) => !taken.has(name))
    }
  }
  return left
}

test('under the profile of the theorem every action is taken that it does not rule out', () =>
  assert.equal(neverTaken({}, (action) => !RULED_OUT.includes(action)).sort(), RULED_OUT))
test('without assumptions these are taken, too', () =>
  assert.equal(
    neverTaken({ profile: [] }, (action) => RULED_OUT.includes(action)).filter((action) => RULED_OUT.includes(action)),
    [],
  ))
test.run()

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

/** Actions that no step of a run took, which ends when none is left but those that are ruled out. */
function neverTaken(change: Partial<SimulatedSystem>, seed: number, wanted: (action: string) => boolean): string[] {
  const simulation = new Simulation({ ...subject, invariant: [], ...change }, seed, wholeSampler)
  const left = (): string[] =>
    simulation.coverage().flatMap(({ action, cases }) => (cases.every((c) => c.taken === 0) ? [action] : []))
  while (simulation.steps < 40_000 && left().some(wanted)) assert.is(simulation.advance(500), undefined)
  return left()
}

test('under the profile of the theorem every action is taken that it does not rule out', () =>
  assert.equal(neverTaken({}, 3, (action) => !RULED_OUT.includes(action)).sort(), RULED_OUT))
test('without assumptions these are taken, too', () =>
  assert.equal(
    neverTaken({ profile: [] }, 1, (action) => RULED_OUT.includes(action)).filter((action) => RULED_OUT.includes(action)),
    [],
  ))
test.run()

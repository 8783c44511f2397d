// Random search on a small platform: what is sound survives, what is not falls with a trace that nothing can be left out of.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SimulatedSystem } from '../../../src/executor/simulation/compiled.ts'
import type { Outcome, TraceRecord } from '../../../src/executor/simulation/record.ts'
import { Simulation } from '../../../src/executor/simulation/simulation.ts'
import { ArrayValue } from '../../../src/model/evaluate.ts'
import { forAll, type System } from '../../../src/model/system.ts'
import { bool } from '../../../src/model/term.ts'
import { LOCKS, never, sound, system, THREADS, thread, unlocked } from './lock.ts'

const simulate = (subject: SimulatedSystem, seed: number, steps = 20_000): Outcome | undefined =>
  new Simulation(subject, seed).advance(steps)
const traceOf = (outcome: Outcome | undefined): TraceRecord => {
  if (outcome?.kind !== 'violated') throw new Error(`no violation: ${outcome?.kind}`)
  return outcome.trace
}

test('what is sound survives, and every case of every action is taken', () => {
  // Under the profile the lock is closed from the start.
  const closed = new Set(['lock/locks', 'move the base/in SMM', 'move the base/moves'])
  const simulation = new Simulation(sound, 7)
  assert.is(simulation.advance(20_000), undefined)
  assert.is(simulation.steps, 20_000)
  for (const { action, cases } of simulation.coverage())
    for (const { name, taken } of cases) assert.is(taken > 0, !closed.has(`${action}/${name}`), `${action}/${name}: ${taken}`)
})

test('with the lock open, every seed finds the same two steps', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { steps, violated, identifiers, states } = traceOf(simulate(unlocked, seed))
    assert.is(violated, 'the SMM area is clean')
    assert.equal(
      steps.map((s) => `${s.actor}: ${s.action}, ${s.case}`),
      ['hypervisor: store, reaches', 'hypervisor: move the base, moves'],
    )
    const [at] = steps[0]!.parameters.filter((p) => p.name === 'at')
    assert.equal(identifiers, [{ domain: 'word', value: at!.value }])
    assert.is(states.length, 3)
    assert.ok(steps[0]!.changes.some((c) => c.name === 'stranger' && c.index === at!.value && c.after === true))
  }
})

test('parameters that do not matter are 0', () => {
  const [first, second] = traceOf(simulate(unlocked, 3)).steps
  const value = (step: typeof first, name: string) => step!.parameters.find((p) => p.name === name)!.value
  assert.is(value(first, 'by'), 0n)
  assert.is(value(first, 'value'), 0n)
  assert.is(value(second, 'by'), 0n)
})

test('statements about pairs', () => {
  const { steps, identifiers, sizes } = traceOf(simulate(never, 1))
  assert.equal(
    steps.map((s) => s.action),
    ['store', 'store'],
  )
  assert.is(identifiers.length, 2)
  assert.is.not(identifiers[0]!.value, identifiers[1]!.value)
  assert.equal(sizes, [{ domain: 'thread', size: 3 }])
})

test('the same seed gives the same run, another seed another', () => {
  const coverage = (seed: number) => {
    const simulation = new Simulation(sound, seed)
    simulation.advance(3000)
    return simulation.coverage()
  }
  assert.equal(coverage(5), coverage(5))
  assert.not.equal(coverage(5), coverage(6))
  assert.equal(simulate(unlocked, 9), simulate(unlocked, 9))
})

test('a sampler says where runs begin', () => {
  const sizes: number[] = []
  const simulation = new Simulation(
    { ...sound, invariant: [forAll('three', [], () => THREADS.now.eq(3))], profile: [LOCKS.now] },
    1,
    (random) => {
      const size = 3 + random.below(2)
      sizes.push(size)
      return { values: new Map(), sizes: new Map([[thread, size]]) }
    },
  )
  const { sizes: found, steps } = traceOf(simulation.advance(100_000))
  assert.equal(steps, [])
  assert.is(sizes.at(-1), 4)
  assert.is.not(found[0]!.size, 3)
})

test('a sampler may give values of tables', () => {
  const privileged = system.variables.find((v) => v.name === 'inSmm')!
  const subject = { ...sound, system: { ...system, initial: [] } }
  const simulation = new Simulation(subject, 1, () => ({
    values: new Map([[privileged, new ArrayValue(false, new Map([[0n, true]]))]]),
  }))
  simulation.advance(1)
  assert.is(
    simulation
      .coverage()
      .flatMap((a) => a.cases)
      .find((c) => c.name === 'enters')!.taken,
    0,
  )
})

test('no first state, and nothing to do, are outcomes', () => {
  const broken: System = { ...system, facts: [forAll('never', [], () => THREADS.now.ult(THREADS.now.minus(THREADS.now)))] }
  assert.equal(simulate({ ...sound, system: broken }, 1), { kind: 'no start', broken: 'the fact "never"' })
  assert.equal(simulate({ ...sound, profile: [LOCKS.now, LOCKS.now.not()] }, 1), { kind: 'no start', broken: 'the profile' })
  const idle: System = { ...system, actions: system.actions.map((a) => ({ ...a, guard: bool(false) })) }
  assert.equal(simulate({ ...sound, system: idle }, 1), { kind: 'dead end' })
})

test.run()

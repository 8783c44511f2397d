// The numbers of docs/freshness.md and of P6's notes, and what the runs of the attacks have to be.

import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { freshnessAttack, freshnessClaims, freshnessGrounds, freshnessInvariant } from '../../src/properties/freshness.ts'
import { deadlines, freshnessNotes, settings } from '../../src/properties/freshness-numbers.ts'
import { systemNamed } from '../../src/properties/systems.ts'
import { freshness } from '../../src/protocol/freshness.ts'

const page = readFileSync(new URL('../../docs/freshness.md', import.meta.url), 'utf8')

test('the deadline that stops a host and the one that honest answers keep, by hand', () => {
  // Rack: 10 us there, 200 us of census and 10 us back, 1.5 us to react; twice 20 us and once 100 us of jitter.
  assert.equal(deadlines(settings.rack), { below: 221_500n, atLeast: 360_000n })
  assert.equal(deadlines(settings.exact), { below: 221_500n, atLeast: 220_000n })
  for (const { times } of [settings.rack, settings.city, settings.internet]) assert.ok(times.PATIENCE > times.REACTION)
  assert.ok(
    settings.exact.times.DEADLINE < settings.exact.times.TRIP + settings.exact.times.REACTION + settings.exact.times.ANSWER,
  )
  assert.ok(settings.wire.times.PATIENCE < settings.wire.times.REACTION)
})

test('the page has the numbers that are printed', () => {
  const told = freshnessNotes.join('\n')
  for (const number of ['221.5 us', '360 us', '1.202 ms', '1.7 ms', '100.2 ms', '110.3 ms']) {
    assert.ok(told.includes(number), number)
    assert.ok(page.includes(number), number)
  }
})

test('P6 rests on all of the invariant, is a theorem, and its runs can be replayed', () => {
  assert.equal(
    freshnessGrounds,
    freshnessInvariant.map((c) => c.name),
  )
  const [p6] = freshnessClaims()
  assert.ok(p6!.residual!.length > 6)
  assert.equal(
    p6!.about!.profile.map((a) => a.name),
    p6!.assumptions.slice(0, 3),
  )
  assert.is(systemNamed(freshness.name)?.system, freshness)
  const attack = freshnessAttack('x', { without: ['H_OOB_TRIGGER'], run: 'trigger', setting: settings.rack })
  assert.equal(attack.refutes, { claim: 'P6', without: ['H_OOB_TRIGGER'] })
})

test.run()

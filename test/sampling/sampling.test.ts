// Shares of time from samples: intervals hold what they promise, against hosts that do not want it; what naive estimates make of the same hosts.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONFIDENCE, design, errors, GAP, LATENCY, LEAST_CYCLE, rows } from '../../src/sampling/comparison.ts'
import { estimate, freedman, hoeffding, naive, samplesFor } from '../../src/sampling/estimate.ts'
import { triggers } from '../../src/sampling/plan.ts'
import { seeded } from '../../src/sampling/random.ts'
import { aroundPeriod, honest, type Scheduler, untilSampled, withGifClear } from '../../src/sampling/scheduler.ts'
import { trial } from '../../src/sampling/trial.ts'

const run = (scheduler: Scheduler, plan: 'periodic' | 'slotted' | 'memoryless', samples: number, seed: number) =>
  trial({ scheduler, plan, gap: GAP, duration: samples * GAP, latency: LATENCY, seed })
/** In how many of `trials` the interval holds the true share. */
function covered(scheduler: Scheduler, confidence: number, trials: number, samples = 300): number {
  let held = 0
  for (let seed = 1; seed <= trials; seed++) {
    const found = run(scheduler, 'memoryless', samples, seed)
    const { low, high } = estimate(found.samples, found.coalesced, { ...design(samples), confidence })
    if (low <= found.share && found.share <= high) held++
  }
  return held / trials
}

const bounds = suite('bounds')
bounds('Freedman: the tail at the width is the error probability', () => {
  for (const n of [1, 100, 1e6])
    for (const confidence of [0.9, 0.99, 0.9999]) {
      const x = freedman(n, confidence)
      const tail = 2 * Math.exp((-x * x) / (2 * (n + x / 3)))
      assert.ok(Math.abs(tail / (1 - confidence) - 1) < 1e-9, `${n} ${confidence}`)
      assert.ok(hoeffding(n, confidence) < x)
    }
})
bounds('as many samples as it says are enough, and fewer are not', () => {
  for (const width of [0.1, 0.01]) {
    const n = samplesFor(width, CONFIDENCE)
    assert.ok(freedman(n, CONFIDENCE) / n <= width)
    assert.ok(freedman(n - 2, CONFIDENCE) / (n - 2) > width)
  }
})
bounds('waiting times without a memory have the mean they should; slots have one trigger each', () => {
  const times = triggers('memoryless', 10, seeded(1))
  let last = 0
  for (let n = 0; n < 20_000; n++) last = times.next().value
  assert.ok(Math.abs(last / 200_000 - 1) < 0.03, `${last}`)
  const slots = triggers('slotted', 10, seeded(1))
  for (let n = 0; n < 100; n++) assert.is(Math.floor(slots.next().value / 10), n)
})
bounds.run()

const hosts = suite('hosts')
hosts('the same seed is the same trial', () => {
  assert.equal(run(honest(0.3), 'memoryless', 50, 7), run(honest(0.3), 'memoryless', 50, 7))
  assert.not.equal(run(honest(0.3), 'memoryless', 50, 7).samples, run(honest(0.3), 'memoryless', 50, 8).samples)
})

hosts('the interval holds the true share at least as often as promised, against every host', () => {
  const all = [honest(0.1), honest(0.6), aroundPeriod(GAP, 0.2), untilSampled(GAP), withGifClear(100, 400)]
  for (const host of all)
    for (const confidence of [0.8, 0.99]) {
      const held = covered(host, confidence, 200)
      assert.ok(held >= confidence, `${host.name}: ${held} at ${confidence}`)
    }
})

hosts('a fixed period is what a cheat needs; without it, it gains nothing', () => {
  const host = aroundPeriod(GAP, 0.2)
  const periodic = run(host, 'periodic', 2000, 1)
  assert.ok(Math.abs(periodic.share - 0.2) < 0.01)
  assert.is(naive(periodic.samples), 1)
  const random = run(host, 'memoryless', 20_000, 1)
  assert.ok(Math.abs(estimate(random.samples, random.coalesced, design(20_000)).share - 0.2) < 0.02)
})

hosts('one random sample in each slot is not enough: when it is over, the slot is free', () => {
  const host = untilSampled(GAP)
  const slotted = run(host, 'slotted', 2000, 1)
  assert.is(naive(slotted.samples), 1)
  assert.ok(Math.abs(slotted.share - 0.5) < 0.05, `${slotted.share}`)
  const random = run(host, 'memoryless', 20_000, 1)
  const { share } = estimate(random.samples, random.coalesced, design(20_000))
  assert.ok(Math.abs(share - random.share) < 0.02, `${share} of ${random.share}`)
})

hosts('with GIF=0 every sample lands in the guest; the delay tells', () => {
  const found = run(withGifClear(100, 400), 'memoryless', 20_000, 1)
  assert.ok(Math.abs(found.share - 0.2) < 0.01, `${found.share}`)
  assert.is(naive(found.samples), 1)
  const made = estimate(found.samples, found.coalesced, design(20_000))
  assert.ok(made.late > 15_000, `${made.late}`)
  assert.ok(Math.abs(made.share - found.share) < 0.02)
})

hosts('what is left: work in pieces no longer than the delay that is allowed is not seen, and costs an entry each', () => {
  // Pieces of half a microsecond, three times the guest's: 75 % of the time, and no sample is late.
  const found = run(withGifClear(LATENCY / 6, LATENCY / 2), 'memoryless', 2000, 1)
  const unseen = { ...design(2000), mostDelay: 2.5 * LATENCY, leastCycle: LEAST_CYCLE }
  assert.ok(found.share < 0.3)
  assert.ok(
    estimate(found.samples, found.coalesced, unseen).low > 0.5,
    'with too long a cycle taken for granted the interval is wrong',
  )
  const sound = { ...unseen, leastCycle: (2 / 3) * 0.5 * LATENCY }
  assert.ok(estimate(found.samples, found.coalesced, sound).low <= found.share, 'the bias covers it')
})

hosts('late and lost samples are no evidence: they widen the interval upwards only', () => {
  const samples = Array.from({ length: 100 }, (_, i) => ({ inGuest: true, delay: i < 40 ? 0 : 50 }))
  const made = estimate(samples, 10, { ...design(200), leastCycle: 1e9 })
  const none = estimate(samples.slice(0, 40), 0, { ...design(200), leastCycle: 1e9 })
  assert.is(made.late, 60)
  assert.is(made.share, 0.2)
  assert.is(made.low, none.low)
  assert.ok(Math.abs(made.high - none.high - 70 / 200) < 1e-12 || made.high === 1)
})

hosts('the table: bounded, unpredictable samples end within the half width; each naive estimate of a cheat does not', () => {
  for (const row of rows) {
    const { mean } = errors(row, 3000, 3)
    const cheated = row.estimator === 'naive' && row.host.name !== 'honest'
    assert.ok(cheated ? mean > 0.4 : mean < 0.05, `${row.host.name}, ${row.plan}, ${row.estimator}: ${mean}`)
  }
})
hosts.run()

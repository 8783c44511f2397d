// A promise of processor time against a series: kept, broken or neither by what the host has shown; and nothing that a host leaves out helps it.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JudgedSeries } from '../../src/sla/judge-series.ts'
import { SeriesJudge } from '../../src/sla/judge-series.ts'
import type { Sla } from '../../src/sla/sla.ts'
import { Replay } from '../../src/proxy/replay.ts'
import type { ThreadSample } from '../../src/proxy/report.ts'
import { anytime, freedman } from '../../src/sampling/estimate.ts'
import { seeded } from '../../src/sampling/random.ts'
import { honest, type Scheduler, withGifClear } from '../../src/sampling/scheduler.ts'
import { type Reading, type Series, type ThreadReading, timeShare } from '../../src/sampling/time-share.ts'
import type { MeasuredCensus } from '../../src/sla/evidence.ts'
import { seriesRecord } from '../../src/report/series.ts'
import { KEY } from '../proxy/samples.ts'
import { hold, type Lab, PLAN, VMCB } from '../proxy/series-lab.ts'
import type { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'

const promising = (threads: number, confidence = 0.99): Sla => ({
  schema: 'smmcheck.sla/1',
  vms: [{ name: 'a', vmcbs: [VMCB], cpu: { threads, confidence } }],
})

interface Shown extends JudgedSeries {
  readonly series: Series
  readonly share: number
}
const labs = new Map<Lab, Pick<Shown, 'series' | 'share'>>()
function seriesOf(lab: Lab): Pick<Shown, 'series' | 'share'> {
  const { header, entries, state, now, share } = hold(lab)
  const replay = new Replay(header, KEY, () => {})
  for (const [i, entry] of entries.entries()) assert.is(replay.take(entry, i + 2), undefined)
  const finished = replay.finish({ counter: state.counter, at: state.series!.busy.from }, now)
  if (!finished.ok) throw new Error(finished.fault.kind)
  const found = { series: finished.value.series, share }
  labs.set(lab, found)
  return found
}
function show(lab: Lab, sla: Sla): Shown {
  const found = labs.get(lab) ?? seriesOf(lab)
  return { ...new SeriesJudge(sla).finish(found.series), ...found }
}
const verdict = (lab: Lab, threads: number): string => {
  const { verdict: said, reason } = show(lab, promising(threads)).judgement.promises[0]!
  return reason === null ? said : `${said}: ${reason}`
}

const honestLab: Lab = { scheduler: honest(0.6), challenges: 3000, plan: { ...PLAN, gap: 100, planned: 3500 } }
const verdicts = suite('kept, broken, or neither')
verdicts('an honest host: far enough from the promise on either side, and neither in between', () => {
  assert.is(verdict(honestLab, 0.45), 'kept')
  assert.is(verdict(honestLab, 0.75), 'broken')
  assert.is(verdict(honestLab, 0.59), 'not-measurable: too-few-samples')
  assert.is(verdict({ ...honestLab, challenges: 30 }, 0.3), 'not-measurable: too-few-samples')
  const { machines, share, judgement } = show(honestLab, promising(0.45))
  const [{ low, high, shown, width, bias }] = machines as [(typeof machines)[number]]
  assert.ok(low <= share && share <= high && high >= shown)
  assert.is(bias, 0.01)
  assert.ok(width < 0.1)
  assert.match(judgement.promises[0]!.measured!, /^0\.\d\d\d to 0\.\d\d\d threads; 0\.\d\d\d if what is missing counted$/)
})

/** Each promises 0.5 and gives less; what it does is to hide that. */
const cheats: readonly (readonly [string, Lab, number])[] = [
  ['works with GIF=0', { scheduler: withGifClear(100, 400), challenges: 2000 }, 0.3],
  [
    'drops what does not look good',
    { scheduler: honest(0.2), challenges: 2000, carry: (s) => (s.in === 'guest' ? 1 : 'dropped') },
    0.3,
  ],
  ['answers as late as it may, and rests until then', { scheduler: restsWhileAsked(20), challenges: 2000, carry: () => 20 }, 0.5],
]
/** The guest runs until it was sampled, and then not for as long as the answer takes: no other trigger comes before. */
function restsWhileAsked(ms: number): Scheduler {
  return {
    name: 'rests while an answer is awaited',
    start: () => {
      let until = -1
      return {
        next: (now) => (now < until ? { state: 'host', length: until - now } : { state: 'guest', length: 500 }),
        sampled: (now) => {
          until = now + 1000 * ms
        },
      }
    },
  }
}
verdicts('hosts that give less and hide it: broken, never kept', () => {
  for (const [what, lab, share] of cheats) {
    const { share: had, judgement, series } = show(lab, promising(0.55))
    assert.ok(had < share + 0.05, `${what}: ${had}`)
    assert.is(judgement.verdict, 'broken', what)
    assert.ok(lab.carry === undefined || series.unanswered + series.heldUp > 1000, what)
    for (const promised of [had + 0.01, 0.5, 0.9]) assert.is.not(verdict(lab, promised), 'kept', `${what}: ${promised}`)
  }
})

verdicts('without a clock, nothing is kept; a host without one is not accused of what may be', () => {
  const blind = (s: ThreadSample): ThreadSample => ({ ...s, delay: null })
  const lab: Lab = { ...honestLab, sample: blind }
  assert.is(verdict(lab, 0.1), 'not-measurable: too-few-samples')
  assert.is(verdict(lab, 0.5), 'not-measurable: too-few-samples')
  assert.is(verdict(lab, 0.75), 'broken')
})

verdicts('what no sample shows: more of them do not help', () => {
  const plan = { ...honestLab.plan!, leastCycle: 2000 }
  assert.is(verdict({ ...honestLab, plan }, 0.5), 'not-measurable: bias')
  assert.is(verdict({ ...honestLab, plan: { ...plan, leastCycle: 500 } }, 0.99), 'not-measurable: bias')
})
verdicts.run()

// ---- readings without a protocol around them ----

const OTHER = '0x10fcaf000'
const guest = (vmcb: string, delay: number | null = 400): ThreadReading => ({ in: 'guest', vmcb, delay })
const of = (readings: readonly Reading[], more: Partial<Series> = {}): Series => ({
  ...{ plan: { ...PLAN, leastCycle: 1e9 }, elapsed: 10 * readings.length, readings, unanswered: 0, heldUp: 0, missed: 0 },
  ...more,
})
const reading = (...samples: readonly ThreadReading[]): Reading => ({ samples, silentThreads: 0 })
const many = (n: number, one: Reading): readonly Reading[] => Array.from({ length: n }, () => one)

const shares = suite('a share out of readings')
shares('virtual processors are counted, each once: two threads in one VMCB are one', () => {
  assert.is(timeShare(of(many(100, reading(guest(VMCB), guest(OTHER)))), [VMCB, OTHER], 0.99).seen, 2)
  assert.is(timeShare(of(many(100, reading(guest(VMCB), guest(VMCB)))), [VMCB, OTHER], 0.99).seen, 1)
  assert.is(timeShare(of(many(100, reading(guest(VMCB), guest(OTHER)))), [VMCB], 0.99).seen, 1)
  assert.is(timeShare(of(many(100, reading(guest(OTHER)))), [VMCB], 0.99).seen, 0)
})
shares('the interval is as wide as virtual processors make it, and never leaves what there can be', () => {
  const readings = many(1000, reading(guest(VMCB)))
  const one = timeShare(of(readings), [VMCB], 0.99)
  const two = timeShare(of(readings), [VMCB, OTHER], 0.99)
  assert.ok(Math.abs(two.width - 2 * one.width) < 1e-12)
  assert.is(one.high, 1)
  const none = timeShare(of([]), [VMCB, OTHER], 0.99)
  assert.equal([none.low, none.shown, none.high], [0, 2, 2])
})
shares('late is not shown, unknown is not accused, silent threads neither', () => {
  const at = (one: Reading) => timeShare(of(many(10_000, one)), [VMCB], 0.99)
  const host = at(reading({ in: 'host', delay: 1e9 }))
  for (const [one, shown, high] of [
    [reading(guest(VMCB, 1001)), host.shown, 1],
    [reading(guest(VMCB, 1000)), 1, 1],
    [reading({ in: 'unknown', delay: 10 }), 1, 1],
    [reading({ in: 'unknown', delay: 5000 }), host.shown, 1],
    [{ samples: [], silentThreads: 1 }, 1, 1],
    [reading(guest(OTHER, 5000)), host.shown, host.high],
  ] as const) {
    assert.is(at(one).shown, shown, JSON.stringify(one))
    assert.is(at(one).high, high, JSON.stringify(one))
  }
  assert.is(at(reading(guest(VMCB, 1001))).late, 10_000)
})

function anySeries(choices: Choices): Series {
  const readings = Array.from({ length: choices.within(1, 60) }, (): Reading => {
    const samples = Array.from({ length: choices.within(0, 3) }, (): ThreadReading => {
      const delay = choices.pick([null, 10, 900, 5000])
      const where = choices.below(5)
      return where === 0
        ? { in: 'host', delay }
        : where === 1
          ? { in: 'unknown', delay }
          : guest(choices.pick([VMCB, OTHER, '0x5000']), delay)
    })
    return { samples, silentThreads: choices.below(2) }
  })
  const plan = { ...PLAN, planned: choices.pick([10, 100, 1000]), leastCycle: choices.pick([2000, 1e6]) }
  return of(readings, {
    plan,
    elapsed: 10 * choices.within(1, 90),
    unanswered: choices.below(5),
    heldUp: choices.below(5),
    missed: choices.below(5),
  })
}
shares('nothing that is left out, held back or put off helps the host', () => {
  forAll(
    500,
    (choices) => ({ series: anySeries(choices), which: choices.below(60), how: choices.below(4) }),
    (made) => JSON.stringify(made),
    ({ series, which, how }) => {
      const i = which % series.readings.length
      const one = series.readings[i]!
      const others = series.readings.filter((_, k) => k !== i)
      const held = { ...one, samples: one.samples.map((s): ThreadReading => ({ ...s, delay: 5000 })) }
      const worse: Series = [
        { ...series, readings: others, unanswered: series.unanswered + 1 },
        { ...series, readings: others, heldUp: series.heldUp + 1 },
        { ...series, readings: [...others, held] },
        {
          ...series,
          readings: [...others, { ...one, samples: one.samples.map((s): ThreadReading => ({ in: 'host', delay: s.delay })) }],
        },
      ][how]!
      for (const vmcbs of [[VMCB], [VMCB, OTHER]]) {
        const [before, after] = [timeShare(series, vmcbs, 0.9), timeShare(worse, vmcbs, 0.9)]
        const epsilon = 1e-12
        assert.ok(after.seen <= before.seen + epsilon && after.low <= before.low + epsilon, 'seen, low')
        assert.ok(after.shown <= before.shown + epsilon, 'shown')
        assert.ok(how === 3 || after.high >= before.high - epsilon, 'high')
        assert.ok(after.low <= after.shown && after.shown <= after.high)
      }
    },
  )
})
shares.run()

const bound = suite('at every moment at once')
bound('wider than at one moment, and no wider than a few steps of doubling make it', () => {
  for (const n of [10, 100, 1000, 4000, 100_000]) {
    const ratio = anytime(n, 1000, 0.99) / freedman(n, 0.99)
    assert.ok(ratio > 1 && ratio < 2.2, `${n}: ${ratio}`)
  }
  assert.ok(anytime(1000, 1000, 0.99) / freedman(1000, 0.99) < 1.1)
})
bound('all the parts of what may go wrong are no more than the whole', () => {
  // What each horizon may err, out of its width by Freedman's inequality.
  const parts = Array.from({ length: 61 }, (_, i) => i - 30).map((j) => {
    const v = 1000 * 2 ** j
    const x = anytime(v, 1000, 0.9)
    return 2 * Math.exp((-x * x) / (2 * (v + x / 3)))
  })
  assert.ok(parts.reduce((a, b) => a + b, 0) <= 0.1 + 1e-9, `${parts.reduce((a, b) => a + b, 0)}`)
})
bound('looked at after every trigger, the interval is left in no more runs than promised', () => {
  let left = 0
  const runs = 200
  for (let seed = 1; seed <= runs; seed++) {
    const random = seeded(seed)
    const share = 0.5
    let [time, seen, inGuest, out] = [0, 0, random.uniform() < share, false]
    let guestTime = 0
    let change = random.waiting(20)
    for (let n = 0; n < 500; n++) {
      const due = time + random.waiting(10)
      while (change < due) {
        if (inGuest) guestTime += change - time
        time = change
        inGuest = !inGuest
        change += random.waiting(20)
      }
      if (inGuest) guestTime += due - time
      time = due
      if (inGuest) seen++
      const width = anytime(time / 10, 200, 0.8)
      if (Math.abs(seen - guestTime / 10) > width) out = true
    }
    if (out) left++
  }
  assert.ok(left / runs <= 0.2, `${left} of ${runs}`)
})
bound.run()

// ---- promises about an instant, at many of them ----

const instants = suite('promises about an instant, at many')
const census = (frames: number, running = true): MeasuredCensus => ({
  status: 'complete',
  running: running ? [VMCB] : [],
  spaces: [
    {
      ...{ status: 'complete', vmcbs: [VMCB], threads: running ? [0] : [], leafEntries: { '4K': frames, '2M': 0, '1G': 0 } },
      ...{ mappedBytes: 4096 * frames, distinctFrames: frames, distinctFramesCertain: frames, framesSharedWithOtherSpaces: 0 },
    },
  ],
})
const MEMORY: Sla = {
  schema: 'smmcheck.sla/1',
  vms: [{ name: 'a', vmcbs: [VMCB], memory: { bytes: 4096 * 100, sharing: 'allowed' }, network: { bytesPerSecond: 1 } }],
}
const memory = (censuses: readonly MeasuredCensus[], unanswered = 0): string => {
  const judge = new SeriesJudge(MEMORY)
  for (const one of censuses) judge.take(one)
  const { promises } = judge.finish(of([], { unanswered })).judgement
  assert.equal(
    promises.map(({ promise }) => promise),
    ['memory', 'sharing', 'network'],
  )
  assert.is(promises[1]!.verdict, 'kept')
  assert.is(promises[2]!.reason, 'no-counter')
  const { verdict: said, reason, measured } = promises[0]!
  return `${said}${reason === null ? '' : `: ${reason}`} (${measured})`
}
instants('broken once is broken; not running is no reading; a report that is missing is no proof', () => {
  assert.is(memory([census(100), census(200)]), 'kept (kept in 2 of 2 reports)')
  assert.is(memory([census(100), census(99)]), 'broken (kept in 1 of 2 reports, broken in 1)')
  assert.is(memory([census(100), census(100, false)]), 'kept (kept in 1 of 2 reports)')
  assert.is(memory([census(100, false)]), 'not-measurable: not-running (kept in 0 of 1 reports)')
  assert.is(memory([census(100)], 1), 'not-measurable: reports-missing (kept in 1 of 1 reports)')
  assert.is(memory([census(99)], 1), 'broken (kept in 0 of 1 reports, broken in 1)')
  assert.is(memory([]), 'not-measurable: not-running (kept in 0 of 0 reports)')
})
instants('the record has a schema', () => {
  const { machines, judgement, series } = show({ ...honestLab, challenges: 50 }, promising(0.5))
  const { plan, elapsed } = series
  seriesRecord.parse({
    ...{ schema: 'smmcheck.series/1', platform: '0', elapsedMs: elapsed, gapMs: plan.gap, mostDelayNs: 1, leastCycleNs: 1 },
    ...{
      expected: 1,
      challenges: 50,
      accepted: 50,
      alarms: {},
      lost: 0,
      heldUp: 0,
      missed: 0,
      pending: false,
      machines,
      judgement,
    },
  })
})
instants.run()

// What docs/adr/0004 rests on, tried on the handler itself: run once for each object that may be watched, its counters are the
// sums of the charges.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cell, Tally } from '../../src/model/cell.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { Interpreter } from '../../src/model/interpreter.ts'
import type { Procedure } from '../../src/model/procedure.ts'
import { bootMap, census, config, counts, spaces, watched } from '../../src/smm/cells.ts'
import { markFrames } from '../../src/smm/mark.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { walkTable } from '../../src/smm/walk.ts'
import { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'

const array = (...values: readonly bigint[]): ArrayValue => new ArrayValue(0n, new Map(values.map((v, i) => [BigInt(i), v])))
const SPACE = 1n

/** 192 frames of DRAM with a hole, two of the four words of which are in the window. */
const machine = (c: Choices): Map<Cell, Value> =>
  new Map<Cell, Value>([
    [config.physMask, 2n ** 40n - 1n],
    [config.guestPages, 2n ** 24n - 1n],
    [config.gmetCapable, c.chance(30)],
    [config.nxe, c.chance(70)],
    [config.budget, 100_000n],
    [config.windowWords, 2n],
    [config.smramFirst, 2n ** 40n - 1n],
    [config.smramLast, 2n ** 40n - 1n],
    [bootMap.ranges, 2n],
    [bootMap.first, array(0n, 100n)],
    [bootMap.last, array(89n, 191n)],
    [spaces.count, 2n],
    [census.round, BigInt(c.within(1, 2))],
    [census.space, SPACE],
    [census.counting, true],
    [census.windowFirst, BigInt(c.pick([0, 37, 64]))],
  ])

type Call = readonly [Procedure, readonly Value[]]
/** The calls one after the other, with one object watched. */
function run(state: ReadonlyMap<Cell, Value>, calls: readonly Call[], words: ReadonlyMap<bigint, bigint>): Interpreter {
  const memory = { get: (word: bigint) => words.get(word) ?? 0n }
  const interpreter = new Interpreter({ memory, check: false, erase: false, maxSteps: 1_000_000 })
  for (const [cell, value] of state) interpreter.set(cell, value)
  for (const [p, args] of calls)
    assert.equal(interpreter.run(p, new Map(p.params.map((cell, i) => [cell, args[i]!]))), { kind: 'completed' })
  return interpreter
}
const counterOf = (i: Interpreter, t: Tally): bigint =>
  (i.get(t.counter) as ArrayValue).get(t === counts.total ? 0n : SPACE) as bigint
const chargeOf = (i: Interpreter, t: Tally): bigint => i.get(t.charge) as bigint

const counting = suite('counters of the handler')

counting('frames: over all frames of the window, however runs overlap', () => {
  const seen = new Set<string>()
  const tallies = { ...counts.round1, ...counts.round2, total: counts.total }
  forAll(
    12,
    (c) => c.below(2 ** 31),
    String,
    (seed) => {
      const c = Choices.seeded(seed)
      const state = machine(c)
      const calls = Array.from({ length: c.within(1, 4) }, (): Call => {
        const first = BigInt(c.below(200))
        return [markFrames(ALL_ON), [first, first + BigInt(c.below(120)), c.chance(50)]]
      })
      const runs = Array.from({ length: 200 }, (_, f) =>
        run(new Map([...state, [watched.f, BigInt(f)], [watched.s, SPACE]]), calls, new Map()),
      )
      for (const [name, t] of Object.entries(tallies)) {
        const counter = counterOf(runs[0]!, t)
        const sum = runs.reduce((n, r) => n + chargeOf(r, t), 0n)
        assert.is(sum, counter, name)
        if (counter > 0n) seen.add(name)
      }
    },
  )
  for (const name of ['distinct', 'multiple', 'extra', 'certain', 'total']) assert.ok(seen.has(name), name)
})

counting('guest pages: a leaf is charged to each page that it maps, and counted once or for each', () => {
  let leaves = 0n
  forAll(
    4,
    (c) => c.below(2 ** 31),
    String,
    (seed) => {
      const c = Choices.seeded(seed)
      const state = machine(c)
      // Table 2 in frame 0 has leaves of 2 MiB and one table 1, in frame 1.
      const flags = () => c.pick([7n, 5n, 3n, 7n | (1n << 63n), 7n | (1n << 45n)])
      const large = new Map([3, 7, 8].map((i) => [BigInt(i), 0x80n | flags()]))
      const small = new Map([0, 1, 511].map((i) => [BigInt(i), (BigInt(c.below(250)) << 12n) | flags()]))
      const words = new Map([...large, [5n, 0x1007n], ...[...small].map(([i, e]) => [512n + i, e] as const)])
      const call: Call = [walkTable(2, ALL_ON), [0n, 0n, 0n, true, true, false]]
      const watching = (g: bigint) => run(new Map([...state, [watched.g, g], [watched.s, SPACE]]), [call], words)
      const blocks = [
        ...[...large.keys()].map((i) => ({ first: i << 9n, size: 512n })),
        ...[...small.keys()].map((i) => ({ first: (5n << 9n) + i, size: 1n })),
      ].map((block) => ({ ...block, runs: [block.first, block.first + block.size - 1n].map(watching) }))
      const elsewhere = watching(4n << 9n)
      for (const [name, t] of Object.entries(counts.guest)) {
        for (const { runs } of blocks) assert.is(chargeOf(runs[0]!, t), chargeOf(runs[1]!, t), name)
        assert.is(chargeOf(elsewhere, t), 0n, name)
        const sum = blocks.reduce((n, { size, runs }) => n + chargeOf(runs[0]!, t) * (name === 'mapped' ? size : 1n), 0n)
        assert.is(sum, counterOf(elsewhere, t), name)
      }
      leaves += counterOf(elsewhere, counts.guest.leaf4K) + counterOf(elsewhere, counts.guest.leaf2M)
    },
  )
  assert.ok(leaves > 0n)
})
counting.run()

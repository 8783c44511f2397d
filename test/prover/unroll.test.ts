// A bounded run and the interpreter are two readings of one scenario: the obligation's goal is false under values of what is
// free exactly when the run with those values breaks a condition.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Cell, cellOf } from '../../src/model/cell.ts'
import { ArrayValue, defaultValue, Evaluator, type Value } from '../../src/model/evaluate.ts'
import { Interpreter } from '../../src/model/interpreter.ts'
import { scenario } from '../../src/properties/scenario.ts'
import { type Tooth, teeth } from '../../src/properties/teeth.ts'
import { boundedRun, type Scenario } from '../../src/prover/unroll.ts'
import type { Obligation } from '../../src/prover/obligation.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'

const ones = (width: number): bigint => 2n ** BigInt(width) - 1n

/** A leaf or table that is plain but for a few bits, in or just past the scenario's DRAM. */
function entry(c: Choices, frame: bigint): bigint {
  const odd = c.pick([0n, 0n, 0n, 1n << 63n, 1n << 13n, 1n << 51n, 2n, 4n])
  return ((frame << 12n) | (c.chance(40) ? 0x80n : 0n) | 7n) ^ odd
}
function value(c: Choices, cell: Cell, frame: bigint): Value {
  if (cell.name === 'config.physMask') return ones(c.pick([36, 40, 52]))
  if (cell.name === 'config.guestPages') return ones(24)
  if (cell.name === 'f') return c.chance(80) ? frame : 0x100n
  if (cell.name.endsWith('.base')) return c.chance(30) ? 1n << 27n : 0n
  if (cell.sort.kind === 'bool') return c.chance(50)
  // The watched pages: those of the last entries of the tables.
  return cell.sort.kind === 'bv' ? BigInt(c.pick([511, 0x3ffff, 0x3fe00])) % 2n ** BigInt(cell.sort.width) : 0n
}

/** Whether hypotheses and goal of the obligation hold, and how the interpreter's run ends. */
function bothWays(s: Scenario, { hypotheses, goal, parts }: Obligation, c: Choices) {
  const frame = BigInt(c.pick([0x100, 0x101, 0x180]))
  const words = new Map(s.words.map((w) => [w, entry(c, frame)]))
  const state = new Map([...s.entry, ...s.free.map((cell) => [cell, value(c, cell, frame)] as const)])
  const under = new Evaluator((v) => {
    const cell = cellOf(v)
    return cell === undefined ? new ArrayValue(0n, words) : (state.get(cell) ?? defaultValue(cell.sort))
  })
  const only = new Set(parts.map((p) => p.name))
  const memory = { get: (word: bigint) => words.get(word) ?? 0n }
  const interpreter = new Interpreter({ memory, check: true, erase: false, only, maxSteps: 100_000 })
  const outcome = interpreter.run(s.procedure, state)
  return { fits: hypotheses.every((h) => under.bool(h.term)), holds: under.bool(goal), outcome }
}

const unroll = suite('bounded runs')
const frozen = teeth.filter((t) => t.machine.racing !== true)

/** How many of the runs break something. */
function agrees(t: Tooth): number {
  const s = scenario(t.machine, { ...ALL_ON, [t.off]: false })
  const obligation = boundedRun(s, t.breaks)
  let broken = 0
  forAll(
    12,
    (c) => c.below(2 ** 31),
    String,
    (seed) => {
      const { fits, holds, outcome } = bothWays(s, obligation, Choices.seeded(seed))
      assert.ok(fits, 'the state is one of the scenario')
      assert.is(outcome.kind, holds ? 'completed' : 'violation')
      if (!holds) broken++
    },
  )
  return broken
}

unroll('the goal is false exactly when the run breaks it', () => {
  const broken = frozen.map((t) => [t.rows[0], agrees(t)] as const)
  assert.ok(broken.filter(([, n]) => n > 0).length >= 2, String(broken))
})
unroll.run()

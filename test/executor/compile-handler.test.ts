// The handler's own procedures, compiled and interpreted, with ghost code and without, on small memories full of tables.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cell } from '../../src/model/cell.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import type { Procedure } from '../../src/model/procedure.ts'
import { measure } from '../../src/smm/census.ts'
import { bootMap, census, config, counts, spaces } from '../../src/smm/cells.ts'
import { markFrames } from '../../src/smm/mark.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { classifyPage } from '../../src/smm/scan.ts'
import { walkTable } from '../../src/smm/walk.ts'
import { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'
import { compile } from '../../src/executor/compile.ts'
import { Execution, loadFrom } from '../../src/executor/execution.ts'
import { compareRuns } from './compare-runs.ts'

const ONES = (width: number): bigint => 2n ** BigInt(width) - 1n
const array = (values: readonly bigint[]): ArrayValue => new ArrayValue(0n, new Map(values.map((v, i) => [BigInt(i), v])))

/** Frames 0..15 may hold tables; some are absent, and some lie outside the boot map. */
const FRAMES = 16

interface World {
  readonly seed: number
  readonly words: ReadonlyMap<bigint, bigint>
  readonly absent: ReadonlySet<bigint>
  readonly state: ReadonlyMap<Cell, Value>
  readonly choices: Choices
}

/** Most tables name later ones, so that walks end. */
function entry(c: Choices, at: number): bigint {
  const flags = c.chance(85) ? 7n : c.bits(3)
  const frame = c.chance(80)
    ? BigInt(c.chance(80) ? c.within(Math.min(at + 1, FRAMES - 1), FRAMES - 1) : c.below(FRAMES))
    : c.bits(c.pick([20, 28, 41]))
  const large = c.chance(20) ? (c.chance(70) ? 0x80n : c.bits(13) & 0x180n) : 0n
  const high = (c.chance(20) ? 1n << 63n : 0n) | (c.chance(5) ? 1n << 51n : 0n)
  const address = large !== 0n && c.chance(80) ? (frame >> 9n) << 21n : frame << 12n
  return flags | large | high | address
}

function world(seed: number): World {
  const c = Choices.seeded(seed)
  const words = new Map<bigint, bigint>()
  for (let frame = 0; frame < FRAMES; frame++)
    for (let i = c.below(8); i > 0; i--) {
      const slot = c.pick([0, 1, 2, 255, 256, 511, c.below(512)])
      words.set(BigInt(frame * 512 + slot), entry(c, frame))
    }
  const absent = new Set(c.chance(35) ? [BigInt(c.below(FRAMES))] : [])
  const width = c.pick([36, 40, 48, 52])
  const cut = BigInt(c.within(4, 12))
  const holes = c.chance(40)
  const count = c.within(1, 3)
  const noFrame = ONES(40)
  const state = new Map<Cell, Value>([
    [config.physMask, ONES(width)],
    [config.cBit, width < 48 && c.chance(30) ? 2n ** 47n : 0n],
    [config.nxe, c.chance(70)],
    [config.page1g, c.chance(70)],
    [config.gmetCapable, c.chance(30)],
    [config.guestPages, ONES(c.pick([24, 28, 40]))],
    [config.budget, BigInt(c.pick([0, 50, 700, 3000, 9000, 30_000]))],
    [config.windowWords, BigInt(c.pick([1, 2, 40]))],
    [config.smramFirst, noFrame],
    [config.smramLast, noFrame],
    [bootMap.ranges, holes ? 2n : 1n],
    [bootMap.first, array(holes ? [0n, cut + 1n] : [0n])],
    [bootMap.last, array(holes ? [cut - 1n, 700n] : [BigInt(c.pick([15, 63, 64, 600]))])],
    [spaces.count, BigInt(count)],
    [spaces.root, array(Array.from({ length: count }, () => BigInt(c.below(FRAMES))))],
    [spaces.mode, array(Array.from({ length: count }, () => BigInt(c.chance(95) ? c.within(2, 3) : c.below(2))))],
    [census.round, BigInt(c.within(1, 2))],
    [census.space, BigInt(c.below(count))],
    [census.counting, c.chance(50)],
    [census.windowFirst, BigInt(c.below(70))],
  ])
  return { seed, words, absent, state, choices: c }
}

function agree(runs: number, procedure: Procedure, args: (c: Choices) => readonly Value[]): Map<string, number> {
  const endings = new Map<string, number>()
  forAll(
    runs,
    (c) => c.below(2 ** 31),
    String,
    (seed) => {
      const { words, absent, state, choices } = world(seed)
      const given = args(choices)
      const { ending, differences, execution } = compareRuns({
        procedure,
        memory: { get: (word) => (absent.has(word >> 9n) ? undefined : (words.get(word) ?? 0n)) },
        state,
        args: new Map(procedure.params.map((cell, i) => [cell, given[i]!])),
      })
      assert.equal(differences, [])
      const kind = ending === 'completed' ? `status ${execution.get(census.status)}` : ending.split(' ')[0]!
      endings.set(kind, (endings.get(kind) ?? 0) + 1)
    },
  )
  return endings
}

const handler = suite('the handler, compiled')

handler('markFrames', () => {
  agree(60, markFrames(ALL_ON), (c) => {
    const first = c.chance(80) ? BigInt(c.below(700)) : c.bits(40)
    return [first, first + BigInt(c.below(200)), c.chance(50)]
  })
})

handler('walkTable of each level', () => {
  for (const level of [1, 2, 3, 4, 5] as const)
    agree(4, walkTable(level, ALL_ON), (c) => [BigInt(c.below(FRAMES)), 0n, 0n, c.chance(80), c.chance(80), c.chance(20)])
})

handler('measure', () => {
  const endings = agree(60, measure(ALL_ON), () => [])
  // Of complete, truncated, foreign-table, unsupported-mode and absent memory.
  assert.ok(endings.size >= 4, `${[...endings.keys()]}`)
})

handler('classifyPage', () => {
  agree(50, classifyPage, (c) => [BigInt(c.below(FRAMES)), 0n])
})

handler('a census that ends complete, by hand: two spaces, one frame in both', () => {
  // Root in frame 1 -> 2 -> 3 -> 4; root in frame 5 -> 2. Table 4 maps frames 100, 100 and 101.
  const table = (frame: bigint) => (frame << 12n) | 7n
  const words = new Map([
    [1n * 512n, table(2n)],
    [5n * 512n, table(2n)],
    [2n * 512n, table(3n)],
    [3n * 512n, table(4n)],
    [4n * 512n, table(100n)],
    [4n * 512n + 1n, table(100n)],
    [4n * 512n + 2n, table(101n)],
  ])
  const state = new Map<Cell, Value>([
    ...world(1).state,
    [config.physMask, ONES(40)],
    [config.cBit, 0n],
    [config.guestPages, ONES(28)],
    [config.budget, 100_000n],
    [config.windowWords, 4n],
    [bootMap.ranges, 1n],
    [bootMap.first, array([0n])],
    [bootMap.last, array([199n])],
    [spaces.count, 2n],
    [spaces.root, array([1n, 5n])],
    [spaces.mode, array([2n, 2n])],
  ])
  const procedure = measure(ALL_ON)
  assert.equal(compareRuns({ procedure, memory: { get: (w) => words.get(w) ?? 0n }, state }).differences, [])
  const execution = new Execution(
    compile(procedure),
    loadFrom((w) => words.get(w) ?? 0n),
    state,
  )
  assert.equal(execution.run(), { kind: 'completed' })
  const of = (tally: { counter: Cell }) => [0n, 1n].map((i) => (execution.get(tally.counter) as ArrayValue).get(i))
  assert.is(execution.get(census.status), 0n)
  assert.equal(of(counts.guest.leaf4K), [3n, 3n])
  assert.equal(of(counts.round1.distinct), [2n, 2n])
  assert.equal(of(counts.round1.extra), [1n, 1n])
  assert.equal(of(counts.round2.shared), [2n, 2n])
  assert.equal(of(counts.round2.tables), [4n, 4n])
  assert.is(of(counts.total)[0], 2n)
})
handler.run()

// The census, compiled, on random trees full of tricks, against a naive count by translating guest pages with the model of the hardware.

import { isDeepStrictEqual } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../src/executor/compile.ts'
import { Execution, loadFrom } from '../../src/executor/execution.ts'
import type { Cell } from '../../src/model/cell.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { measure } from '../../src/smm/census.ts'
import { bootMap, census, config, counts, MODE, spaces, STATUS, vmcbs } from '../../src/smm/cells.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'
import { attackedWorld, trickNames, type World } from './attacked-trees.ts'
import { type NaiveCensus, naiveCensus, type NaiveCounts } from './naive-census.ts'

const TREES = 2000
const program = compile(measure(ALL_ON))
/** Among this many trees, each careless handler is caught. */
const ENOUGH = 400
const array = (values: readonly (bigint | number)[]): ArrayValue =>
  new ArrayValue(0n, new Map(values.map((v, i) => [BigInt(i), BigInt(v)])))

function handlerCensus({ machine, spaces: list, words, vmcbs: frames }: World, handler = program): NaiveCensus {
  const state = new Map<Cell, Value>([
    [config.physMask, machine.physMask],
    [config.cBit, machine.cBit],
    [config.nxe, machine.nxe],
    [config.page1g, machine.page1g],
    [config.gmetCapable, machine.gmetCapable],
    [config.guestPages, machine.guestPages],
    [config.budget, 2n ** 40n],
    [config.windowWords, BigInt(machine.windowWords)],
    [config.smramFirst, BigInt(machine.smram.first)],
    [config.smramLast, BigInt(machine.smram.last)],
    [bootMap.ranges, BigInt(machine.ranges.length)],
    [bootMap.first, array(machine.ranges.map(({ first }) => first))],
    [bootMap.last, array(machine.ranges.map(({ last }) => last))],
    [vmcbs.count, BigInt(frames.length)],
    [vmcbs.frame, array(frames)],
    [spaces.count, BigInt(list.length)],
    [spaces.root, array(list.map(({ root }) => root))],
    [spaces.mode, array(list.map(({ levels }) => (levels === 5 ? MODE.long5 : MODE.long4)))],
  ])
  const run = new Execution(
    handler,
    // Both views of a frame show the same: what encryption makes of memory is no part of this.
    loadFrom((word) => words.get(word & ~(machine.cBit >> 3n)) ?? 0n),
    state,
  )
  assert.equal(run.run(), { kind: 'completed' })
  const status = run.get(census.status)
  if (status === BigInt(STATUS.foreignTable)) return { status: 'foreign-table' }
  assert.is(status, BigInt(STATUS.running))
  const tallies = { ...counts.guest, ...counts.round1, ...counts.round2, ...counts.after }
  const columns = Object.entries(tallies).map(([name, t]) => [name, run.get(t.counter) as ArrayValue] as const)
  return {
    status: 'complete',
    total: Number((run.get(counts.total.counter) as ArrayValue).get(0n)),
    translations: 0,
    vmcbs: frames.map((_, i) => Number((run.get(vmcbs.space) as ArrayValue).get(BigInt(i)))),
    spaces: list.map((_, i) => {
      const row = columns.map(([name, column]) => {
        const n = column.get(BigInt(i)) as bigint
        return [name, name === 'mapped' ? n : Number(n)]
      })
      return Object.fromEntries(row) as NaiveCounts
    }),
  }
}

const property = suite('the census of random trees')

property(`is the naive count, on ${TREES} trees`, () => {
  const endings = { complete: 0, 'foreign-table': 0 }
  const seen = new Map<string, number>()
  const nonZero = new Map<string, number>()
  const note = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1)
  let translations = 0
  forAll(
    TREES,
    (c) => c.below(2 ** 31),
    (seed) => `seed ${seed}`,
    (seed) => {
      const world = attackedWorld(Choices.seeded(seed))
      const naive = naiveCensus(world)
      const ours = handlerCensus(world)
      endings[naive.status]++
      for (const trick of world.tricks) note(seen, trick)
      if (naive.status !== 'complete') return assert.equal(ours, naive)
      translations += naive.translations
      assert.equal(ours, { ...naive, translations: 0 })
      for (const space of naive.vmcbs) note(nonZero, space > 0 ? 'VMCB in a space' : 'VMCB in none')
      for (const space of naive.spaces) for (const [name, n] of Object.entries(space)) if (n > 0) note(nonZero, name)
    },
  )
  // Every trick was tried, every count was not zero somewhere, and most trees could be counted.
  assert.equal(
    trickNames.filter((name) => (seen.get(name) ?? 0) < TREES / 100),
    [],
  )
  const names = [
    ...Object.keys({ ...counts.guest, ...counts.round1, ...counts.round2, ...counts.after }),
    'VMCB in a space',
    'VMCB in none',
  ]
  assert.equal(
    names.filter((name) => (nonZero.get(name) ?? 0) < 20),
    [],
    JSON.stringify([...nonZero]),
  )
  assert.ok(endings.complete > TREES / 2 && endings['foreign-table'] > TREES / 50, JSON.stringify(endings))
  assert.ok(translations > 20 * TREES, `${translations} translations`)
})
for (const off of ['S_RSVD', 'S_PERM', 'S_UNIQ', 'S_DRAM', 'S_WIDTH'] as const)
  property(`a handler without ${off} counts some tree wrongly`, () => {
    const careless = compile(measure({ ...ALL_ON, [off]: false }))
    const wrong = (seed: number): boolean => {
      const world = attackedWorld(Choices.seeded(seed))
      const naive = naiveCensus(world)
      const right = naive.status === 'complete' ? { ...naive, translations: 0 } : naive
      return !isDeepStrictEqual(handlerCensus(world, careless), right)
    }
    assert.ok(Array.from({ length: ENOUGH }, (_, seed) => seed).some(wrong))
  })
property.run()

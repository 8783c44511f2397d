// Concrete runs of the whole system: the census of small memories against the handler's own, runs that survive, and faults that
// runs find.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/executor/simulation/random.ts'
import { Simulation } from '../../src/executor/simulation/simulation.ts'
import { compile } from '../../src/executor/compile.ts'
import { loadFrom } from '../../src/executor/execution.ts'
import { subjectOf } from '../../src/loader/simulate-claims.ts'
import { runHandler } from '../../src/measure/handler-run.ts'
import type { Cell } from '../../src/model/cell.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { type Variable, variableOf } from '../../src/model/system.ts'
import { theorems } from '../../src/properties/theorem.ts'
import { wholeSampler } from '../../src/properties/whole-runs.ts'
import { bootMap, config } from '../../src/smm/cells.ts'
import { censusOfPicture, chargesOf } from '../../src/smm/census-of-picture.ts'
import { measure } from '../../src/smm/census.ts'
import { pictureIn } from '../../src/smm/handler-code.ts'
import { snap } from '../../src/smm/meeting-state.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { rangeOf } from '../../src/smm/system-profile.ts'
import { found } from '../../src/smm/thread-cells.ts'
import { dram } from '../../src/x86/dram.ts'
import { cr4 } from '../../src/x86/modes.ts'

const variableFor = (cell: Cell): Variable => variableOf(cell.now)!
const [FIVE, FOUR] = [3n, 2n]

/** A machine's memory as if both guests were measured, and the census of it by the two ways. */
function twoWays(seed: number) {
  const values = new Map<Variable, Value>(wholeSampler(new Random(seed)).values)
  const memory = values.get(dram) as ArrayValue
  const five = (values.get(cr4) as ArrayValue).otherwise !== 0x20n
  const roots = [...new Set([0x10_00b0n, 0x10_10b0n].map((a) => (memory.get(a >> 3n) as bigint) >> 12n))]
  const list = (items: readonly bigint[]) => new ArrayValue(0n, new Map(items.map((x, i) => [BigInt(i), x])))
  for (const [v, value] of [
    [snap, memory],
    [rangeOf, new ArrayValue(0n)],
    [variableFor(found.count), BigInt(roots.length)],
    [variableFor(found.root), list(roots)],
    [variableFor(found.mode), list(roots.map(() => (five ? FIVE : FOUR)))],
  ] as const)
    values.set(v, value)
  const picture = pictureIn({ value: (v) => values.get(v)!, at: (table, i) => (values.get(table) as ArrayValue).get(i) })
  const census = censusOfPicture(picture)
  const cells = [config.physMask, config.cBit, config.page1g, config.guestPages, config.smramFirst, config.smramLast]
  const handlers = runHandler(
    {
      program: program(),
      load: loadFrom((word) => memory.get(BigInt(word)) as bigint),
      boot: {
        cells: new Map([...cells, bootMap.ranges, bootMap.first, bootMap.last].map((c) => [c, values.get(variableFor(c))!])),
      },
      words: 0x1_0000,
      budget: 1_000_000_000,
      gmetCapable: values.get(variableFor(config.gmetCapable)) as boolean,
    } as unknown as Parameters<typeof runHandler>[0],
    roots.map((root) => ({
      root: Number(root) * 4096,
      paging: { nxe: true, mode: five ? FIVE : FOUR },
    })) as unknown as Parameters<typeof runHandler>[1],
  )
  return { roots, census, charges: chargesOf(census, picture.inMap), handlers }
}
const made = new Map<string, ReturnType<typeof compile>>()
const program = () => {
  const known = made.get('') ?? compile(measure(ALL_ON))
  made.set('', known)
  return known
}

test('the census of a small memory counts what the handler counts', () => {
  for (let seed = 0; seed < 12; seed++) {
    const { roots, census, charges, handlers } = twoWays(seed)
    if (census.status === 'truncated') continue
    assert.is(handlers.status === 'complete', census.status === 'running', `seed ${seed}: ${handlers.status}, ${census.status}`)
    if (handlers.status !== 'complete') continue
    assert.is(charges.total.size, handlers.distinctFrames, `seed ${seed}: frames of any space`)
    for (const s of roots.keys()) {
      const ofSpace = (keys: Iterable<bigint>, bits: bigint) => [...keys].filter((k) => k >> bits === BigInt(s)).length
      const { distinctFrames, distinctFramesCertain, framesMappedMoreThanOnce, framesSharedWithOtherSpaces } = handlers.spaces[s]!
      assert.is(ofSpace(charges.distinct.keys(), 40n), distinctFrames, `seed ${seed}: distinct`)
      assert.is(ofSpace(charges.certain.keys(), 40n), distinctFramesCertain, `seed ${seed}: certain`)
      assert.is(ofSpace(charges.multiple, 40n), framesMappedMoreThanOnce, `seed ${seed}: multiple`)
      assert.is(ofSpace(charges.shared, 40n), framesSharedWithOtherSpaces, `seed ${seed}: shared`)
    }
  }
})

test('runs survive, and threads meet in them', () => {
  const { sampler, ...about } = theorems('P1')[0]!.about!
  const simulation = new Simulation(subjectOf(about), 1, sampler)
  assert.is(simulation.advance(2500), undefined)
  const joins = simulation.coverage().find((a) => a.action === 'a thread joins the meeting')!
  assert.ok(joins.cases.some((c) => c.taken > 0))
})

test.run()

// The meaning of tallies (docs/adr/0004): the counter is the sum of the charges over all objects that may be watched, where a
// block that is counted as one is charged to each of its objects, and so summed over the first of them.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { procedure } from '../../src/model/builder.ts'
import { type Cell, ghost, smram, type Tally, watch } from '../../src/model/cell.ts'
import type { ArrayValue } from '../../src/model/evaluate.ts'
import { Interpreter } from '../../src/model/interpreter.ts'
import { arraySort, bvSort } from '../../src/model/sort.ts'
import { arrayVar, bv, u64 } from '../../src/model/term.ts'
import type { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'

/** Objects are numbers of 8 bits, so all of them can be watched one after the other. */
const WIDTH = 8
const ELEMENTS = 3
const object = watch.bits('tally.object', WIDTH)
const element = watch.bits('tally.element', 2)
const counting = (name: string): Tally => ({
  counter: smram.array(`tally.${name}`, 2, bvSort(64), bv(2, ELEMENTS)),
  charge: ghost.bits(`tally.charge.${name}`, 64),
  element: element.now,
  object: object.now,
  charges: 'often',
})
const [each, one] = [counting('each'), counting('one')]
const memory = { snapshot: arrayVar('snap', arraySort(64, bvSort(64))), readable: () => [] }

interface Event {
  readonly at: number
  readonly first: number
  readonly bits?: bigint
  readonly shift?: number
}
/** Runs of bits that name objects which exist, and aligned blocks. */
function event(c: Choices): Event {
  const at = c.below(ELEMENTS)
  if (c.chance(50)) return { at, first: c.below(2 ** WIDTH - 63), bits: c.bitVector(64) }
  const shift = c.below(WIDTH)
  return { at, first: (c.below(2 ** WIDTH) >> shift) << shift, shift }
}

let programs = 0
const program = (events: readonly Event[]) =>
  procedure(`tallies${programs++}`, {
    params: {},
    memory,
    modifies: [each.counter, each.charge, one.counter, one.charge],
    requires: () => [],
    ensures: () => [],
    body(b) {
      for (const { at, first, bits, shift = 0 } of events)
        if (bits !== undefined) b.tally(each, bv(2, at), { kind: 'bits', first: bv(WIDTH, first), bits: u64(bits) })
        else {
          b.tally(each, bv(2, at), { kind: 'block', first: bv(WIDTH, first), shift, as: 'each' })
          b.tally(one, bv(2, at), { kind: 'block', first: bv(WIDTH, first), shift, as: 'one' })
        }
    },
  })

const tallies = suite('tallies')
tallies('the counter is the sum of the charges', () => {
  let counted = 0n
  forAll(
    25,
    (c) => Array.from({ length: c.within(1, 4) }, () => event(c)),
    (events) => events.map((e) => `${e.at}: ${e.first} ${e.bits?.toString(2) ?? `block ${e.shift}`}`).join('; '),
    (events) => {
      const p = program(events)
      const firsts = events.flatMap((e) => (e.bits === undefined ? [e] : []))
      for (let at = 0; at < ELEMENTS; at++) {
        const run = (watched: number) => {
          const interpreter = new Interpreter({ memory: { get: () => 0n }, check: true, erase: false, maxSteps: 100 })
          const state = new Map<Cell, bigint>([
            [object, BigInt(watched)],
            [element, BigInt(at)],
          ])
          assert.equal(interpreter.run(p, state), { kind: 'completed' })
          const counter = (t: Tally) => (interpreter.get(t.counter) as ArrayValue).get(BigInt(at)) as bigint
          return { interpreter, counter, charge: (t: Tally) => interpreter.get(t.charge) as bigint }
        }
        const runs = Array.from({ length: 2 ** WIDTH }, (_, i) => run(i))
        const { counter } = runs[0]!
        assert.is(
          runs.reduce((sum, r) => sum + r.charge(each), 0n),
          counter(each),
        )
        // Every block is charged to its first object, and so are the blocks that hold it.
        for (const { first } of firsts) {
          const holding = firsts.filter((e) => e.at === at && e.first >> e.shift! === first >> e.shift!)
          assert.is(runs[first]!.charge(one), BigInt(holding.length))
        }
        assert.is(counter(one), BigInt(firsts.filter((e) => e.at === at).length))
        counted += counter(each)
      }
    },
  )
  assert.ok(counted > 0n)
})
tallies.run()

// The evaluator's own promises: array values, readable memories, defaults, one evaluation per node.
// Leaves out: the meaning of operators (simplify.test.ts compares them with a naive evaluator).

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrayValue, defaultValue, Evaluator, evaluate } from '../../src/model/evaluate.ts'
import { arraySort, boolSort, bvSort } from '../../src/model/sort.ts'
import { arrayVar, boolVar, bv, bvVar, equal } from '../../src/model/term.ts'

const evaluation = suite('evaluate')

evaluation('an array value is a default and entries, never changed in place', () => {
  const empty = new ArrayValue(7n)
  const one = empty.set(3n, 1n)
  assert.is(empty.get(3n), 7n)
  assert.is(one.get(3n), 1n)
  assert.is(one.get(4n), 7n)
  assert.is(one.set(3n, 2n).get(3n), 2n)
  assert.is(new ArrayValue(true).set(0n, false).get(0n), false)
})

evaluation('older values stay as they were, however they and the newer ones are used', () => {
  const versions = [new ArrayValue(0n)]
  const expected: Map<bigint, bigint>[] = [new Map()]
  let state = 1
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
  for (let step = 0; step < 300; step++) {
    const from = random(3) === 0 ? random(versions.length) : versions.length - 1
    const [index, element] = [BigInt(random(12)), BigInt(random(5))]
    if (random(4) === 0) void versions[random(versions.length)]!.entries
    versions.push(versions[from]!.set(index, element))
    expected.push(new Map(expected[from]!).set(index, element))
    const seen = random(versions.length)
    for (let i = 0n; i < 12n; i++) assert.is(versions[seen]!.get(i), expected[seen]!.get(i) ?? 0n)
  }
  for (const [n, version] of versions.entries())
    assert.equal(new Map([...version.entries].sort()), new Map([...expected[n]!].sort()))
})

evaluation('entries equal to the default do not make arrays differ', () => {
  const zero = new ArrayValue(0n)
  assert.ok(zero.equals(zero.set(5n, 0n), 8))
  assert.ok(zero.set(5n, 0n).equals(zero, 8))
  assert.ok(zero.set(1n, 2n).set(3n, 4n).equals(zero.set(3n, 4n).set(1n, 2n), 8))
  assert.not(zero.equals(zero.set(5n, 1n), 8))
  assert.not(zero.equals(new ArrayValue(1n), 8))
  assert.ok(zero.set(0n, 1n).set(1n, 1n).equals(new ArrayValue(1n), 1), 'every index of one bit is written')
  const [a, b] = [arrayVar('a', arraySort(16, bvSort(8))), arrayVar('b', arraySort(16, bvSort(8)))]
  assert.is(
    evaluate(equal(a, b), (v) => (Object.is(v, a) ? zero : zero.set(9n, 0n))),
    true,
  )
})

evaluation('anything with a get is a memory', () => {
  const memory = arrayVar('memory', arraySort(64, bvSort(8)))
  const squares = { get: (index: bigint) => (index * index) % 256n }
  assert.is(
    evaluate(memory.at(bv(64, 15)), () => squares),
    225n,
  )
})

evaluation('defaults: false, 0, everywhere 0 or false', () => {
  assert.is(defaultValue(boolSort), false)
  assert.is(defaultValue(bvSort(9)), 0n)
  assert.is((defaultValue(arraySort(8, bvSort(4))) as ArrayValue).get(3n), 0n)
  assert.is((defaultValue(arraySort(8, boolSort)) as ArrayValue).get(3n), false)
})

evaluation('each variable is asked for once', () => {
  const [p, x] = [boolVar('p'), bvVar('x', 8)]
  let asked = 0
  const evaluator = new Evaluator((v) => {
    asked++
    return v.sort.kind === 'bool' ? true : 250n
  })
  assert.is(evaluator.bv(p.ite(x.plus(x), x)), 244n)
  assert.is(evaluator.bool(x.ult(251)), true)
  assert.is(asked, 2)
})

evaluation.run()

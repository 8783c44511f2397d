// Sorts: equality, names, refused widths.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { arraySort, boolSort, bvSort, describeSort, sameSort, sortKey } from '../../src/model/sort.ts'

const sorts = suite('sorts')

const different = [
  boolSort,
  bvSort(1),
  bvSort(64),
  arraySort(1, boolSort),
  arraySort(1, bvSort(1)),
  arraySort(64, bvSort(1)),
  arraySort(64, bvSort(8)),
]

sorts('sorts are equal when their keys are', () => {
  for (const [i, a] of different.entries())
    for (const [j, b] of different.entries()) {
      assert.is(sameSort(a, structuredClone(b)), i === j)
      assert.is(sortKey(a) === sortKey(b), i === j)
      assert.is(describeSort(a) === describeSort(b), i === j)
    }
})

sorts('one object per width', () => assert.is(bvSort(64), bvSort(64)))

sorts('widths are positive whole numbers', () => {
  for (const width of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => bvSort(width), RangeError)
    assert.throws(() => arraySort(width, boolSort), RangeError)
  }
})

sorts('names are read by people', () => {
  assert.is(describeSort(arraySort(61, bvSort(64))), 'Array (BitVec 61 -> BitVec 64)')
})

sorts.run()

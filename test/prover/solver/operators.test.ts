// The corners; whole models are in model.test.ts and agreement.test.ts.

import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { applyOperator } from '../../../src/prover/solver/operators.ts'
import type { ModelValue } from '../../../src/prover/solver/value.ts'

const test = suite('bit-vector operators')
const bv = (width: number, value: bigint): ModelValue => ({ kind: 'bv', width, value })

test('wrap around, with any number of operands', () => {
  assert.equal(applyOperator('bvadd', [], [bv(4, 9n), bv(4, 9n), bv(4, 1n)]), bv(4, 3n))
  assert.equal(applyOperator('bvsub', [], [bv(4, 0n), bv(4, 1n)]), bv(4, 15n))
  assert.equal(applyOperator('bvneg', [], [bv(4, 1n)]), bv(4, 15n))
})

test('take bits apart and together', () => {
  assert.equal(applyOperator('extract', [6, 4], [bv(8, 0b1011_0000n)]), bv(3, 0b011n))
  assert.equal(applyOperator('concat', [], [bv(1, 1n), bv(2, 0n), bv(1, 1n)]), bv(4, 9n))
  assert.equal(applyOperator('sign_extend', [2], [bv(2, 2n)]), bv(4, 14n))
})

test('shift out everything when the amount is large', () => {
  assert.equal(applyOperator('bvshl', [], [bv(64, 1n), bv(64, 2n ** 63n)]), bv(64, 0n))
  assert.equal(applyOperator('bvashr', [], [bv(4, 8n), bv(4, 15n)]), bv(4, 15n))
})

test('compare with and without sign', () => {
  assert.equal(applyOperator('bvult', [], [bv(4, 8n), bv(4, 1n)]), { kind: 'bool', value: false })
  assert.equal(applyOperator('bvslt', [], [bv(4, 8n), bv(4, 1n)]), { kind: 'bool', value: true })
})

test('know nothing of other names and sorts', () => {
  assert.is(applyOperator('bvurem', [], [bv(4, 8n), bv(4, 1n)]), undefined)
  assert.is(applyOperator('bvadd', [], [bv(4, 8n), { kind: 'bool', value: true }]), undefined)
})

test.run()

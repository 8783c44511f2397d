import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exitOf, gravest, worst } from '../../src/prover/verdict.ts'

test('a claim is as bad as its worst obligation', () => {
  assert.is(worst([]), 'proved')
  assert.is(worst(['proved', 'unknown', 'proved']), 'unknown')
  assert.is(worst(['unknown', 'not-inductive']), 'not-inductive')
  assert.is(worst(['vacuous', 'refuted']), 'refuted')
  assert.is(worst(['disagreement', 'refuted']), 'disagreement')
})

test('exit codes compare the verdict with what the spec expects', () => {
  assert.is(exitOf('proved', 'proved'), 0)
  assert.is(exitOf('refuted', 'refuted'), 0)
  assert.is(exitOf('not-inductive', 'not-inductive'), 0)
  assert.is(exitOf('proved', 'refuted'), 1)
  assert.is(exitOf('refuted', 'proved'), 1)
  assert.is(exitOf('unknown', 'refuted'), 3)
  assert.is(exitOf('not-inductive', 'refuted'), 4)
  assert.is(exitOf('vacuous', 'proved'), 4)
  assert.is(exitOf('disagreement', 'refuted'), 5)
})

test('of a run, the gravest exit code counts', () => {
  assert.is(gravest([]), 0)
  assert.is(gravest([0, 3, 4]), 4)
  assert.is(gravest([3, 1, 4]), 1)
  assert.is(gravest([2, 1]), 2)
  assert.is(gravest([5, 2, 1]), 5)
})

test.run()

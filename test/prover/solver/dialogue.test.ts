// What replies mean: no verdict survives an error, a model that cannot be read is none.

import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { embeddedDialogue, readTranscript, standardDialogue } from '../../../src/prover/solver/dialogue.ts'
import type { SolverRequest, Want } from '../../../src/prover/solver/solver.ts'

const test = suite('dialogue')

const request = (want: Want, logic = 'QF_BV'): SolverRequest => ({
  id: 'r',
  smt2: `(set-logic ${logic})\n(declare-const p Bool)\n(assert (! p :named h2))\n(assert (! (not p) :named h1))`,
  timeoutMs: 1000,
  want,
})
const read = (want: Want, first: string, second = '', logic = 'QF_BV') => {
  const asked = request(want, logic)
  return readTranscript(asked, embeddedDialogue(asked), { first, second, ms: 7 })
}
const fault = (detail: string, reason = 'error') => ({ kind: 'fault', reason, detail })

test('verdicts', () => {
  assert.equal(read('verdict', 'sat\n'), { kind: 'sat', model: new Map(), ms: 7 })
  assert.equal(read('verdict', 'unsat\n'), { kind: 'unsat', core: [], ms: 7 })
  assert.equal(read('core', 'sat\n'), { kind: 'sat', model: new Map(), ms: 7 })
  assert.equal(read('model', 'unsat\n'), { kind: 'unsat', core: [], ms: 7 })
})

test('a verdict after an error, an empty answer and two verdicts are faults', () => {
  assert.equal(
    read('verdict', '(error "line 1 column 9: unknown constant foo")\nunsat\n'),
    fault('(error "line 1 column 9: unknown constant foo") unsat'),
  )
  assert.equal(read('verdict', ''), fault('an empty answer'))
  assert.equal(read('verdict', 'sat\nunsat\n'), fault('sat unsat'))
  assert.equal(read('verdict', '(error "out of memory")'), fault('(error "out of memory")', 'memory'))
})

test('follow-ups: an error in them, or nothing, is a fault', () => {
  assert.equal(read('model', 'sat\n', '(error "model is not available")'), fault('(error "model is not available")'))
  assert.equal(read('model', 'sat\n', ''), fault('an empty answer'))
  assert.equal(
    read('model', 'sat\n', '((define-fun p () Bool true'),
    fault('a model that cannot be read: the text ends within 2 open parentheses', 'unreadable model'),
  )
  assert.equal(read('core', 'unsat\n', '(h2 h1)\n'), { kind: 'unsat', core: ['h1', 'h2'], ms: 7 })
})

test('a model that is expected is looked for in another way', () => {
  const asked = request('model')
  const expected = embeddedDialogue({ ...asked, expected: 'sat' })
  assert.is.not(expected.opening, embeddedDialogue(asked).opening)
  assert.ok(expected.opening.startsWith(asked.smt2))
  assert.equal(expected.followUps, embeddedDialogue(asked).followUps)
  const arrays = request('model', 'QF_ABV')
  assert.equal(embeddedDialogue({ ...arrays, expected: 'sat' }), embeddedDialogue(arrays))
})

test('a model', () => {
  assert.equal(read('model', 'sat\n', '((define-fun p () Bool true))'), {
    kind: 'sat',
    model: new Map([['p', { kind: 'bool', value: true }]]),
    ms: 7,
  })
})

test('a core that comes late: without one, all names; with another verdict, a fault', () => {
  assert.equal(read('core', 'unsat\n', 'unsat\n(h1)\n', 'QF_ABV'), { kind: 'unsat', core: ['h1'], ms: 7 })
  const all = { kind: 'unsat', core: ['h1', 'h2'], ms: 7 }
  assert.equal(read('core', 'unsat\n', 'unknown\n(error "unsat core is not available")\n', 'QF_ABV'), all)
  assert.equal(read('core', 'unsat\n', '', 'QF_ABV'), all)
  assert.is(read('core', 'unsat\n', 'sat\n(error "unsat core is not available")\n', 'QF_ABV').kind, 'fault')
})

test('why it is not known, in the words of z3 and cvc5', () => {
  for (const [words, reason] of [
    ['(:reason-unknown "timeout")', 'timeout'],
    ['(:reason-unknown "canceled")', 'timeout'],
    ['(:reason-unknown timeout)', 'timeout'],
    ['(:reason-unknown "max. memory exceeded")', 'memory'],
    ['(:reason-unknown memout)', 'memory'],
    ['(:reason-unknown "max. resource limit exceeded")', 'resource-limit'],
    ['(:reason-unknown resourceout)', 'resource-limit'],
    ['(:reason-unknown "(incomplete (theory arithmetic))")', 'incomplete'],
    ['(:reason-unknown "not handled by bvarray2uf")', 'incomplete'],
  ] as const)
    assert.equal(read('verdict', 'unknown\n', words), { kind: 'unknown', reason, detail: words, ms: 7 })
})

test('options and checks by solver, logic and want', () => {
  const lines = (text: string) => text.split('\n')
  const model = embeddedDialogue(request('model'))
  assert.match(lines(model.opening).at(-1)!, /^\(check-sat-using \(then .* bit-blast aig \(using-params sat .*\)\)\)$/)
  assert.equal(model.followUps.sat, { text: '(get-model)', fresh: false })
  assert.is(lines(embeddedDialogue(request('verdict', 'QF_UFNIA')).opening).at(-1), '(check-sat)')
  assert.is(lines(embeddedDialogue(request('verdict'), true).opening).at(-1), '(check-sat)')
  assert.match(embeddedDialogue(request('core')).opening, /^\(set-option :produce-unsat-cores true\)/)
  // A graph of gates does not know which assertion a gate is from.
  assert.not.match(embeddedDialogue(request('core')).opening, / aig /)
  assert.not.match(embeddedDialogue(request('core', 'QF_UFBV')).opening, /produce-unsat-cores/)
  assert.match(standardDialogue(request('model')).opening, /^\(set-option :produce-models true\)[\s\S]*\(check-sat\)$/)
})

test.run()

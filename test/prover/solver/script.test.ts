import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { declarationsOf, logicOf, namedAssertionsOf } from '../../../src/prover/solver/script.ts'

const test = suite('script')

test('its logic', () => {
  assert.is(logicOf('; comment\n( set-logic QF_ABV )\n(declare-const x Bool)'), 'QF_ABV')
  assert.is(logicOf('(declare-const x Bool)'), undefined)
})

test('what it declares, with sorts; definitions and unrepresentable sorts have none', () => {
  const declared = declarationsOf(`
    (declare-const p Bool) (declare-fun |a b| () (_ BitVec 3)) (declare-fun f ((_ BitVec 2) Bool) Bool)
    (declare-const m (Array (_ BitVec 2) (Array Bool Bool))) (define-fun d () Bool p) (declare-const i Int) (declare-fun g (Int) Bool)`)
  const bool = { kind: 'bool' }
  const bv = (width: number) => ({ kind: 'bv', width })
  assert.equal(Object.fromEntries(declared), {
    p: bool,
    'a b': bv(3),
    f: { kind: 'table', arguments: [bv(2), bool], result: bool },
    m: { kind: 'table', arguments: [bv(2)], result: { kind: 'table', arguments: [bool], result: bool } },
    i: undefined,
    g: undefined,
  })
})

test('the names of its assertions', () => {
  assert.equal(namedAssertionsOf('(assert (! p :named h1)) (assert p) (assert (! (! q :named inner) :named |h 2|))'), [
    'h1',
    'h 2',
  ])
})

test.run()

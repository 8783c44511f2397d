// Lexical corners of SMT-LIB: comments, bars, string literals; depth.

import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { printSexpr, readSexprs, SexprError } from '../../../src/prover/solver/sexpr.ts'

const test = suite('s-expressions')

test('nest', () => {
  assert.equal(readSexprs('(a (b #x0f) ()) c'), [['a', ['b', '#x0f'], []], 'c'])
})

test('lose comments, but not within literals and quoted symbols', () => {
  assert.equal(readSexprs('(a ; (b\n "; c" |d ; e|)'), [['a', '"; c"', 'd ; e']])
})

test('keep the bars out of a symbol, and doubled quotes in a literal', () => {
  assert.equal(readSexprs('|x y| (|z| "say ""hi""")'), ['x y', ['z', '"say ""hi"""']])
})

test('may be deeper than the stack', () => {
  const deep = `${'('.repeat(200_000)}${')'.repeat(200_000)}`
  assert.is(readSexprs(deep).length, 1)
})

test('print what was read', () => {
  assert.is(printSexpr(readSexprs('(ite  (= x #b01)\n y z)')[0]!), '(ite (= x #b01) y z)')
})

test('must be balanced', () => {
  assert.throws(
    () => readSexprs('(a (b)'),
    (e: unknown) => e instanceof SexprError && /within 1 open/.test(e.message),
  )
  assert.throws(() => readSexprs('a)'), /too many at character 1/)
  assert.throws(() => readSexprs('(a |b)'), /unreadable/)
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { show } from '../../src/model/show.ts'
import { arrayVar, bool, bv, bvVar } from '../../src/model/term.ts'

const shown = suite('show')
const [x, y] = [bvVar('x', 8), bvVar('y', 8)]

shown('terms read as they were written', () => {
  assert.is(show(x.plus(y).ult(16)), 'x.plus(y).ult(0x10)')
  assert.is(show(x.bits(7, 4).eq(3).not()), 'x.bits(7, 4).eq(0x3).not()')
  assert.is(show(x.ult(y).ite(x.bitnot(), bv(8, 255))), 'x.ult(y).ite(x.bitnot(), 0xff)')
  assert.is(show(arrayVar('a', { kind: 'array', index: 8, element: { kind: 'bv', width: 8 } }).at(x)), 'a.at(x)')
  assert.is(show(bool(true)), 'true')
})

shown('a long term is cut, not printed whole', () => {
  let term = x
  for (let i = 0; i < 60; i++) term = term.plus(y).times(term)
  assert.ok(show(term).length < 2000)
  assert.match(show(term), /\.\./)
})
shown.run()

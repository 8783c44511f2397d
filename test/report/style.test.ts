import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { styleFor, wantsColour } from '../../src/report/style.ts'

const test = suite('style')

test('colour on a terminal only, and not when NO_COLOR is set', () => {
  assert.is(wantsColour(true, {}), true)
  assert.is(wantsColour(false, {}), false)
  assert.is(wantsColour(true, { NO_COLOR: '1' }), false)
  assert.is(wantsColour(true, { NO_COLOR: '' }), true, 'an empty NO_COLOR does not count')
  assert.is(wantsColour(true, { TERM: 'dumb' }), false)
})

test('without colour a style is the text itself', () => {
  for (const paint of Object.values(styleFor(false))) assert.is(paint('x'), 'x')
  for (const paint of Object.values(styleFor(true))) assert.is.not(paint('x'), 'x')
})

test.run()

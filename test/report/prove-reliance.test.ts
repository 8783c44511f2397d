import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { notModelled, residual } from '../../src/properties/residual.ts'
import type { Reliance } from '../../src/prover/record.ts'
import { relianceLines, residualLine, residualTable } from '../../src/report/prove-reliance.ts'
import { styleFor } from '../../src/report/style.ts'

const style = styleFor(false)
const attack = (id: string, claim: string, direct: boolean) => ({ id, spec: 's.ts', claim, direct })
const lines = (more: Partial<Reliance>) =>
  relianceLines({ sets: [['LOCK', 'KEY']], without: [], unused: [], exact: false, ...more }, style)

test('one set, and what is known without each of it', () => {
  const without = [
    { names: ['LOCK'], attacks: [attack('A1', 'X', true), attack('A2', 'X', true), attack('A3', 'Y', false)] },
    { names: ['KEY'], attacks: [attack('A3', 'Y', false)] },
  ]
  assert.equal(lines({ without, unused: ['DOG', 'CAT'] }), [
    'rests on, and on nothing less:',
    '  LOCK, KEY',
    '  without  is refuted by',
    '  LOCK     A1 (s.ts) and 1 more',
    '  KEY      none is known; what it rests on: Y by A3 (s.ts)',
    'not used: 2 others',
  ])
})

test('several sets; exact', () => {
  const without = [{ names: ['LOCK', 'BOLT'], attacks: [attack('A1', 'X', true)] }]
  assert.equal(lines({ sets: [['LOCK'], ['BOLT']], without, exact: true }), [
    'rests on one of these sets, whichever holds:',
    '  1  LOCK',
    '  2  BOLT',
    '  without        is refuted by',
    '  LOCK and BOLT  A1 (s.ts)',
    'exact: where fewer of them hold, there is a machine with all others on which the claim is false',
  ])
})

test('no attack is never an attack, and what is open is said', () => {
  const without = [
    { names: ['LOCK'], attacks: [] },
    { names: ['KEY'], attacks: [], doubt: 'timeout' },
  ]
  assert.equal(lines({ without, incomplete: 'timeout' }), [
    'rests on:',
    '  LOCK, KEY',
    '  without  is refuted by',
    '  LOCK     none is known: this proof needs it',
    '  KEY      none is known, and whether it is needed is open (timeout)',
    'incomplete: there may be other sets, or smaller ones (timeout)',
  ])
})

test('nothing is needed', () => {
  assert.equal(lines({ sets: [[]], unused: ['DOG'], exact: true }), ['rests on none of the assumptions that have a name'])
})

test('the residual list has all rows that nothing removes, each once', () => {
  const ids = residual.map((r) => r.id)
  assert.is(new Set(ids).size, ids.length)
  for (const id of notModelled) assert.ok(ids.includes(id), id)
  for (const { sentence, reference } of residual) assert.ok(sentence.endsWith('.') && reference !== '')
  assert.match(residualLine(residual), 'C48')
  assert.match(residualTable(residual, style).join('\n'), /C54 +Processors are AMD\. .*\[facts C54/)
})

test.run()

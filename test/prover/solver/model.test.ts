// Models and cores as the three solvers print them. recorded/*.txt are answers to recorded/all.smt2, as they came.

import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { ModelError } from '../../../src/prover/solver/definitions.ts'
import { parseCore, parseModel } from '../../../src/prover/solver/model.ts'
import { declarationsOf } from '../../../src/prover/solver/script.ts'
import { lookUp, type Model, type ModelValue } from '../../../src/prover/solver/value.ts'

const recorded = (name: string) => readFileSync(new URL(`./recorded/${name}`, import.meta.url), 'utf8')
const bv = (width: number, value: bigint): ModelValue => ({ kind: 'bv', width, value })
const bool = (value: boolean): ModelValue => ({ kind: 'bool', value })

const test = suite('model')

const at = (model: Model, name: string, ...args: bigint[]): ModelValue => {
  const value = model.get(name)
  if (value?.kind !== 'table') throw new Error(`${name} is no table`)
  return lookUp(value, args)
}

for (const solver of ['z3-5.2.0', 'z3-4.8.12', 'cvc5-1.0.3'])
  test(`recorded from ${solver}`, () => {
    const script = recorded('all.smt2')
    const model = parseModel(recorded(`${solver}.txt`).replace('sat\n', ''), declarationsOf(script))
    assert.equal([...model.keys()], ['p', 'odd name', 'free', 'f', 'g', 'h', 'm', 'n', 'mm'], 'declared names, no definitions')
    assert.equal(model.get('p'), bool(true))
    assert.equal(model.get('odd name'), bv(12, 9n))
    assert.equal(model.get('free'), bv(8, 0n))
    assert.equal(
      [1n, 2n].map((i) => at(model, 'f', i)),
      [bv(8, 0x11n), bv(8, 0x22n)],
    )
    assert.not.equal(at(model, 'f', 0xffffn), bv(8, 0x11n))
    assert.equal([at(model, 'g', 0n, 1n), at(model, 'g', 0n, 0n), at(model, 'g', 1n, 1n)], [bool(true), bool(false), bool(false)])
    assert.equal([at(model, 'h', 1n, 2n), at(model, 'h', 2n, 1n), at(model, 'h', 1n, 1n)], [bv(8, 3n), bv(8, 4n), bv(8, 5n)])
    assert.equal([at(model, 'm', 2n), at(model, 'n', 2n), at(model, 'n', 5n)], [bv(8, 0x10n), bv(8, 0x99n), bv(8, 0x98n)])
    assert.equal(at(model, 'm', 77n), at(model, 'n', 77n))
    const row = (i: bigint, j: bigint) => lookUp(at(model, 'mm', i) as ModelValue & { kind: 'table' }, [j])
    assert.equal([row(1n, 2n), row(1n, 3n), row(7n, 3n)], [bool(true), bool(false), bool(true)])
  })

/** The value of one name, declared as `f`. */
function valueIn(declaration: string, ...definitions: string[]): ModelValue {
  return parseModel(`(${definitions.join('\n')})`, declarationsOf(declaration)).get('f')!
}
const B8 = '(_ BitVec 8)'
const array = `(declare-const f (Array ${B8} ${B8}))`
const unary = `(declare-fun f (${B8}) ${B8})`
const tableOf = (entries: Record<number, bigint>, otherwise: bigint): ModelValue => ({
  kind: 'table',
  entries: Object.entries(entries).map(([i, v]) => ({ args: [BigInt(i)], value: bv(8, v) })),
  otherwise: bv(8, otherwise),
})

test('as-array, through an auxiliary function', () => {
  assert.equal(
    valueIn(
      array,
      `(define-fun f () (Array ${B8} ${B8}) (_ as-array k!0))`,
      `(define-fun k!0 ((x!0 ${B8})) ${B8} (ite (= x!0 #x05) #x01 (ite (= x!0 #x06) #x02 #x00)))`,
    ),
    tableOf({ 5: 1n, 6: 2n }, 0n),
  )
})

test('an array as a lambda, a literal in decimal, an equality turned round', () => {
  assert.equal(
    valueIn(array, `(define-fun f () (Array ${B8} ${B8}) (lambda ((i ${B8})) (let ((c (= (_ bv7 8) i))) (ite c #xff #x01))))`),
    tableOf({ 7: 255n }, 1n),
  )
})

test('the outermost store counts, and entries like the rest are none', () => {
  assert.equal(
    valueIn(
      array,
      `(define-fun f () (Array ${B8} ${B8})
        (store (store (store ((as const (Array ${B8} ${B8})) #x00) #x03 #x07) #x02 #x00) #x03 #x08))`,
    ),
    tableOf({ 3: 8n }, 0n),
  )
})

test('functions through one another, with conditions on classes of arguments', () => {
  assert.equal(
    valueIn(
      unary,
      `(define-fun f ((x!0 ${B8})) ${B8} (f!1 (k!0 x!0)))`,
      `(define-fun k!0 ((x ${B8})) ${B8} (ite (or (= x #x01) (= x #x02)) #x01 #x09))`,
      `(define-fun f!1 ((x ${B8})) ${B8} (ite (= x #x01) #x0a (ite (= x #x09) #x0b #x0c)))`,
    ),
    tableOf({ 1: 10n, 2: 10n }, 11n),
  )
})

test('a function that calculates is evaluated everywhere, if its domain is small', () => {
  const small = valueIn(
    '(declare-fun f ((_ BitVec 2)) (_ BitVec 2))',
    '(define-fun f ((x (_ BitVec 2))) (_ BitVec 2) (bvadd x #b01))',
  )
  assert.equal(
    [0n, 1n, 2n, 3n].map((i) => lookUp(small as ModelValue & { kind: 'table' }, [i])),
    [1n, 2n, 3n, 0n].map((v) => bv(2, v)),
  )
  const large = '(declare-fun f ((_ BitVec 64)) (_ BitVec 64))'
  assert.throws(() => valueIn(large, '(define-fun f ((x (_ BitVec 64))) (_ BitVec 64) x)'), isModelError)
})

test('a function of two arguments must not depend on one of them alone', () => {
  const wide = '(declare-fun f ((_ BitVec 64) (_ BitVec 64)) Bool)'
  const parameters = '((x (_ BitVec 64)) (y (_ BitVec 64)))'
  assert.throws(() => valueIn(wide, `(define-fun f ${parameters} Bool (= x (_ bv1 64)))`), isModelError)
  assert.throws(() => valueIn(wide, `(define-fun f ${parameters} Bool (= x y))`), isModelError)
  const only = valueIn(wide, `(define-fun f ${parameters} Bool (and (= x (_ bv1 64)) (= y (_ bv2 64))))`)
  assert.equal(only, { kind: 'table', entries: [{ args: [1n, 2n], value: bool(true) }], otherwise: bool(false) })
})

test('a name without a value gets the default one, an unknown term is an error', () => {
  assert.equal(valueIn(array), tableOf({}, 0n))
  assert.throws(() => valueIn('(declare-const f (_ BitVec 8))', `(define-fun f () ${B8} (bvurem #x07 #x02))`), isModelError)
  assert.throws(() => valueIn('(declare-const f (_ BitVec 8))', `(define-fun f () ${B8} g!7)`), /g!7 has no definition/)
})

test('a table of a thousand entries', () => {
  const literal = (n: number) => `(_ bv${n} 64)`
  const body = Array.from({ length: 1000 }).reduce<string>(
    (rest, _, i) => `(ite (= x ${literal(i)}) ${literal(i + 1)} ${rest})`,
    literal(0),
  )
  const value = valueIn(
    '(declare-fun f ((_ BitVec 64)) (_ BitVec 64))',
    `(define-fun f ((x (_ BitVec 64))) (_ BitVec 64) ${body})`,
  )
  assert.is(value.kind === 'table' && value.entries.length, 1000)
})

test('cores: names sorted, without bars', () => {
  assert.equal(parseCore('(h2 |h 1|\n h10)\n'), ['h 1', 'h10', 'h2'])
  assert.equal(parseCore('()'), [])
  assert.is(parseCore('h1'), undefined)
  assert.is(parseCore('(a (b))'), undefined)
})

function isModelError(e: unknown): boolean {
  return e instanceof ModelError
}

test.run()

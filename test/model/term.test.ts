// Terms as objects: equal terms are the same object, JavaScript operators that can be caught throw with the name of the
// combinator, operands of the wrong sort or size are refused. Leaves out: what terms mean (simplify.test.ts, laws.test.ts).

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { arraySort, boolSort, bvSort } from '../../src/model/sort.ts'
import * as m from '../../src/model/term.ts'
import { forAll } from '../support/property.ts'
import { print, termOf } from '../support/tree.ts'
import { TreeMaker } from '../support/trees.ts'

const terms = suite('terms')

const byte = m.bvVar('x', 8)
const truth = m.boolVar('p')
const memory = m.arrayVar('memory', arraySort(64, bvSort(8)))

terms('hash-consing: the same tree written down twice is one object', () => {
  forAll(
    1000,
    (choices) => new TreeMaker(choices).any(4),
    print,
    (tree) => {
      const [first, second] = [termOf(tree), termOf(structuredClone(tree))]
      assert.ok(Object.is(first, second))
    },
  )
})

terms('hash-consing: name, sort, value and bounds tell terms apart', () => {
  const different = [
    m.bvVar('x', 8),
    m.bvVar('x', 9),
    m.bvVar('y', 8),
    m.boolVar('x'),
    m.arrayVar('x', arraySort(8, bvSort(8))),
    m.arrayVar('x', arraySort(8, boolSort)),
    m.bv(8, 1),
    m.bv(9, 1),
    m.bv(8, 2),
    m.bool(true),
    m.bool(false),
    m.bv(1, 1),
    byte.bits(3, 0),
    byte.bits(4, 1),
    byte.bits(4, 0),
    m.constArray(8, m.bv(8, 0)),
    m.constArray(9, m.bv(8, 0)),
    m.bvVar('x:v8', 8),
    m.bvVar('x,1', 8),
    byte.minus(m.bvVar('y', 8)),
    m.bvVar('y', 8).minus(byte),
  ]
  assert.is(new Set(different).size, different.length)
  assert.is(new Set(different.map(({ id }) => id)).size, different.length)
})

terms('hostility: operators that can be caught name the combinator', () => {
  const hidden = (t: m.Term) => t as unknown as number
  const text: string = 'text'
  const uses: Readonly<Record<string, (t: m.Term) => unknown>> = {
    'a + b': (t) => hidden(t) + hidden(t),
    'a - b': (t) => hidden(t) - hidden(t),
    'a * b': (t) => hidden(t) * 2,
    'a / b': (t) => hidden(t) / 2,
    'a % b': (t) => hidden(t) % 2,
    'a ** b': (t) => hidden(t) ** 2,
    'a & b': (t) => hidden(t) & 1,
    'a | b': (t) => hidden(t) | 1,
    'a ^ b': (t) => hidden(t) ^ 1,
    'a << b': (t) => hidden(t) << 1,
    'a >> b': (t) => hidden(t) >> 1,
    'a >>> b': (t) => hidden(t) >>> 1,
    'a < b': (t) => hidden(t) < hidden(byte),
    'a <= b': (t) => hidden(t) <= 1,
    'a > b': (t) => hidden(t) > 1,
    'a >= b': (t) => hidden(t) >= 1,
    'a == number': (t) => Reflect.apply(Function('a', 'return a == 1'), undefined, [t]),
    '+a': (t) => +hidden(t),
    '-a': (t) => -hidden(t),
    '~a': (t) => ~hidden(t),
    'a++': (t) => {
      let n = hidden(t)
      n++
      return n
    },
    'a + text': (t) => hidden(t) + text,
    template: (t) => `${hidden(t)}`,
    'String(a)': (t) => String(hidden(t)),
    'Number(a)': (t) => Number(hidden(t)),
    'BigInt(a)': (t) => BigInt(hidden(t)),
    'object[a]': (t) => ({})[t as unknown as string],
    join: (t) => [t, t].join(),
    'a.toString()': (t) => t.toString(),
    'a.valueOf()': (t) => t.valueOf(),
  }
  const named = /^a term is not a JavaScript value: .*(\.plus.*\.ult.*\.eq|show\(term\))/
  for (const term of [byte, truth, memory, m.bv(8, 1), m.bool(true)])
    for (const [name, use] of Object.entries(uses)) {
      const caught = (error: Error) => error instanceof TypeError && named.test(error.message)
      assert.throws(() => use(term), caught, `${name} of a ${term.sort.kind}`)
    }
})

terms('a template names show, an operator the combinators', () => {
  assert.throws(() => `${byte as never as string}`, /show\(term\)/)
  assert.throws(() => (byte as never as number) + 1, /\.plus/)
})

terms('constants that do not fit are refused', () => {
  assert.throws(() => m.bv(8, 256), /256 does not fit in 8 bits/)
  assert.throws(() => m.bv(8, -1), /-1 does not fit in 8 bits/)
  assert.throws(() => m.bv(8, 1.5), RangeError)
  assert.throws(() => byte.plus(256), /256 does not fit in 8 bits/)
  assert.throws(() => m.bvVar('z', 0), /positive whole width/)
  assert.throws(() => m.bvVar('z', 2.5), /positive whole width/)
  assert.throws(() => m.arrayVar('z', arraySort(0, boolSort)), /positive whole width/)
})

terms('bits outside the width are refused', () => {
  for (const [high, low] of [
    [8, 0],
    [3, 4],
    [3, -1],
    [4, 0.5],
  ] as const)
    assert.throws(() => byte.bits(high, low), /do not exist in a BitVec 8/)
  assert.throws(() => byte.bits(3.5, 0), RangeError)
  assert.throws(() => byte.bit(8), /do not exist/)
  assert.throws(() => byte.zext(7), /positive whole width/)
})

terms('operands of different sorts are refused', () => {
  const word = m.bvVar('y', 16)
  assert.throws(() => byte.plus(word), /add: BitVec 8 against BitVec 16/)
  assert.throws(() => byte.eq(word), /eq: BitVec 8 against BitVec 16/)
  assert.throws(() => byte.ult(word), /ult: BitVec 8 against BitVec 16/)
  assert.throws(() => truth.ite(byte, word), /ite: BitVec 8 against BitVec 16/)
  assert.throws(() => m.equal(byte, truth), /equal: BitVec 8 against Bool/)
  assert.throws(() => memory.at(byte), /select: index BitVec 8 against Array \(BitVec 64 -> BitVec 8\)/)
  assert.throws(() => memory.store(m.bvVar('i', 64), word), /store: BitVec 64 -> BitVec 16/)
})

terms('a constant gives its value, anything else none', () => {
  assert.is(m.bv(8, 7).value, 7n)
  assert.is(m.bool(true).value, true)
  assert.is(m.bool(false).value, false)
  assert.is(byte.value, undefined)
  assert.is(truth.value, undefined)
  assert.is(byte.minus(byte).value, 0n)
  assert.ok(m.u64(3).isConst)
  assert.not(byte.isConst)
})

terms.run()

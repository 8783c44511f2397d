// Small made-up specs, one per verdict, as texts: they are written to a folder outside the checkout before they are run.

const validity = (id: string, statement: string, body: string, more = '') => `
import { boolVar, bvVar, claim } from 'smmcheck'
const x = bvVar('x', 64)
const y = bvVar('y', 64)
export default claim({
  id: '${id}',
  statement: '${statement}',
  ${more}
  obligations: () => [{ id: 'only', conjunct: 'the bound', parts: [], origin: { kind: 'validity' }, ${body} }],
})
`

export const holds = validity('AND-BOUND', 'For all 64-bit x and y, x & y <= x.', 'hypotheses: [], goal: x.bitand(y).ule(x)')

export const falseValidity = validity(
  'ADD-BOUND',
  'For all 64-bit x and y, x <= x + y.',
  'hypotheses: [], goal: x.ule(x.plus(y))',
  "assumptions: ['addition does not wrap (it does)'],",
)

export const expectedRefutation = falseValidity.replace('assumptions', "expect: 'refuted', assumptions")
export const wronglyExpectedRefutation = holds.replace('obligations', "expect: 'refuted', obligations")

export const vacuous = validity(
  'NOTHING',
  'For all x below 3 and above 7, x is 99.',
  `hypotheses: [{ name: 'small', term: x.ult(3) }, { name: 'irrelevant', term: y.ult(9) }, { name: 'large', term: x.ugt(7) }],
   goal: x.eq(99)`,
)

/** A product of two 31-bit primes, to be factored. */
export const hard = validity(
  'FACTOR',
  'For all 32-bit x and y above 1, x * y is not this number.',
  `hypotheses: [{ name: 'factors', term: x.ugt(1).and(y.ugt(1), x.ult(0x1_0000_0000n), y.ult(0x1_0000_0000n)) }],
   goal: x.times(y).ne(2147483629n * 2147483587n)`,
)

const procedures = `
import { arraySort, arrayVar, bvSort, claim, conditionsOf, bv, named, procedure, smram, snapshot, u64 } from 'smmcheck'
import type { Arr, Declared } from 'smmcheck'
const snap: Arr = arrayVar('snap', arraySort(64, bvSort(64)))
const memory = { snapshot: snap, readable: () => [] }
const total = smram.bits('total', 64)
`

/** Adds up how many of the first n words have bit 0 set; `bug` and `invariant` are what the specs below differ in. */
const counting = (invariant: string, bug: string, ensures: string) => `${procedures}
const count = procedure('count', {
  params: { n: bvSort(64) },
  memory,
  modifies: [total],
  requires: ({ n }) => named({ few: n.ule(4) }),
  ensures: ({ n }) => ${ensures},
  body(b, { n }) {
    b.set(total, u64(0))
    b.for('i', { from: u64(0), below: n, invariant: (i) => ${invariant} }, (i) => {
      const word = b.read('word', i, u64(0))
      b.when(word.bit(0), () => b.set(total, ${bug}))
    })
  },
})
export default claim({
  id: 'COUNT',
  statement: 'For every memory and every n up to 4, at most n of the first n words are counted.',
  obligations: () => [...conditionsOf(count, 'havoc'), ...conditionsOf(count, 'snapshot')],
  explain: (read) => 'bit 0 = ' + (read.value & 1n),
})
`
const bounded = `named({ 'W4 at most n': total.now.ule(n) })`
export const provedProcedure = counting(`named({ 'W4 at most i': total.now.ule(i) })`, 'total.now.plus(1)', bounded)
export const notInductive = counting('named({ sane: total.now.ule(100) })', 'total.now.plus(1)', bounded)
export const refutedProcedure = counting(`named({ 'W4 at most i': total.now.ule(i.plus(i)) })`, 'total.now.plus(2)', bounded)

export const typeError = `import { bvVar, claim } from 'smmcheck'
const x = bvVar('x', 'sixty-four')
export default claim({ id: 'T', statement: 'For all x.', obligations: () => [] })
`
export const termAsCondition = `import { bvVar, claim } from 'smmcheck'
const x = bvVar('x', 8)
const name = x.ult(3) ? 'small' : 'large'
export default claim({ id: name, statement: 'For all x.', obligations: () => [] })
`
export const throwsAtLoad = `import { bv } from 'smmcheck'
interface Unused { a: number }

const eight: number = 8
export default bv(eight, 256)
`
export const throwsLater = holds.replace('obligations: () => [', "obligations: () => [...(JSON.parse('{') as never[]), ")
export const loopsAtLoad = `import { claim } from 'smmcheck'
type Erased = string

let n = 0
for (;;) n++
export default claim({ id: 'L', statement: 'For all.', obligations: () => [] })
`
export const neverLoads = `export default await new Promise(() => {})
`
export const syntaxError = `export default claim({ id: 'S'
const x = 1
`
export const noClaims = `export default 42
`

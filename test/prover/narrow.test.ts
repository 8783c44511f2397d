// Narrow numbers lose no model: of formulas that are made so that some numbers satisfy them, the narrow form is satisfiable, too.
// The numbers lie close together, near the constants, and around zero, where sums go over the edge.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Evaluator, type Value } from '../../src/model/evaluate.ts'
import { type Bool, boolVar, bv, type Bv, bvVar, ite, type Term } from '../../src/model/term.ts'
import { variables } from '../../src/model/traverse.ts'
import { CounterModel } from '../../src/prover/countermodel.ts'
import { narrowed } from '../../src/prover/narrow.ts'
import { printScript } from '../../src/prover/smtlib.ts'
import { Choices } from '../support/choices.ts'
import { seed } from '../support/property.ts'
import { embedded } from './embedded.ts'

const test = suite('narrow')
const { oracle, close } = await embedded()

const WIDTH = 32
const EDGE = 2n ** BigInt(WIDTH)
const wrap = (n: bigint): bigint => BigInt.asUintN(WIDTH, n)
const numbers = ['a', 'b', 'c', 'd', 'e'].map((name) => bvVar(name, WIDTH))
const flags = ['p', 'q'].map((name) => boolVar(name))

const satisfiable = async (terms: readonly Bool[], narrow: boolean): Promise<string> => {
  const { text } = printScript(
    terms.map((term) => ({ term })),
    { narrow },
  )
  const { answer } = await oracle.ask({ id: 'narrow', smt2: text, timeoutMs: 20_000, want: 'verdict' }, {})
  return answer.kind
}
/** The narrow formula's model with all bits; undefined without one. */
const widened = async (terms: readonly Bool[]): Promise<Evaluator | undefined> => {
  const script = printScript(
    terms.map((term) => ({ term })),
    { narrow: true },
  )
  const { answer } = await oracle.ask({ id: 'narrow', smt2: script.text, timeoutMs: 20_000, want: 'model' }, {})
  return answer.kind === 'sat' ? new CounterModel(script.widened(answer.model), script.selects).evaluator : undefined
}
const widthsOf = (terms: readonly Bool[]): number[] =>
  variables(terms).flatMap((v) => (v.sort.kind === 'bv' ? [v.sort.width] : []))

interface Case {
  readonly terms: readonly Bool[]
  /** Some are false in the state. */
  readonly any: readonly Bool[]
  readonly state: Evaluator
}
function make(choices: Choices): Case {
  const anchors = [0n]
  for (let n = choices.within(0, 3); n > 0; n--)
    anchors.push(
      wrap(choices.chance(50) ? BigInt(choices.below(2 ** 31)) : choices.pick(anchors) + BigInt(choices.within(-12, 12))),
    )
  const values = new Map<Term, Value>()
  for (const flag of flags) values.set(flag, choices.chance(50))
  for (const v of numbers) {
    // Near a constant, or near a number that is there already.
    const near = choices.pick([...anchors, ...numbers.flatMap((w) => (values.has(w) ? [values.get(w) as bigint] : []))])
    values.set(v, wrap(choices.chance(20) ? BigInt(choices.below(2 ** 31)) : near + BigInt(choices.within(-7, 7))))
  }
  const state = new Evaluator((v) => values.get(v)!)
  const small = (): Bv => bv(WIDTH, wrap(BigInt(choices.within(-2, 2))))
  const number = (depth = 2): Bv => {
    if (depth === 0 || choices.chance(30)) return choices.chance(80) ? choices.pick(numbers) : bv(WIDTH, choices.pick(anchors))
    const x = number(depth - 1)
    const shapes = [
      () => x.plus(small()),
      () => x.minus(small()),
      () => x.plus(ite(choices.pick(flags), small(), small())),
      () => ite(choices.pick(flags), x, number(depth - 1)),
    ]
    return choices.pick(shapes)()
  }
  const condition = (): Bool => {
    const [x, y] = [number(), number()]
    return choices.chance(40) ? x.eq(y) : choices.chance(50) ? x.ult(y) : x.ule(y)
  }
  const terms = Array.from({ length: 12 }, () => (choices.chance(70) ? condition() : condition().or(condition())))
  return { terms: terms.map((t) => (state.bool(t) ? t : t.not())), any: terms.slice(0, 7), state }
}

test('what has a model has a narrow one', async () => {
  const choices = Choices.seeded(seed)
  let narrower = 0
  for (let n = 0; n < 150; n++) {
    const { terms, state } = make(choices)
    assert.ok(terms.every((t) => state.bool(t)))
    if (widthsOf(narrowed(terms).roots).some((w) => w < WIDTH)) narrower++
    assert.is(await satisfiable(terms, true), 'sat', `case ${n}`)
  }
  assert.ok(narrower > 120, `${narrower} cases had fewer bits`)
})

test('a narrow model is one with all bits, laid out on the wide circle', async () => {
  const choices = Choices.seeded(seed + 1)
  let wider = 0
  for (let n = 0; n < 100; n++) {
    const { terms, any } = make(choices)
    for (const formula of [terms, any]) {
      const state = await widened(formula)
      if (state === undefined) continue
      assert.ok(
        formula.every((t) => state.bool(t)),
        `case ${n}`,
      )
      if (widthsOf(narrowed(formula).roots).some((w) => w < WIDTH)) wider++
    }
  }
  assert.ok(wider > 120, `${wider} models were made wider`)
})

test('what has no model has none by few steps', async () => {
  const [a, b, c] = numbers as [Bv, Bv, Bv]
  const cycle = [a.ult(b), b.ult(c), c.ult(a.plus(2)), a.ult(bv(WIDTH, EDGE - 90n))]
  assert.ok(widthsOf(narrowed(cycle).roots).every((w) => w < WIDTH))
  assert.is(await satisfiable(cycle, true), 'unsat')
  assert.is(await satisfiable(cycle.slice(0, 2), true), 'sat')
})

test('a step over the edge is one in few bits, too', async () => {
  const [a, b] = numbers as [Bv, Bv]
  assert.is(await satisfiable([a.plus(1).ult(a)], true), 'sat')
  assert.is(await satisfiable([a.plus(1).ult(a), b.ugt(a)], true), 'unsat')
})

test('numbers whose bits are taken apart, or that are added to one another, keep them', () => {
  const [a, b, c, d] = numbers as [Bv, Bv, Bv, Bv]
  const apart = narrowed([a.bits(4, 0).eq(3), a.ult(b), c.plus(d).ult(c)]).roots
  assert.equal(widthsOf(apart), [WIDTH, WIDTH, WIDTH, WIDTH])
  const far = narrowed([a.plus(1000).ult(b)]).roots
  assert.equal(widthsOf(far), [WIDTH, WIDTH])
})

test('a choice of small numbers is as wide as what it is added to', () => {
  const [a, b, c] = numbers as [Bv, Bv, Bv]
  const one = ite(flags[0]!, bv(WIDTH, 1), bv(WIDTH, 0))
  const terms = [a.plus(one).ult(b), c.bitand(b.plus(5).bitxor(c)).eq(c.plus(one))]
  assert.not.throws(() => narrowed(terms).roots)
  assert.not.throws(() => narrowed([a.plus(one).ult(b), c.plus(one).bits(3, 0).eq(1), one.eq(bvVar('z', WIDTH))]))
})

test.after(close)
test.run()

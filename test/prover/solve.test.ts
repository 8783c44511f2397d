// Using up equations keeps what decides: a state that satisfies the hypotheses still does, and the goal is as true in it as
// before. Sums that are compared by cases mean what their equation means.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrayValue, Evaluator, type Value } from '../../src/model/evaluate.ts'
import { arrayVar, type Bool, boolVar, bv, type Bv, bvVar, ite, type Term } from '../../src/model/term.ts'
import { variables } from '../../src/model/traverse.ts'
import type { Hypothesis, Obligation } from '../../src/prover/obligation.ts'
import { solved } from '../../src/prover/solve.ts'
import { compare } from '../../src/prover/sums.ts'
import type { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'

const test = suite('solve')
const WIDTH = 3
const counters = ['a', 'b', 'c', 'd', 'e'].map((name) => bvVar(name, WIDTH))
const flags = ['p', 'q', 'r', 's'].map((name) => boolVar(name))
const cells = arrayVar('m', { kind: 'array', index: WIDTH, element: { kind: 'bv', width: WIDTH } })

/** Sums, choices and cells over some of the counters. */
function sum(choices: Choices, of: readonly Bv[], depth = 3): Bv {
  const constant = () => bv(WIDTH, choices.below(2 ** WIDTH))
  if (depth === 0 || choices.chance(15)) return of.length === 0 ? constant() : choices.pick(of)
  const c = choices.chance(50) ? choices.pick(flags) : choices.pick(flags).and(choices.pick(flags).not())
  const x = sum(choices, of, depth - 1)
  const shapes = [
    () => x.plus(ite(c, constant(), constant())),
    () => ite(c, x, sum(choices, of, depth - 1)),
    () => x.plus(constant()),
    () => cells.at(x),
    () => ite(c, x.plus(1), x),
  ]
  return choices.pick(shapes)()
}
const condition = (choices: Choices): Bool => {
  const [x, y] = [sum(choices, counters), sum(choices, counters)]
  return choices.chance(60) ? x.eq(y) : x.ult(y).or(choices.pick(flags))
}

interface Case {
  readonly obligation: Obligation
  readonly state: Evaluator
}
/** Each counter may be defined by those after it, a flag by a condition; other hypotheses are turned so that they hold. */
function make(choices: Choices): Case {
  const values = new Map<Term, Value>()
  const table = new ArrayValue(choices.bits(WIDTH), new Map([[choices.bits(WIDTH), choices.bits(WIDTH)]]))
  const now = () => new Evaluator((v) => (v.sort.kind === 'array' ? table : values.get(v)!))
  for (const flag of flags) values.set(flag, choices.chance(50))
  const equations: Bool[] = []
  for (const [i, counter] of [...counters.entries()].reverse()) {
    const definition = sum(choices, counters.slice(i + 1))
    const isDefined = choices.chance(70)
    values.set(counter, isDefined ? now().value(definition) : choices.bits(WIDTH))
    if (isDefined) equations.push(choices.chance(50) ? counter.eq(definition) : definition.eq(counter))
  }
  const state = now()
  const others = Array.from({ length: choices.below(3) }, () => condition(choices))
  const flag = choices.pick(flags)
  others.push(flag, flag.iff(condition(choices)))
  const hypotheses = [...equations, ...others.map((h) => (state.bool(h) ? h : h.not()))].map(
    (term, i): Hypothesis => ({ name: `h${i}`, term }),
  )
  const goal = choices.chance(50) ? condition(choices) : condition(choices).and(condition(choices))
  return { obligation: { id: 'o', conjunct: '', parts: [], origin: { kind: 'validity' }, hypotheses, goal }, state }
}

test('a state that decides the obligation decides what is left of it, in the same way', () => {
  let eliminated = 0
  forAll(
    4000,
    make,
    () => 'an obligation over counters a to e',
    ({ obligation, state }) => {
      const after = solved(obligation)
      for (const h of after.hypotheses) assert.ok(state.bool(h.term), `${h.name} fell`)
      assert.is(state.bool(after.goal), state.bool(obligation.goal))
      const count = (o: Obligation) => variables([...o.hypotheses.map((h) => h.term), o.goal]).length
      if (count(after) < count(obligation)) eliminated++
    },
  )
  assert.ok(eliminated > 1000)
})

test('sums compared by cases', () => {
  let compared = 0
  forAll(
    4000,
    (choices) => ({ left: sum(choices, counters.slice(0, 2)), right: sum(choices, counters.slice(0, 2)), ...make(choices) }),
    () => 'two sums over counters a and b',
    ({ left, right, state }) => {
      const term = compare(left, right)
      assert.is(state.bool(term), state.value(left) === state.value(right))
      if (term.op !== 'eq' && term.value === undefined) compared++
    },
  )
  assert.ok(compared > 100)
})

test('chains of definitions leave nothing to prove', () => {
  const [a, b, c] = counters as [Bv, Bv, Bv]
  const [p, q] = flags as [Bool, Bool]
  const terms = [b.eq(ite(p, a.plus(1), a)), c.eq(b.plus(ite(q, bv(WIDTH, 1), bv(WIDTH, 0)))), p.iff(q.not())]
  const hypotheses = terms.map((term, i) => ({ name: `h${i}`, term }))
  const goal = c.eq(a.plus(1))
  const left = solved({ id: 'o', conjunct: '', parts: [], origin: { kind: 'validity' }, hypotheses, goal })
  assert.is(left.goal.value, true)
})

test.run()

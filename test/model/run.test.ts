import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { changes, RunState, termOf } from '../../src/model/run.ts'
import { after, present } from '../../src/model/successor.ts'
import {
  type Action,
  action,
  domain,
  forAll,
  given,
  rigid,
  state,
  type System,
  type Variable,
  when,
} from '../../src/model/system.ts'
import { bv, type Term } from '../../src/model/term.ts'

const COUNT = rigid.bits('N', 8)
const cell = domain('cell', 8, () => COUNT.now)
const word = domain('word', 8)
const a = state.bits('a', 8)
const b = state.bits('b', 8)
const cells = state.per(cell).bits('cells', 8)
const words = state.per(word).bits('words', 8)
const marks = state.per(word).flag('marks')

const none = { actor: 'hardware', cite: 'test', parameters: {} } as const
const swap = action('swap', none, () => ({ cases: { swaps: [a.set(b.now), b.set(a.now)] } }))
const count = action('count', none, () => ({
  cases: {
    up: given(a.now.ult(3), a.set(a.now.plus(1)), when(b.now.isZero(), b.set(bv(8, 9)))),
    'start over': [a.set(bv(8, 0)), a.set(bv(8, 1))],
  },
}))
const clear = action('clear', none, () => ({
  guard: a.now.isZero(),
  everywhere: [forAll('small', [cell], (c) => cells.at(c).ult(10))],
  cases: {
    all: [cells.sweep((c) => c.plus(1).as()), words.sweep((w) => words.at(w).plus(1)), marks.sweep((w) => words.at(w).isZero())],
  },
}))
const fill = action('fill', { ...none, parameters: { from: word, many: word } }, ({ from, many }) => ({
  cases: { fills: [words.block(from, many, (n) => n.plus(100)), words.set(from, bv(8, 1))] },
}))
const system: System = {
  name: 'small',
  domains: [cell, word],
  variables: [COUNT, a, b, cells, words, marks],
  facts: [],
  initial: [],
  actions: [swap, count, clear, fill],
}

const stateOf = (values: readonly (readonly [Variable, Value])[]) =>
  new RunState(system, new Map(values.map(([v, value]): [Term, Value] => [termOf(v), value])))
const tableOf = (entries: Readonly<Record<number, bigint>>, otherwise = 0n) =>
  new ArrayValue(otherwise, new Map(Object.entries(entries).map(([i, v]) => [BigInt(i), v])))
const none0 = new Map<Term, Value>()

test('all effects read the state before, and later ones win', () => {
  const swapped = stateOf([
    [a, 1n],
    [b, 2n],
  ]).after(swap, none0).state
  assert.equal([swapped.of(a), swapped.of(b)], [2n, 1n])
  const again = stateOf([[a, 3n]]).after(count, none0)
  assert.is(again.case.name, 'start over')
  assert.equal([again.state.of(a), again.state.of(b)], [1n, 0n])
  const up = stateOf([]).after(count, none0)
  assert.equal(
    changes(stateOf([]), up.state).map((c) => [c.variable.name, c.from, c.to]),
    [
      ['a', 0n, 1n],
      ['b', 0n, 9n],
    ],
  )
})

test('a sweep goes through the elements that there are', () => {
  const before = stateOf([
    [COUNT, 3n],
    [words, tableOf({ 7: 0n })],
  ])
  assert.equal(before.elements(cell), [0n, 1n, 2n])
  assert.equal(before.elements(word), [7n])
  const { state } = before.after(clear, none0)
  assert.equal(
    [0n, 2n, 3n].map((i) => state.element(cells, i)),
    [1n, 3n, 0n],
  )
  assert.equal([state.element(words, 7n), state.element(words, 8n)], [1n, 0n])
  // Present in any table of the domain.
  assert.equal([state.element(marks, 7n), state.element(marks, 8n)], [true, false])
  assert.throws(() => stateOf([]).elements({ ...cell, count: () => bv(32, 1 << 30) }), /too many/)
})

test('a block wraps around, and is nothing when its count is zero', () => {
  const [from, many] = fill.parameters.map((p) => p.term) as [Term, Term]
  const filled = (f: bigint, n: bigint) =>
    stateOf([]).after(
      fill,
      new Map<Term, Value>([
        [from, f],
        [many, n],
      ]),
    ).state
  assert.equal(
    [254n, 255n, 0n, 1n].map((i) => filled(254n, 3n).element(words, i)),
    [1n, 101n, 102n, 0n],
  )
  assert.equal(
    [9n, 10n].map((i) => filled(9n, 0n).element(words, i)),
    [1n, 0n],
  )
})

test('an action is refused for its guard, for an element, or for a parameter that is none', () => {
  assert.is(stateOf([[a, 1n]]).refusal(clear, none0)?.kind, 'guard')
  const refused = stateOf([
    [COUNT, 3n],
    [cells, tableOf({ 2: 10n, 3: 10n })],
  ]).refusal(clear, none0)
  assert.equal(refused?.kind === 'everywhere' ? refused.ids : undefined, [2n])
  assert.is(
    stateOf([
      [COUNT, 2n],
      [cells, tableOf({ 2: 10n })],
    ]).refusal(clear, none0),
    undefined,
  )
  const name = action('name', { ...none, parameters: { c: cell } }, () => ({ cases: { does: [] } }))
  const naming = (c: bigint) => stateOf([[COUNT, 2n]]).refusal(name, new Map<Term, Value>([[name.parameters[0]!.term, c]]))?.kind
  assert.equal([naming(1n), naming(2n)], [undefined, 'parameter'])
})

/** Every variable after an action, by running it and by the terms of the state after it. */
test('runs and the terms of later states agree', () => {
  let seed = 7
  const draw = (n: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % n
  }
  const table = () => tableOf(Object.fromEntries(Array.from({ length: 4 }, (_, i) => [i, BigInt(draw(12))])))
  for (let round = 0; round < 300; round++) {
    const count = BigInt(4)
    const before = stateOf([
      [COUNT, count],
      [a, BigInt(draw(5))],
      [b, BigInt(draw(3))],
      [cells, table()],
      [words, table()],
    ])
    const chosen: Action = system.actions[draw(4)]!
    const parameters = new Map(chosen.parameters.map((p): [Term, Value] => [p.term, BigInt(draw(5))]))
    const state = before.after(chosen, parameters).state
    const view = after(present, chosen)
    for (const v of [a, b]) assert.is(state.of(v), before.value(view.scalar(v.now), parameters))
    for (const t of [cells, words])
      for (let i = 0; i < 4; i++)
        assert.is(state.element(t, BigInt(i)), before.value(view.read(t, bv(8, i)), parameters), `${chosen.name} ${t.name} ${i}`)
  }
})

test.run()

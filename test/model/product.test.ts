// Two runs of a small vault: a secret in two cells, a clerk that may carry it, a window through which others look.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mark, type Product, secretElements, secretScalar, twice } from '../../src/model/product.ts'
import { RunState, termOf } from '../../src/model/run.ts'
import { bvSort } from '../../src/model/sort.ts'
import { type Action, action, domain, forAll, given, rigid, state, type System, type Variable } from '../../src/model/system.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { bool, type Bool, bv, type Term } from '../../src/model/term.ts'

const test = suite('two runs of one system')

const COUNT = rigid.bits('clerks', 4)
const clerk = domain('clerk', 4, () => COUNT.now)
const box = domain('box', 8)
const content = state.per(box).bits('content', 8)
const isSafe = rigid.per(box).flag('safe')
const hand = state.per(clerk).bits('hand', 8)
const inside = state.per(clerk).flag('inside')
const shown = state.bits('shown', 8)
const pin = state.bits('pin', 8)
const isOpen = state.flag('open')
const about = { actor: 'hypervisor', cite: 'test' } as const

const put = action('put', { ...about, parameters: { a: box, value: bvSort(8) } }, ({ a, value }) => ({
  cases: { put: [content.set(a, value)] },
}))
const show = (guarded: boolean): Action =>
  action('show', { ...about, parameters: { a: box } }, ({ a }) => ({
    guard: guarded ? isSafe.at(a).not() : bool(true),
    cases: { shown: [shown.set(content.at(a))] },
  }))
const take = action('take', { ...about, parameters: { c: clerk, a: box } }, ({ c, a }) => ({
  guard: inside.at(c),
  cases: { taken: [hand.set(c, content.at(a))] },
}))
const enter = action('enter', { ...about, parameters: { c: clerk } }, ({ c }) => ({
  cases: { enters: [inside.set(c, bool(true))] },
}))
const leave = (cleared: boolean): Action =>
  action('leave', { ...about, parameters: { c: clerk } }, ({ c }) => ({
    cases: { leaves: [inside.set(c, bool(false)), ...(cleared ? [hand.set(c, bv(8, 0))] : [])] },
  }))
const enterPin = action('enter a pin', { ...about, parameters: { value: bvSort(8) } }, ({ value }) => ({
  cases: { opens: given(value.eq(pin.now), isOpen.set(bool(true))), refuses: [] },
}))
const stopped = action('stop at seven', { ...about, parameters: {} }, () => ({
  guard: pin.now.ne(7),
  cases: { stops: [isOpen.set(bool(false))] },
}))
const read = action('weigh', { ...about, parameters: { a: box, weight: bvSort(8) } }, ({ a, weight }) => ({
  everywhere: [forAll('it is weighed', [], () => weight.eq(isSafe.at(a).ite(bv(8, 1), content.at(a))))],
  cases: { weighed: [shown.set(weight)] },
}))
const weighsAll = action('weigh all', { ...about, parameters: { a: box, weight: bvSort(8) } }, ({ a, weight }) => ({
  everywhere: [forAll('it is weighed', [], () => weight.eq(content.at(a)))],
  cases: { weighed: [] },
}))

const variables: readonly Variable[] = [COUNT, content, isSafe, hand, inside, shown, pin, isOpen]
const vault = (...actions: readonly Action[]): System => ({
  name: 'vault',
  domains: [clerk, box],
  variables,
  facts: [],
  initial: [forAll('all are outside', [clerk], (c) => inside.at(c).not())],
  actions,
})
const secrets = [
  secretElements(content, (a) => isSafe.at(a)),
  secretElements(hand, (c) => inside.at(c)),
  secretScalar(pin, bool(true)),
]
const productOf = (...actions: readonly Action[]): Product => twice(vault(...actions), secrets)

/** Box 5 is safe; the first run's content and pin are 1, the second's 2. */
function begin(product: Product, more: readonly (readonly [Variable, Value])[] = []): RunState {
  const table = (otherwise: bigint | boolean, at: bigint, value: bigint | boolean) =>
    new ArrayValue(otherwise, new Map([[at, value]]))
  const { copyOf } = product
  const values: readonly (readonly [Variable, Value])[] = [
    [COUNT, 2n],
    [isSafe, table(false, 5n, true)],
    [content, table(0n, 5n, 1n)],
    [copyOf(content), table(0n, 5n, 2n)],
    [pin, 1n],
    [copyOf(pin), 2n],
    ...more,
  ]
  return new RunState(product.system, new Map(values.map(([v, value]): [Term, Value] => [termOf(v), value])))
}
function steps(state: RunState, ...all: readonly (readonly [string, Readonly<Record<string, bigint>>])[]): RunState {
  return all.reduce((now, [name, given]) => {
    const taken = now.system.actions.find((a) => a.name === name)!
    const parameters = new Map(taken.parameters.map((p): [Term, Value] => [p.term, given[p.name] ?? 0n]))
    assert.is(now.refusal(taken, parameters), undefined, `${name} can be taken`)
    return now.after(taken, parameters).state
  }, state)
}
const difference = ({ differences }: Product, state: RunState): string => differences[Number(state.of(mark))]!

test('a secret that is shown raises the mark, by the name of what differs', () => {
  const product = productOf(show(false))
  assert.is(difference(product, steps(begin(product), ['show', { a: 4n }])), 'nothing')
  assert.is(difference(product, steps(begin(product), ['show', { a: 5n }])), 'shown')
  // Equal secrets are no difference.
  const equal = begin(product, [[product.copyOf(content), new ArrayValue(1n)]])
  assert.is(difference(product, steps(equal, ['show', { a: 5n }])), 'nothing')
})

test('secrets move where they may be, and the second run keeps its own', () => {
  const product = productOf(enter, take, leave(true), put, show(true))
  const held = steps(begin(product), ['enter', { c: 1n }], ['take', { c: 1n, a: 5n, 'look at clerk': 1n }])
  assert.is(difference(product, held), 'nothing')
  assert.is(held.element(hand, 1n), 1n)
  assert.is(held.value(product.second.apply(hand.at(bv(4, 1)))), 2n)
  assert.is(difference(product, steps(held, ['leave', { c: 1n, 'look at clerk': 1n }])), 'nothing')
})

test('who leaves with a secret in hand is seen, by those who look there', () => {
  const product = productOf(enter, take, leave(false))
  const held = steps(begin(product), ['enter', { c: 1n }], ['take', { c: 1n, a: 5n, 'look at clerk': 1n }])
  assert.is(difference(product, steps(held, ['leave', { c: 1n, 'look at clerk': 1n }])), 'hand')
  assert.is(difference(product, steps(held, ['leave', { c: 1n, 'look at clerk': 0n }])), 'nothing')
})

test('a known value that overwrites a secret is one in both runs', () => {
  const product = productOf(put, show(false))
  const known = steps(begin(product), ['put', { a: 5n, value: 9n, 'look at box': 5n }], ['show', { a: 5n }])
  assert.is(difference(product, known), 'nothing')
})

test('a branch on a secret, and a step that a secret makes impossible, are differences', () => {
  const product = productOf(enterPin, stopped)
  assert.is(difference(product, steps(begin(product), ['enter a pin', { value: 1n }])), 'open')
  assert.is(difference(product, steps(begin(product), ['enter a pin', { value: 2n }])), 'open')
  assert.is(difference(product, steps(begin(product), ['enter a pin', { value: 3n }])), 'nothing')
  const seven = begin(product, [[product.copyOf(pin), 7n]])
  assert.is(difference(product, steps(seven, ['stop at seven', {}])), 'what is possible')
  assert.is(difference(product, steps(begin(product), ['stop at seven', {}])), 'nothing')
})

test('a reading of a secret is one only where it matters', () => {
  const product = productOf(read, weighsAll)
  assert.is(difference(product, steps(begin(product), ['weigh', { a: 5n, weight: 1n }])), 'nothing')
  assert.is(difference(product, steps(begin(product), ['weigh all', { a: 5n, weight: 1n }])), 'what is read')
  assert.is(difference(product, steps(begin(product), ['weigh all', { a: 4n, weight: 0n }])), 'nothing')
})

test('runs that differ in what is told on purpose are no pair', () => {
  const system = vault(enterPin)
  const value = enterPin.parameters[0]!.term
  const told = { action: 'enter a pin', when: bool(true), told: pin.now.eq(value as never) as Bool }
  const product = twice(system, secrets, { releases: [told] })
  const guess = product.system.actions[0]!
  const state = begin(product)
  assert.not(state.holds(guess.guard, new Map([[value, 1n]])))
  assert.is(difference(product, steps(state, ['enter a pin', { value: 3n }])), 'nothing')
  const always = twice(system, secrets, { releases: [{ ...told, when: isOpen.now }] })
  assert.is(difference(always, steps(begin(always), ['enter a pin', { value: 1n }])), 'open')
})

test('secrets that make no sense are refused', () => {
  const system = vault(show(true))
  assert.throws(() => twice({ ...system, variables: [COUNT] }, secrets), 'vault has no content')
  assert.throws(() => twice(system, [secretElements(content, (a) => content.at(a).isZero())]), 'depends on content, which is')
  assert.throws(() => twice(system, [secretElements(content, () => isOpen.now)]), 'cannot change')
  const of = (action: string, when: Bool) => ({ action, when, told: pin.now })
  assert.throws(() => twice(system, secrets, { releases: [of('sing', bool(true))] }), 'has no action called sing')
  assert.throws(() => twice(system, secrets, { releases: [of('show', pin.now.isZero())] }), 'is a secret itself')
})

test('a step that touches no secret is the same step', () => {
  const closes = action('close', { ...about, parameters: {} }, () => ({ cases: { closed: [isOpen.set(bool(false))] } }))
  const product = productOf(closes)
  assert.is(
    product.system.actions[0]!.cases[0]!.effects.some((e) => e.variable === mark),
    false,
  )
})
test.run()

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Asked, minimalSets, nothingKnown, type Piece } from '../../src/prover/minimal-sets.ts'
import { minimalOf, type Names, transversals } from '../../src/prover/transversals.ts'

const test = suite('minimal sets')
const NAMES = ['a', 'b', 'c', 'd', 'e']

/** A piece that goes through where one of the sets holds. */
const piece = (sets: readonly Names[], more: Partial<Piece> = {}): Piece => ({
  names: NAMES,
  weight: 1,
  known: nothingKnown(),
  ask: async (kept): Promise<Asked> => {
    const used = sets.find((s) => s.every((name) => kept.has(name)))
    return used === undefined ? { kind: 'no' } : { kind: 'yes', used }
  },
  ...more,
})

const subsets = (names: Names): Names[] =>
  Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_name, n) => (bits >> n) % 2 === 1))
const text = (family: readonly Names[]): string[] => family.map((s) => [...s].sort().join('')).sort()

test('hitting sets of a family', () => {
  assert.equal(text(transversals([], 9)!), [''])
  assert.equal(text(transversals([[]], 9)!), [])
  assert.equal(
    text(
      transversals(
        [
          ['a', 'b'],
          ['b', 'c'],
        ],
        9,
      )!,
    ),
    ['ac', 'b'],
  )
  assert.equal(text(transversals([['a'], ['b'], ['a', 'b', 'c']], 9)!), ['ab'])
  assert.is(
    transversals(
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ],
      7,
    ),
    undefined,
  )
})

test('one of two, and one of two others that share one', async () => {
  const found = await minimalSets([piece([['a'], ['b']]), piece([['b'], ['c']])], NAMES)
  assert.equal(found.sets, [['b'], ['a', 'c']])
  assert.equal(
    found.needed.map((n) => n.names),
    [
      ['a', 'b'],
      ['b', 'c'],
    ],
  )
  assert.is(found.incomplete, undefined)
})

test('nothing is needed', async () => {
  assert.equal(await minimalSets([piece([[]])], NAMES), { sets: [[]], needed: [] })
  assert.equal(await minimalSets([], NAMES), { sets: [[]], needed: [] })
})

test('what is found is what trying everything finds', async () => {
  const family = fc.array(fc.subarray(NAMES), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.array(family, { minLength: 1, maxLength: 3 }), async (pieces) => {
      const suffices = (s: Names) => pieces.every((sets) => sets.some((some) => some.every((name) => s.includes(name))))
      const expected = minimalOf(subsets(NAMES).filter(suffices))
      const found = await minimalSets(
        pieces.map((sets) => piece(sets)),
        NAMES,
      )
      assert.equal(text(found.sets), text(expected))
      assert.equal(text(found.needed.map((n) => n.names)), text(transversals(expected, 99)!))
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('a question without an answer is said to be one, and what is listed suffices all the same', async () => {
  const never = piece([['a', 'b']])
  const unsure = piece([['a'], ['b']], {
    ask: async (kept) => (kept.has('a') || !kept.has('b') ? piece([['a']]).ask(kept) : { kind: 'unknown', reason: 'timeout' }),
  })
  const alone = await minimalSets([unsure], NAMES)
  assert.equal(alone.sets, [['a']])
  assert.is(alone.incomplete, 'timeout')
  assert.equal(alone.needed, [{ names: ['a'], doubt: 'timeout' }])
  const covered = await minimalSets([never, unsure], NAMES)
  assert.equal(covered.sets, [['a', 'b']])
  assert.is(covered.incomplete, undefined)
})

test('a cap on candidates or on questions is said', async () => {
  const pairs = () => [piece([['a'], ['b']]), piece([['c'], ['d']])]
  assert.match((await minimalSets(pairs(), NAMES, { sets: 3, questions: 99 })).incomplete!, 'more than 3 candidates')
  const few = await minimalSets(pairs(), NAMES, { sets: 9, questions: 1 })
  assert.match(few.incomplete!, 'in 1 questions')
  for (const s of few.sets) assert.ok(['a', 'b'].some((n) => s.includes(n)) && ['c', 'd'].some((n) => s.includes(n)))
})

test('what does not hold at all has no sets', async () => {
  const found = await minimalSets([piece([])], NAMES)
  assert.match(found.incomplete!, 'not all of it is proved')
})

test.run()

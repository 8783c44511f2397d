// The printed text means what the term means: with all variables pinned to random values, the solver finds the assertion
// satisfiable exactly when evaluation says true, in the array form and in the Ackermannised form alike; and a model that a
// solver finds satisfies the term under exact evaluation.

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrayValue, Evaluator, type Value } from '../../src/model/evaluate.ts'
import { and, arrayVar, type Bool, boolVar, bv, type Bv, bvVar, type Term } from '../../src/model/term.ts'
import { CounterModel } from '../../src/prover/countermodel.ts'
import { printScript } from '../../src/prover/smtlib.ts'
import { isMissing, openSolver } from '../../src/prover/solver/open.ts'

const test = suite('smtlib')
const opened = await openSolver('wasm', { jobs: 2 })
if (isMissing(opened)) throw new Error('no embedded solver')
const solver = opened
const seed = Number(process.env.SMMCHECK_SEED ?? 7)

const WIDTH = 8
const memory = arrayVar('m', { kind: 'array', index: WIDTH, element: { kind: 'bv', width: WIDTH } })
const leaves: readonly Bv[] = [bvVar('x', WIDTH), bvVar('y', WIDTH), bv(WIDTH, 0), bv(WIDTH, 255), bv(WIDTH, 12)]
const { word } = fc.letrec<{ word: Bv }>((tie) => ({
  word: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...leaves),
    tie('word').map((a) => memory.at(a)),
    fc.tuple(tie('word'), tie('word')).map(([a, b]) => a.plus(b)),
    fc.tuple(tie('word'), tie('word')).map(([a, b]) => a.bitand(b)),
    fc.tuple(tie('word'), tie('word')).map(([a, b]) => a.shl(b)),
    fc.tuple(tie('word'), tie('word'), tie('word')).map(([a, b, c]) => a.ult(b).ite(c, a.minus(c))),
    tie('word').map((a) => a.bits(3, 0).concat(a.bits(7, 4))),
    fc.tuple(tie('word'), tie('word'), tie('word')).map(([i, v, j]) => memory.store(i, v).at(j)),
  ),
}))
const claim: fc.Arbitrary<Bool> = fc
  .array(fc.tuple(word, word, fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((pairs) => and(...pairs.map(([a, b, less]) => (less ? a.ult(b) : a.eq(b).or(boolVar('p'))))))
interface State {
  readonly x: bigint
  readonly y: bigint
  readonly p: boolean
  readonly cells: readonly bigint[]
}
const byte = fc.bigInt({ min: 0n, max: 255n })
const state: fc.Arbitrary<State> = fc.record({
  x: byte,
  y: byte,
  p: fc.boolean(),
  cells: fc.array(byte, { minLength: 256, maxLength: 256 }),
})

const environment =
  ({ x, y, p, cells }: State) =>
  (v: Term): Value => {
    if (v.attribute === 'x') return x
    if (v.attribute === 'y') return y
    if (v.attribute === 'p') return p
    return new ArrayValue(0n, new Map(cells.map((c, i) => [BigInt(i), c])))
  }
const pinned = ({ x, y, p, cells }: State): Bool[] => [
  bvVar('x', WIDTH).eq(x),
  bvVar('y', WIDTH).eq(y),
  p ? boolVar('p') : boolVar('p').not(),
  ...cells.map((c, i) => memory.at(bv(WIDTH, i)).eq(c)),
]
const ask = (terms: readonly Bool[], ackermannise: boolean, want: 'verdict' | 'model') =>
  solver.solve({
    id: 'print',
    smt2: printScript(
      terms.map((term) => ({ term })),
      { ackermannise },
    ).text,
    timeoutMs: 30_000,
    want,
  })

test('both forms agree with evaluation on pinned values', async () => {
  const property = fc.asyncProperty(claim, state, async (term, at) => {
    const expected = new Evaluator(environment(at)).bool(term) ? 'sat' : 'unsat'
    for (const form of [true, false]) assert.is((await ask([term, ...pinned(at)], form, 'verdict')).kind, expected)
  })
  await fc.assert(property, { numRuns: 12, seed })
})

test('models satisfy the term under exact evaluation', async () => {
  const property = fc.asyncProperty(claim, async (term) => {
    const script = printScript([{ term }])
    const answer = await solver.solve({ id: 'model', smt2: script.text, timeoutMs: 30_000, want: 'model' })
    const other = await ask([term], false, 'verdict')
    assert.is(answer.kind, other.kind)
    if (answer.kind !== 'sat') return
    const model = new CounterModel(answer.model, script.selects)
    const obligation = {
      id: 'm',
      conjunct: 'm',
      parts: [],
      origin: { kind: 'validity' as const },
      hypotheses: [],
      goal: term.not(),
    }
    assert.is(model.failure(obligation), undefined)
  })
  await fc.assert(property, { numRuns: 25, seed })
})
test.after(() => solver.close())
test.run()

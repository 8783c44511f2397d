import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, bv, bvVar } from '../../src/model/term.ts'
import { claimOf, decideClaim, FakeOracle, hypothesis, obligation, sat, timedOut, unsat } from './engine.ts'

const x = bvVar('x', 8)
const y = bvVar('y', 8)
const isVacuityQuestion = (id: string): boolean => id.includes('#hypotheses')

test('what the simplifier decides is not asked about', async () => {
  const oracle = new FakeOracle(({ id }) => (isVacuityQuestion(id) ? sat({ x: 1n }) : unsat))
  const { claim, obligations } = await decideClaim(
    claimOf([obligation('same', [], x.eq(x)), obligation('given', [hypothesis('h', x.ult(3))], x.ult(3))]),
    oracle,
  )
  assert.is(claim.verdict, 'proved')
  assert.is(claim.obligations.bySimplification, 2)
  assert.equal(
    obligations.map((o) => o.by),
    ['simplification', 'simplification'],
  )
  // The hypothesis x < 3 still has to be satisfiable.
  assert.ok(oracle.asked.every(({ id }) => isVacuityQuestion(id)))
})

test('hypotheses of other topics are left out at first, and taken in when that is not enough', async () => {
  const given = claimOf([
    obligation(
      'goal',
      [hypothesis('other', y.ult(3), 'B'), hypothesis('own', x.ult(3), 'A'), hypothesis('all', x.ugt(0))],
      x.ult(y),
      'A',
    ),
  ])
  const oracle = new FakeOracle(({ id }) =>
    isVacuityQuestion(id) ? sat({ x: 1n, y: 2n }) : id.endsWith('#all') ? unsat : sat({}),
  )
  const { obligations } = await decideClaim(given, oracle)
  assert.is(obligations[0]?.verdict, 'proved')
  assert.is(obligations[0]?.hypotheses, 'all')
  const [narrow, full] = oracle.asked
  assert.not.match(narrow!.smt2, '(declare-fun y () (_ BitVec 8))\n(assert (bvult y')
  assert.is(narrow!.want, 'verdict')
  assert.is(full!.want, 'model')
  assert.ok(narrow!.smt2.length < full!.smt2.length)
})

test('a model that the exact evaluation does not follow is a disagreement', async () => {
  const given = claimOf([obligation('goal', [hypothesis('small', x.ult(3))], x.ne(2))])
  const verdictFor = async (value: bigint) => (await decideClaim(given, new FakeOracle(() => sat({ x: value })))).obligations[0]!
  assert.is((await verdictFor(2n)).verdict, 'refuted')
  assert.is((await verdictFor(7n)).verdict, 'disagreement')
  assert.match((await verdictFor(7n)).reason!, 'breaks the hypothesis "small"')
  assert.match((await verdictFor(1n)).reason!, 'the goal holds in the model')
})

test('a second solver that differs is a disagreement, one without an answer is reported', async () => {
  const given = claimOf([obligation('goal', [], x.ule(x.bitor(y))), obligation('same', [], bool(true))])
  const first = () => new FakeOracle(() => unsat)
  const differing = await decideClaim(given, first(), { second: new FakeOracle(() => sat({})) })
  assert.is(differing.claim.verdict, 'disagreement')
  const silent = await decideClaim(given, first(), { second: new FakeOracle(() => timedOut) })
  assert.is(silent.claim.verdict, 'proved')
  assert.is(silent.obligations[0]?.crossCheck?.answer, 'unknown')
  const agreeing = new FakeOracle(() => unsat)
  const agreed = await decideClaim(given, first(), { second: agreeing })
  assert.is(agreed.obligations[1]?.crossCheck?.answer, 'agrees')
  assert.is(agreeing.asked.length, 2, 'what the simplifier decided is cross-checked, too')
})

test('one state serves many sets of hypotheses', async () => {
  const goals = [1, 2, 3, 4, 5].map((n) =>
    obligation(`goal ${n}`, [hypothesis('a', x.ult(100 + n)), hypothesis('b', y.ult(50))], x.bitand(y).ule(bv(8, 50 + n))),
  )
  // Zero is the same number in any number of bits.
  const oracle = new FakeOracle(({ id }) => (isVacuityQuestion(id) ? sat({ x: 0n, y: 0n }) : unsat))
  const { claim } = await decideClaim(claimOf(goals), oracle)
  assert.is(claim.verdict, 'proved')
  assert.is(oracle.asked.filter(({ id }) => isVacuityQuestion(id)).length, 1)
})

test('a state that breaks a hypothesis is none; the question is put again with all bits', async () => {
  const given = claimOf([obligation('goal', [hypothesis('a', x.ult(101)), hypothesis('b', y.ult(x))], x.bitand(y).ule(x))])
  const oracle = new FakeOracle(({ id, smt2 }) => {
    if (!isVacuityQuestion(id)) return unsat
    return smt2.includes('(declare-fun x () (_ BitVec 8))') ? sat({ x: 4n, y: 3n }) : sat({ x: 0n, y: 0n }, 5)
  })
  const { claim } = await decideClaim(given, oracle)
  assert.is(claim.verdict, 'proved')
  assert.is(oracle.asked.filter(({ id }) => isVacuityQuestion(id)).length, 2)
  const wrong = new FakeOracle(({ id }) => (isVacuityQuestion(id) ? sat({ x: 0n, y: 0n }) : unsat))
  assert.is((await decideClaim(given, wrong)).claim.verdict, 'unknown')
})

test('contradictory hypotheses make their obligations vacuous, and are named', async () => {
  const given = claimOf([
    obligation('bad', [hypothesis('low', x.ult(3)), hypothesis('aside', y.ult(3)), hypothesis('high', x.ugt(7))], x.eq(y)),
    obligation('good', [hypothesis('low', x.ult(3))], x.ult(9)),
  ])
  const oracle = new FakeOracle(({ id, want }) => {
    if (want === 'core') return { kind: 'unsat', core: ['h0', 'h2'], ms: 1 }
    return isVacuityQuestion(id) && id.includes('good') ? sat({ x: 1n }) : unsat
  })
  const { claim, obligations } = await decideClaim(given, oracle)
  assert.is(claim.verdict, 'vacuous')
  assert.equal(
    obligations.map((o) => o.verdict),
    ['vacuous', 'proved'],
  )
  assert.equal(obligations[0]?.contradiction, ['low', 'high'])
})

test('no known state within the time limit is unknown', async () => {
  const given = claimOf([obligation('goal', [hypothesis('h', x.ult(y))], x.ne(y))])
  const { obligations } = await decideClaim(given, new FakeOracle(({ id }) => (isVacuityQuestion(id) ? timedOut : unsat)))
  assert.is(obligations[0]?.verdict, 'unknown')
  assert.match(obligations[0]!.reason!, 'no state found that satisfies the hypotheses (timeout: ')
})

test('an expected refutation ends the claim; the rest is not asked about', async () => {
  const goals = [1, 2, 3, 4].map((n) => obligation(`goal ${n}`, [], x.plus(n).ne(9)))
  const oracle = new FakeOracle(({ id }) => sat({ x: 9n - BigInt(/goal (\d)/.exec(id)![1]!) }))
  const { claim } = await decideClaim(claimOf(goals, { expect: 'refuted' }), oracle)
  assert.is(claim.verdict, 'refuted')
  assert.ok(claim.asExpected)
  assert.is(claim.obligations.skipped, 3)
  assert.is(oracle.asked.length, 1)
})

test('a claim without obligations is vacuous', async () => {
  const { claim } = await decideClaim(claimOf([]), new FakeOracle(() => unsat))
  assert.is(claim.verdict, 'vacuous')
})

test('what goes wrong while obligations are built is passed on', async () => {
  const given = claimOf([], {
    obligations: () => {
      throw new RangeError('no such level')
    },
  })
  let message = ''
  await decideClaim(given, new FakeOracle(() => unsat)).catch((e: Error) => {
    message = e.message
  })
  assert.is(message, 'no such level')
})

test.run()

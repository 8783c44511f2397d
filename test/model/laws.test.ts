// Every rewriting rule on its own: the equation holds (naive evaluation of both sides), the built term means what was
// written, and the rule fires. Ends with the proof that no rule was forgotten: the engine's own coverage of simplify.ts.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../src/model/evaluate.ts'
import { build } from '../../src/model/simplify.ts'
import { arraySort, bvSort, describeSort } from '../../src/model/sort.ts'
import { arrayVar, boolVar, bv, bvVar, type Op, type Term } from '../../src/model/term.ts'
import { BlockCoverage } from '../support/coverage.ts'
import { describe, forEvaluator, naive, randomEnvironment, sameValue, toNaive } from '../support/naive.ts'
import { forAll } from '../support/property.ts'
import * as t from '../support/tree.ts'
import { TreeMaker } from '../support/trees.ts'
import type { Choices } from '../support/choices.ts'
import * as simple from './laws.ts'
import type { Given } from './laws.ts'
import { arithmetic, arrays, pieces, places } from './laws-bits.ts'

// Counts from before the first term is built.
const coverage = await BlockCoverage.start()

const groups = {
  connectives: simple.connectives,
  equality: simple.equalities,
  comparison: simple.comparisons,
  'if-then-else': simple.choices,
  'extract, concat, complement': pieces,
  arithmetic,
  'one bit at a place': places,
  arrays,
}

/** Operands that are variables, each a new one. */
function variables(choices: Choices): Given {
  let made = 0
  const operand: Given['operand'] = (sort) => t.variable(`v${made++}`, sort)
  return givenOf(choices, operand)
}
/** Operands that are any trees. */
function trees(choices: Choices): Given {
  const maker = new TreeMaker(choices)
  return givenOf(choices, (sort) => maker.ofSort(sort, 2))
}
function givenOf(choices: Choices, operand: Given['operand']): Given {
  return {
    choices,
    operand,
    width: (least = 1) => Math.max(least, choices.width()),
    truth: () => operand({ kind: 'bool' }),
    number: (width) => operand({ kind: 'bv', width }),
  }
}

const laws = suite('laws')

for (const [group, list] of Object.entries(groups))
  for (const { name, make } of list) {
    laws(`${group}: ${name}`, () => {
      const print = ({ left, right }: { left: t.Tree; right: t.Tree }) => `${t.print(left)} = ${t.print(right)}`
      forAll(
        15,
        (choices) => make(variables(choices)),
        print,
        ({ left, right }) => assert.ok(Object.is(t.termOf(left), t.termOf(right)), 'the rule does not fire'),
      )
      forAll(
        25,
        (choices) => ({ ...make(trees(choices)), seed: choices.below(1 << 30) }),
        print,
        ({ left, right, seed }) => {
          const environment = randomEnvironment(seed)
          const meant = naive(left, environment)
          const agrees = (value: ReturnType<typeof naive>, who: string) =>
            assert.ok(
              sameValue(meant, value, left.sort),
              `${who}: ${describe(meant, left.sort)} became ${describe(value, left.sort)}`,
            )
          agrees(naive(right, environment), 'the equation does not hold')
          agrees(toNaive(evaluate(t.termOf(left), forEvaluator(environment))), 'the term means something else')
          agrees(toNaive(evaluate(t.termOf(right), forEvaluator(environment))), 'the right side means something else')
        },
      )
    })
  }

laws('limits: a conjunction beyond the flattening limit stays nested and means the same', () => {
  const many = (from: number) => t.all(...Array.from({ length: 40 }, (_, i) => t.variable(`w${from + i}`, { kind: 'bool' })))
  const tree = t.all(many(0), many(40))
  const term = t.termOf(tree)
  assert.is(term.op, 'and')
  assert.ok(term.args.length < 80 && term.args.some(({ op }) => op === 'and'))
  for (const value of [true, false]) {
    const environment = (name: string) => (name.startsWith('w63:') ? value : true)
    assert.is(evaluate(term, forEvaluator(environment)), value)
  }
})

laws('limits: additions whose constants wrap stay apart', () => {
  const x = t.variable('x', bvSort(8))
  const tree = t.binary('plus', t.binary('plus', x, t.number(8, 200)), t.number(8, 100))
  const term = t.termOf(tree)
  assert.is(term.args[0]!.op, 'add')
  const largest = t.termOf(t.binary('plus', t.binary('plus', x, t.number(8, 200)), t.number(8, 55)))
  assert.is(largest.args[0]!.op, 'var')
  assert.is(
    evaluate(term, () => 1n),
    45n,
  )
})

laws('limits: a select past many stores needs no deep recursion', () => {
  let memory = arrayVar('memory', arraySort(32, bvSort(8)))
  const value = bvVar('v', 8)
  for (let i = 0; i < 20_000; i++) memory = memory.store(bv(32, i), value)
  assert.is(memory.at(bv(32, 70_000)).args[0]!.op, 'var')
})

laws('operands of the wrong sort are refused', () => {
  const [truth, byte, word] = [boolVar('b'), bvVar('x', 8), bvVar('y', 16)]
  const bytes = arrayVar('m', arraySort(16, bvSort(8)))
  const refused: readonly (readonly [Op, readonly Term[]])[] = [
    ['not', [byte]],
    ['and', [truth, byte]],
    ['or', [byte]],
    ['ite', [byte, truth, truth]],
    ['ite', [truth, byte, word]],
    ['eq', [byte, word]],
    ['eq', [byte, truth]],
    ['ult', [byte, word]],
    ['ult', [truth, truth]],
    ['ule', [truth, truth]],
    ['add', [byte, word]],
    ['add', [truth, truth]],
    ['bvnot', [truth]],
    ['concat', [byte, truth]],
    ['extract', [truth]],
    ['select', [bytes, byte]],
    ['store', [bytes, byte, byte]],
    ['store', [bytes, word, word]],
  ]
  for (const [op, args] of refused) {
    const refuse = (error: Error) => error instanceof TypeError && error.message.startsWith(`${op}: `)
    assert.throws(() => build(op, args, 0, 4), refuse, `${op} of ${args.map(({ sort }) => describeSort(sort)).join(', ')}`)
  }
  const unknown = 'rotate' as Op
  assert.throws(() => build(unknown, [byte, bvVar('z', 8)]), /no such operator: rotate/)
  assert.throws(() => build(unknown, [bv(8, 1), bv(8, 2)]), /no such operator: rotate/)
})

laws('no rule without a law: every block of the simplifier ran', async () => {
  assert.equal(await coverage.neverRun('src/model/simplify.ts', 'src/model/bit-at.ts', 'src/model/fold.ts'), [])
})

laws.run()

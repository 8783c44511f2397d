// The simplifier against evaluation: whatever tree is written down, the term built from it evaluates to what the naive
// evaluator says of the tree. Each single rule has its own law in laws.test.ts.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../src/model/evaluate.ts'
import { describeSort, sameSort } from '../../src/model/sort.ts'
import { describe, forEvaluator, naive, randomEnvironment, sameValue, toNaive } from '../support/naive.ts'
import { forAll } from '../support/property.ts'
import { print, termOf } from '../support/tree.ts'
import { TreeMaker } from '../support/trees.ts'

const simplifier = suite('simplifier')

for (const depth of [2, 3, 5]) {
  simplifier(`a term of depth ${depth} means what its tree says`, () => {
    forAll(
      1500,
      (choices) => ({ tree: new TreeMaker(choices).any(depth), seeds: [1, 2, 3, 4].map(() => choices.below(1 << 30)) }),
      ({ tree, seeds }) => `${print(tree)} with seeds ${seeds.join(', ')}`,
      ({ tree, seeds }) => {
        const term = termOf(tree)
        assert.ok(sameSort(term.sort, tree.sort), `built ${describeSort(term.sort)} for ${describeSort(tree.sort)}`)
        for (const seed of seeds) {
          const environment = randomEnvironment(seed)
          const [meant, got] = [naive(tree, environment), toNaive(evaluate(term, forEvaluator(environment)))]
          assert.ok(sameValue(meant, got, tree.sort), `${describe(meant, tree.sort)} became ${describe(got, tree.sort)}`)
        }
      },
    )
  })
}

simplifier.run()

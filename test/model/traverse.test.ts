// Walks over terms: substitution is evaluation under a composed environment; visit, variables and sizeOf see each distinct
// node once.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../src/model/evaluate.ts'
import { bvVar, type Term, varOf } from '../../src/model/term.ts'
import { sizeOf, Substitution, substitute, variables, visit } from '../../src/model/traverse.ts'
import { forEvaluator, naive, randomEnvironment, sameValue, toNaive, toValue } from '../support/naive.ts'
import { forAll } from '../support/property.ts'
import { print, type Tree, termOf, variable } from '../support/tree.ts'
import { TreeMaker } from '../support/trees.ts'

const traverse = suite('traverse')

const variablesOf = (tree: Tree): Tree[] => (tree.op === 'var' ? [tree] : tree.args.flatMap(variablesOf))

traverse('substitution is evaluation under the composed environment', () => {
  forAll(
    2000,
    (choices) => {
      const maker = new TreeMaker(choices)
      const tree = maker.any(4)
      const images = new Map<string, Tree>()
      for (const { at, sort } of variablesOf(tree))
        if (!images.has(`${at}`) && choices.chance(70)) images.set(`${at}`, maker.ofSort(sort, 2))
      return { tree, images, seed: choices.below(1 << 30) }
    },
    ({ tree, images, seed }) =>
      `${print(tree)} where ${[...images].map(([v, image]) => `${v} := ${print(image)}`).join(', ')} seed ${seed}`,
    ({ tree, images, seed }) => {
      const outer = randomEnvironment(seed)
      const composed: typeof outer = (name, sort) => {
        const image = images.get(name)
        return image === undefined ? outer(name, sort) : naive(image, outer)
      }
      const map = new Map<Term, Term>()
      for (const [name, image] of images) map.set(varOf(name, image.sort), termOf(image))
      const term = termOf(tree)
      const substituted = toNaive(evaluate(substitute(term, map), forEvaluator(outer)))
      assert.ok(sameValue(naive(tree, composed), substituted, tree.sort), 'substituted term')
      const evaluated = toNaive(evaluate(term, (v) => toValue(composed(v.attribute as string, v.sort))))
      assert.ok(sameValue(evaluated, substituted, tree.sort), 'composed environment')
    },
  )
})

traverse('substituting nothing, or each variable by itself, gives the same object', () => {
  forAll(
    300,
    (choices) => new TreeMaker(choices).any(4),
    print,
    (tree) => {
      const term = termOf(tree)
      assert.ok(Object.is(substitute(term, new Map()), term))
      assert.ok(Object.is(new Substitution((v) => v).apply(term), term))
    },
  )
})

traverse('substitution is simultaneous', () => {
  const [x, y] = [bvVar('x', 8), bvVar('y', 8)]
  const swapped = substitute(
    x.minus(y),
    new Map([
      [x, y],
      [y, x],
    ]),
  )
  assert.ok(Object.is(swapped, y.minus(x)))
})

traverse('one substitution serves many terms', () => {
  const [x, y] = [bvVar('x', 8), bvVar('y', 8)]
  let asked = 0
  const substitution = new Substitution((v) => {
    asked++
    return Object.is(v, x) ? y : undefined
  })
  assert.ok(Object.is(substitution.apply(x.plus(1)), y.plus(1)))
  assert.ok(Object.is(substitution.apply(x.plus(2)), y.plus(2)))
  assert.is(asked, 1)
})

traverse('visit sees every distinct node once, arguments first', () => {
  forAll(
    300,
    (choices) => [new TreeMaker(choices).any(4), new TreeMaker(choices).any(3)],
    (trees) => trees.map(print).join(' and '),
    (trees) => {
      const roots = trees.map(termOf)
      const seen = new Set<Term>()
      visit(roots, (t) => {
        assert.not(seen.has(t), 'twice')
        for (const a of t.args) assert.ok(seen.has(a), 'before its argument')
        seen.add(t)
      })
      for (const root of roots) assert.ok(seen.has(root))
      for (const t of seen) for (const a of t.args) assert.ok(seen.has(a))
      assert.is(sizeOf(roots), seen.size)
      assert.equal(
        variables(roots).map(({ id }) => id),
        [...seen].filter(({ op }) => op === 'var').map(({ id }) => id),
      )
    },
  )
})

traverse('variables come in order of first occurrence', () => {
  const tree = [variable('b', { kind: 'bv', width: 8 }), variable('a', { kind: 'bv', width: 8 })].map(termOf)
  const names = variables([tree[0]!, tree[1]!, tree[0]!]).map(({ attribute }) => attribute)
  assert.equal(names, ['b:v8', 'a:v8'])
})

traverse('deep terms need no deep recursion', () => {
  let term = bvVar('x', 64)
  const y = bvVar('y', 64)
  for (let i = 0; i < 50_000; i++) term = term.minus(y)
  assert.is(sizeOf([term]), 50_002)
  assert.is(
    evaluate(term, () => 0n),
    0n,
  )
  assert.is(sizeOf([substitute(term, new Map([[y, bvVar('z', 64)]]))]), 50_002)
})

traverse.run()

// Instantiation of universally quantified hypotheses: each axiom at every index term of its arrays that occurs in the
// obligation (its own instances included, twice over), so that obligations stay quantifier-free. The instances are printed.

import type { Term } from '../model/term.ts'
import { visit } from '../model/traverse.ts'
import type { Axiom, Hypothesis, Obligation } from './obligation.ts'

const ROUNDS = 2

/** The obligation with the instances of `axioms` among its hypotheses. */
export function instantiate(obligation: Obligation, axioms: readonly Axiom[]): Obligation {
  const instances: Hypothesis[] = []
  const done = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    const roots = [...obligation.hypotheses, ...instances].map((h) => h.term)
    const before = instances.length
    for (const axiom of axioms) {
      const indices = indexTerms([...roots, obligation.goal], axiom.arrays)
      const tuples: Term[][] =
        axiom.arity === 1 ? indices.map((i) => [i]) : indices.flatMap((i) => indices.filter((j) => j !== i).map((j) => [i, j]))
      for (const tuple of tuples) {
        const key = `${axiom.name}/${tuple.map((t) => t.id).join(',')}`
        if (done.has(key)) continue
        done.add(key)
        const term = axiom.instance(...tuple)
        if (term.value !== true) instances.push({ name: `${axiom.name} #${instances.length}`, term })
      }
    }
    if (instances.length === before) break
  }
  return instances.length === 0 ? obligation : { ...obligation, hypotheses: [...obligation.hypotheses, ...instances] }
}

function indexTerms(roots: readonly Term[], arrays: readonly Term[]): Term[] {
  const out = new Set<Term>()
  visit(roots, (t) => {
    if (t.op === 'select' && arrays.includes(t.args[0]!)) out.add(t.args[1]!)
  })
  return [...out]
}

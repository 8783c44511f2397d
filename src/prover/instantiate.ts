// Instantiation of universally quantified hypotheses: each axiom at every index term of its arrays that occurs in the
// obligation (its own instances included, twice over), so that obligations stay quantifier-free. The instances are printed.

import type { Bool, Term } from '../model/term.ts'
import { visit } from '../model/traverse.ts'
import type { Axiom, Hypothesis, Obligation } from './obligation.ts'

const ROUNDS = 2

/** The obligation with the instances of `axioms` among its hypotheses. */
export function instantiate(obligation: Obligation, axioms: readonly Axiom[]): Obligation {
  if (axioms.length === 0) return obligation
  const instances: Hypothesis[] = []
  const done = new Set<string>()
  const indices = new Map<Term, Set<Term>>()
  let roots: readonly Term[] = [...obligation.hypotheses.map((h) => h.term), obligation.goal]
  for (let round = 0; round < ROUNDS && roots.length > 0; round++) {
    for (const root of roots) for (const [array, index] of selectsOf(root)) addTo(indices, array, index)
    const made: Term[] = []
    for (const axiom of axioms)
      for (const tuple of tuplesOf(axiom, indices)) {
        const key = `${axiom.name}/${tuple.map((t) => t.id).join(',')}`
        if (done.has(key)) continue
        done.add(key)
        const term = instanceOf(axiom, tuple)
        if (term.value === true) continue
        instances.push({ name: `${axiom.name} #${instances.length}`, term })
        made.push(term)
      }
    roots = made
  }
  return instances.length === 0 ? obligation : { ...obligation, hypotheses: [...obligation.hypotheses, ...instances] }
}

function tuplesOf({ arrays, arity }: Axiom, indices: ReadonlyMap<Term, ReadonlySet<Term>>): Term[][] {
  const all = [...new Set(arrays.flatMap((array) => [...(indices.get(array) ?? [])]))]
  return arity === 1 ? all.map((i) => [i]) : all.flatMap((i) => all.filter((j) => j !== i).map((j) => [i, j]))
}

// Hypotheses and instances are shared by many obligations: what they contain, and what they are, is found once.

type Selects = readonly (readonly [array: Term, index: Term])[]
const selects = new WeakMap<Term, Selects>()
function selectsOf(root: Term): Selects {
  let known = selects.get(root)
  if (known === undefined) {
    const found: [Term, Term][] = []
    visit([root], (t) => {
      if (t.op === 'select') found.push([t.args[0]!, t.args[1]!])
    })
    known = found
    selects.set(root, known)
  }
  return known
}

const instancesOf = new WeakMap<Axiom, Map<string, Bool>>()
function instanceOf(axiom: Axiom, tuple: readonly Term[]): Bool {
  const known = instancesOf.get(axiom) ?? new Map<string, Bool>()
  instancesOf.set(axiom, known)
  const key = tuple.map((t) => t.id).join(',')
  const term = known.get(key) ?? axiom.instance(...tuple)
  known.set(key, term)
  return term
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}

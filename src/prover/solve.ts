// Equations among the hypotheses that define a variable are used up: the variable is replaced by what it equals, everywhere.
// What is left is satisfiable exactly when the obligation's negation is; often propagation alone decides it then.
// Leaves out: models (a variable that was replaced has no value in them), so only questions that want a verdict are solved.

import { bool, type Bool, Bv, type Term } from '../model/term.ts'
import { Substitution, variables } from '../model/traverse.ts'
import type { Hypothesis, Obligation } from './obligation.ts'
import { propagate } from './propagate.ts'
import { compare } from './sums.ts'

/** Definitions of one round do not speak of each other; longer chains take more rounds. */
const ROUNDS = 6

export function solved(obligation: Obligation): Obligation {
  let definitions = new Map<Term, Term>()
  let { hypotheses, goal } = obligation
  for (let round = 0; round <= ROUNDS && goal.value !== true; round++) {
    const values = new Substitution(
      (v) => definitions.get(v),
      ({ op }, [a, b]) => (op === 'eq' && a instanceof Bv ? compare(a, b as Bv) : undefined),
    )
    const known = propagate(
      bool(true),
      hypotheses.map((h) => ({ name: h.name, term: values.apply(h.term) })),
    )
    hypotheses = known.hypotheses
    goal = known.simplify(values.apply(goal))
    definitions = definitionsIn(hypotheses)
    if (definitions.size === 0) break
  }
  return { ...obligation, hypotheses, goal }
}

/** The same with the goal's denial among the hypotheses, where it defines variables and decides conditions, too. */
export function refuted(obligation: Obligation): Obligation {
  const denial = { name: 'denial of the goal', term: obligation.goal.not() }
  return solved({ ...obligation, hypotheses: [denial, ...obligation.hypotheses], goal: bool(false) })
}

/** Variables with the terms they equal; none of these terms has one of these variables. */
function definitionsIn(hypotheses: readonly Hypothesis[]): Map<Term, Term> {
  const definitions = new Map<Term, Term>()
  const used = new Set<Term>()
  for (const { term } of hypotheses)
    for (const [variable, value] of readings(term)) {
      if (definitions.has(variable) || used.has(variable)) continue
      const inside = variables([value])
      if (inside.some((v) => Object.is(v, variable) || definitions.has(v))) continue
      definitions.set(variable, value)
      for (const v of inside) used.add(v)
      break
    }
  return definitions
}

/** The ways to read a hypothesis as a definition, the youngest variable first. */
function readings(term: Bool): (readonly [Term, Term])[] {
  const denied = term.op === 'not'
  const atom = denied ? (term.args[0] as Bool) : term
  if (atom.op === 'var') return [[atom, bool(!denied)]]
  if (atom.op !== 'eq' || (denied && atom.args[0]!.sort.kind !== 'bool')) return []
  const [a, b] = atom.args as [Term, Term]
  const value = (t: Term): Term => (denied ? (t as Bool).not() : t)
  return [[b, value(a)] as const, [a, value(b)] as const].filter(([v]) => v.op === 'var' && v.sort.kind !== 'array')
}

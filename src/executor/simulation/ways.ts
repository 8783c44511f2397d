// How the instances of a statement are gone through: a statement is a disjunction of ways to be true, each of which speaks of
// some of the identifiers. Those that the dearest way speaks of are chosen first, so that all others are gone through only where
// nothing said yet makes the statement true.

import type { Quantified } from '../../model/system.ts'
import type { Bool, Term } from '../../model/term.ts'
import { sizeOf, variables } from '../../model/traverse.ts'

/** Smaller terms are computed where they are used. */
const LARGE = 12

/** Conditions of which one holds exactly if the term does. */
export function disjunctsOf(term: Bool): Bool[] {
  if (term.op === 'or') return (term.args as readonly Bool[]).flatMap(disjunctsOf)
  const [inner] = term.args
  if (term.op === 'not' && inner?.op === 'and') return (inner.args as readonly Bool[]).flatMap((a) => disjunctsOf(a.not()))
  return [term]
}

const known = new WeakMap<Term, ReadonlySet<Term>>()
export function mentions(term: Term, variable: Term): boolean {
  const all = known.get(term) ?? new Set<Term>(variables([term]))
  known.set(term, all)
  return all.has(variable)
}

/** The identifiers in the order in which to choose them. */
export function inOrder(over: Quantified['over'], ways: readonly Bool[]): Quantified['over'] {
  const dearest = [...ways].sort((a, b) => sizeOf([b]) - sizeOf([a]))
  const rank = (bound: Term) => dearest.findIndex((way) => mentions(way, bound))
  return [...over].sort((a, b) => rank(a.bound) - rank(b.bound))
}

/** The largest parts of the terms that satisfy a condition which parts of such parts satisfy, too. */
export function largest(terms: readonly Term[], is: (t: Term) => boolean): Term[] {
  const out = new Set<Term>()
  const seen = new Set<Term>()
  const stack = [...terms]
  for (let t = stack.pop(); t !== undefined; t = stack.pop()) {
    if (seen.has(t) || t.sort.kind === 'array') continue
    seen.add(t)
    if (!is(t)) stack.push(...(t.op === 'select' ? [t.args[1]!] : t.args))
    else if (sizeOf([t]) >= LARGE) out.add(t)
  }
  return [...out]
}

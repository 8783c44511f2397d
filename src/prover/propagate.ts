// Unit propagation over the hypotheses of an obligation, before any solver sees it: what the path condition decides is
// simplified away, contracts of calls on other paths drop out, and goals that are literally among the facts are discharged.
// An equivalence under the hypotheses; the cross-check solves the discharged goals all the same.

import { and, type Bool, bool, type Term } from '../model/term.ts'
import type { Hypothesis } from './obligation.ts'

export interface Propagated {
  /** Units first, then what is left of the other hypotheses. */
  readonly hypotheses: readonly Hypothesis[]
  /** The hypotheses contradict each other: the path cannot be taken. */
  readonly contradiction: boolean
  /** The goal with everything that is known replaced. */
  simplify(goal: Bool): Bool
}

/** Facts known to be true, by identity. */
class Facts {
  private readonly known = new Set<Term>()
  readonly units: Hypothesis[] = []
  contradiction = false

  /** Adds a unit (conjunctions are split); true when it is news. */
  learn(name: string, term: Bool, topic: string | undefined): boolean {
    if (term.value === true || this.known.has(term)) return false
    if (term.value === false || this.known.has(term.not())) {
      this.contradiction = true
      return true
    }
    if (term.op === 'and') return term.args.map((a) => this.learn(name, a as Bool, topic)).some((news) => news)
    this.known.add(term)
    this.units.push({ name, term, ...(topic === undefined ? {} : { topic }) })
    return true
  }

  simplify(term: Bool): Bool {
    if (term.value !== undefined) return term
    if (this.known.has(term)) return bool(true)
    if (term.op === 'not') {
      const inner = term.args[0] as Bool
      if (this.known.has(inner)) return bool(false)
      return inner.op === 'and' ? this.simplify(inner).not() : term
    }
    if (this.known.has(term.not())) return bool(false)
    return term.op === 'and' ? and(...term.args.map((a) => this.simplify(a as Bool))) : term
  }
}

/** `path` is taken as known; facts of a topic are only used by that topic's goals, so they must not decide anything else. */
export function propagate(path: Bool, hypotheses: readonly Hypothesis[]): Propagated {
  const facts = new Facts()
  facts.learn('path', path, undefined)
  let pending = hypotheses
  for (let changed = true; changed && !facts.contradiction; ) {
    changed = false
    const left: Hypothesis[] = []
    for (const h of pending) {
      const term = facts.simplify(h.term)
      if (term.value === true) continue
      const unit = term.value === false || term.op === 'and' || !(term.op === 'not' && term.args[0]!.op === 'and')
      if (unit) changed = facts.learn(h.name, term, h.topic) || changed
      else left.push(term === h.term ? h : { ...h, term })
    }
    pending = left
  }
  return {
    hypotheses: [...facts.units, ...pending],
    contradiction: facts.contradiction,
    simplify: (goal) => (facts.contradiction ? bool(true) : prove(facts, pending, goal)),
  }
}

/** A goal `not (and a b ..)` also holds when assuming a, b, .. contradicts the facts by propagation alone. */
function prove(facts: Facts, pending: readonly Hypothesis[], goal: Bool): Bool {
  const left = facts.simplify(goal)
  if (left.op === 'and') return and(...left.args.map((a) => prove(facts, pending, a as Bool)))
  if (left.op === 'not' && left.args[0]!.op === 'and') {
    const members = new Set<Term>(left.args[0]!.args)
    // Subsumption: some hypothesis says that fewer of them cannot hold together.
    for (const { term } of pending)
      if (term.op === 'not' && term.args[0]!.op === 'and' && term.args[0]!.args.every((a) => members.has(a))) return bool(true)
    for (const a of members) {
      const clash = a.op === 'not' ? a.args[0] : (a as Bool).not()
      if (facts.simplify(clash as Bool).value === true) return bool(true)
    }
  }
  return left
}

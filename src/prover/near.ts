// The hypotheses near a goal: those that speak of what it speaks of, and of little else. Most goals need no others, and others
// are where solvers lose their way. A proof from fewer hypotheses is a proof; no other answer means anything.

import type { Term } from '../model/term.ts'
import { variables } from '../model/traverse.ts'
import type { Obligation } from './obligation.ts'

/** Variables of a near hypothesis that the goal does not have, at most. */
const STRANGERS = 1

/** Undefined when all hypotheses are near. */
export function near(obligation: Obligation): Obligation | undefined {
  const known = new Set(variables([obligation.goal]))
  const isNear = (t: Term): boolean => variables([t]).filter((v) => !known.has(v)).length <= STRANGERS
  const hypotheses = obligation.hypotheses.filter((h) => isNear(h.term))
  return hypotheses.length === obligation.hypotheses.length ? undefined : { ...obligation, hypotheses }
}

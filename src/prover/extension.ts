// An action of a system that is an action of one of its parts with something besides: it does to what the part has what that does, so
// what is proved of the part's action is proved of it.

import { after, present } from '../model/successor.ts'
import { type Action, effectsOf, type Variable } from '../model/system.ts'
import { and, bvVar, equal } from '../model/term.ts'
import type { Obligation } from './obligation.ts'

/**
 * That the action is possible only where the one that it extends is, and leaves every variable of the part, at every element, as that
 * does.
 * @param part its variables
 * @throws Error when the action extends none, or asks less of all elements
 */
export function extensionOf(action: Action, part: readonly Variable[]): Obligation {
  const of = action.extends
  if (of === undefined) throw new Error(`${action.name} extends no action`)
  if (!of.everywhere.every((q) => action.everywhere.includes(q)) || !of.parameters.every((p) => action.parameters.includes(p)))
    throw new Error(`${action.name} does not ask what the action asks that it extends`)
  const [later, known] = [after(present, action), after(present, of)]
  const touched = new Set([...effectsOf(action), ...effectsOf(of)].map((e) => e.variable))
  const same = part
    .filter((v) => touched.has(v))
    .map((v) => {
      if (v.kind === 'scalar') return equal(later.scalar(v.now), known.scalar(v.now))
      const at = bvVar(`${v.domain.name} of ${v.name}`, v.domain.width)
      return equal(later.read(v, at), known.read(v, at))
    })
  const name = `${action.name} does what it does in the part`
  const term = action.guard.implies(and(of.guard, ...same))
  const origin = { kind: 'action', action: action.name, conjunct: name, at: action.at } as const
  return { id: name, conjunct: name, parts: [{ name, term }], origin, hypotheses: [], goal: term }
}

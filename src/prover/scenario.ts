// Scenarios: runs that an attack may take. Steps that happen, and slots between them in which an adversary does what it likes. A spec
// writes down the honest part; the adversary's steps, their order and their values are found (attack.ts).

import type { BvSort } from '../model/sort.ts'
import type { Action, Quantified, System } from '../model/system.ts'
import { bool, bv, type Term } from '../model/term.ts'

/** Values of an action's parameters, by name. */
export type Chosen = Readonly<Record<string, number | bigint | boolean>>

export interface Happening {
  readonly kind: 'happens'
  readonly action: string
  readonly case?: string
  readonly chosen?: Chosen
}
export type Slot =
  /** Not the adversary's doing: firmware, hardware, the handler. In this way only, if a case is named; with these values. */
  Happening | { readonly kind: 'adversary'; readonly most: number }

export interface Scenario {
  readonly slots: readonly Slot[]
  /** What else holds initially: the machine that is attacked. */
  readonly machine?: readonly Quantified[]
  /** False at the end. */
  readonly breaks: Quantified
}

/** @param way a case of the action; without it, any. @param chosen values of parameters; others are any. */
export const happens = (action: string, way?: string, chosen?: Chosen): Slot => ({
  kind: 'happens',
  action,
  ...(way === undefined ? {} : { case: way }),
  ...(chosen === undefined ? {} : { chosen }),
})
/** Steps of hypervisor, guests and devices: any, in any order, `most` of them at most. */
export const adversary = (most: number): Slot => ({ kind: 'adversary', most })

/** Values that a scenario fixes, as terms by parameter. @throws Error when the action has no such parameter, or it takes no such value. */
export function chosenTerms({ name, parameters }: Action, chosen: Chosen): ReadonlyMap<Term, Term> {
  const entries = Object.entries(chosen).map(([of, value]): [Term, Term] => {
    const term = parameters.find((p) => p.name === of)?.term
    if (term === undefined) throw new Error(`${name} has no parameter called ${of}`)
    if (typeof value === 'boolean' ? term.sort.kind !== 'bool' : term.sort.kind !== 'bv')
      throw new Error(`${name}: ${of} cannot be ${value}`)
    return [term, typeof value === 'boolean' ? bool(value) : bv((term.sort as BvSort).width, value)]
  })
  return new Map(entries)
}

/** @throws Error when a slot names no action of the system, no case or no parameter of it. */
export function checkSlots({ name, actions }: System, slots: readonly Slot[]): void {
  for (const slot of slots) {
    if (slot.kind === 'adversary') continue
    const action = actions.find((a) => a.name === slot.action)
    if (action === undefined) throw new Error(`${name} has no action called ${slot.action}`)
    if (slot.case !== undefined && !action.cases.some((c) => c.name === slot.case))
      throw new Error(`${slot.action} has no case called ${slot.case}`)
    chosenTerms(action, slot.chosen ?? {})
  }
}

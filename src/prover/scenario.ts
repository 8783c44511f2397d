// Scenarios: runs that an attack may take. Steps that happen, and slots between them in which an adversary does what it likes. A spec
// writes down the honest part; the adversary's steps, their order and their values are found (attack.ts).

import type { Quantified, System } from '../model/system.ts'

export type Slot =
  /** Not the adversary's doing: firmware, hardware, the handler. In this way only, if a case is named. */
  | { readonly kind: 'happens'; readonly action: string; readonly case?: string }
  | { readonly kind: 'adversary'; readonly most: number }

export interface Scenario {
  readonly slots: readonly Slot[]
  /** What else holds initially: the machine that is attacked. */
  readonly machine?: readonly Quantified[]
  /** False at the end. */
  readonly breaks: Quantified
}

/** @param way a case of the action; without it, any. */
export const happens = (action: string, way?: string): Slot =>
  way === undefined ? { kind: 'happens', action } : { kind: 'happens', action, case: way }
/** Steps of hypervisor, guests and devices: any, in any order, `most` of them at most. */
export const adversary = (most: number): Slot => ({ kind: 'adversary', most })

/** @throws Error when a slot names no action of the system, or no case of it. */
export function checkSlots({ name, actions }: System, slots: readonly Slot[]): void {
  for (const slot of slots) {
    if (slot.kind === 'adversary') continue
    const action = actions.find((a) => a.name === slot.action)
    if (action === undefined) throw new Error(`${name} has no action called ${slot.action}`)
    if (slot.case !== undefined && !action.cases.some((c) => c.name === slot.case))
      throw new Error(`${slot.action} has no case called ${slot.case}`)
  }
}

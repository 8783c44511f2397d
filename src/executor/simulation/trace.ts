// A run as it is kept: the state it began in and its steps, each with the numbers of its parameters. It can be played again.

import type { Value } from '../../model/evaluate.ts'
import type { CompiledAction, CompiledSystem } from './compiled.ts'
import type { Snapshot } from './machine.ts'

export interface Step {
  readonly action: number
  /** The slots of its parameters. */
  readonly numbers: Int32Array
  /** Parameters that are tables, in order. */
  readonly tables: readonly Value[]
}
export interface Run {
  readonly start: Snapshot
  readonly steps: readonly Step[]
}

/** The step that the parameters in the machine are for. */
export function recorded(
  { machine, layout }: CompiledSystem,
  action: number,
  { places, slots, hasTables }: CompiledAction,
): Step {
  return {
    action,
    numbers: machine.S.slice(layout.parameters, layout.parameters + slots),
    tables: hasTables ? places.filter((p) => p.kind === 'table').map((p) => machine.get(p)) : NONE,
  }
}
const NONE: readonly Value[] = []

/** Puts a step's parameters into the machine. */
export function choose({ machine, layout, actions }: CompiledSystem, { action, numbers, tables }: Step): void {
  machine.S.set(numbers, layout.parameters)
  let n = 0
  for (const place of actions[action]!.places)
    if (place.kind === 'table') {
      machine.spaces[place.space!]!.clear()
      machine.set(place, tables[n++]!)
    }
}

/** Takes the step whose parameters are in the machine; the number of its case. Only where the action is enabled. */
export function perform({ machine }: CompiledSystem, { mentions, step }: CompiledAction): number {
  const { S, spaces } = machine
  for (const { slot, space, limbs } of mentions)
    spaces[space]!.mention(S[slot]!, limbs > 1 ? S[slot + 1]! : 0, limbs > 2 ? S[slot + 2]! : 0, limbs > 3 ? S[slot + 3]! : 0)
  return step()
}

// Switches: named truths that no step changes, such as a defence that a platform has or a rule that a processor follows. A setting says of
// each whether it holds, and enters a proof as assumptions that it may use or not.
// Leaves out: what the names mean to a system (its own terms say that).

import type { Assumption } from './invariant.ts'
import { rigid, type Scalar } from './system.ts'
import type { Bool } from './term.ts'

export interface Switchboard<Name extends string> {
  readonly names: readonly Name[]
  readonly meaning: (name: Name) => string
  /** The switch as a term. */
  readonly on: (name: Name) => Bool
  /** Those that nobody else declares. */
  readonly variables: readonly Scalar<Bool>[]
  readonly assumptionsOf: (setting: Setting<Name>) => readonly Assumption[]
}

export interface Setting<Name extends string> {
  readonly name: string
  readonly values: Readonly<Record<Name, boolean>>
}

/**
 * @param about what each switch says
 * @param declared switches that are variables of some system already
 */
export function switchboard<Name extends string>(
  about: Readonly<Record<Name, string>>,
  declared: Partial<Record<Name, Scalar<Bool>>> = {},
): Switchboard<Name> {
  const names = Object.keys(about) as Name[]
  const scalars = new Map(names.map((name) => [name, declared[name] ?? rigid.flag(name)]))
  const on = (name: Name): Bool => scalars.get(name)!.now
  return {
    names,
    meaning: (name) => about[name],
    on,
    variables: names.filter((name) => declared[name] === undefined).map((name) => scalars.get(name)!),
    assumptionsOf: ({ values }) =>
      names.map((name) => (values[name] ? { name, term: on(name) } : { name: `not ${name}`, term: on(name).not() })),
  }
}

/** The setting with some switches the other way round. */
export const but = <Name extends string>(base: Setting<Name>, ...flipped: readonly NoInfer<Name>[]): Setting<Name> => ({
  name: `${base.name} but ${flipped.map((s) => `${s} ${base.values[s] ? 'off' : 'on'}`).join(', ')}`,
  values: { ...base.values, ...Object.fromEntries(flipped.map((s) => [s, !base.values[s]])) },
})

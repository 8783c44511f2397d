// Seeded faults: edits of an action of a transition system.

import type { Action, Case, Effect, Quantified, Variable } from '../../src/model/system.ts'
import { bool, type Bool, type Term } from '../../src/model/term.ts'
import { Substitution } from '../../src/model/traverse.ts'

export type Edit = (action: Action) => Action

const ALWAYS = bool(true)

const withCases = (action: Action, to: (c: Case) => Case): Action => ({ ...action, cases: action.cases.map(to) })
/** @throws Error when there is no such case, or the edit left it as it was: a fault must be one. */
function inCase(action: Action, name: string | undefined, to: (c: Case) => Case): Action {
  let edits = 0
  const edited = withCases(action, (c) => {
    if (name !== undefined && c.name !== name) return c
    const changed = to(c)
    if (changed.effects !== c.effects) edits++
    return changed
  })
  if (edits === 0) throw new Error(`${action.name} has nothing to change${name === undefined ? '' : ` in the case ${name}`}`)
  return edited
}

/** The case does what another one does. */
export const behavesAs =
  (name: string, other: string): Edit =>
  (action) => {
    const found = action.cases.find((c) => c.name === other)
    if (found === undefined) throw new Error(`${action.name} has no case ${other}`)
    return inCase(action, name, (c) => ({ ...c, effects: found.effects }))
  }

/** The variable is not written: in one case, or in any. */
export const forgets =
  (variable: Variable, name?: string): Edit =>
  (action) =>
    inCase(action, name, (c) => {
      const kept = c.effects.filter((e) => e.variable !== variable)
      return kept.length === c.effects.length ? c : { ...c, effects: kept }
    })

/** Something more happens. */
export const also =
  (name: string, effects: (parameter: (name: string) => Term) => readonly Effect[]): Edit =>
  (action) =>
    inCase(action, name, (c) => ({ ...c, effects: [...c.effects, ...effects((p) => parameterOf(action, p))] }))

/** What is written to the variable, by another rule. */
export const writes =
  (variable: Variable, value: (old: Term, parameter: (name: string) => Term) => Term): Edit =>
  (action) =>
    inCase(action, undefined, (c) => {
      if (c.effects.every((e) => e.variable !== variable)) return c
      const edited = c.effects.map((e) =>
        Object.is(e.variable, variable) ? { ...e, value: value(e.value, (p) => parameterOf(action, p)) } : e,
      )
      return { ...c, effects: edited }
    })

/** Effects happen wherever their case is taken, whatever else they ask. */
export const unconditionally: Edit = (action) =>
  inCase(action, undefined, (c) =>
    c.effects.some((e) => e.when.value !== true) ? { ...c, effects: c.effects.map((e) => ({ ...e, when: ALWAYS })) } : c,
  )

/** The action is possible where another guard holds. */
export const possible =
  (guard: (parameter: (name: string) => Term) => Bool): Edit =>
  (action) => ({ ...action, guard: guard((p) => parameterOf(action, p)) })

/** A variable of any term, or an element of a table, is something else. */
export const sees =
  (replacement: (variableOrSelect: Term) => Term | undefined): Edit =>
  (action) => {
    let edits = 0
    const substitution = new Substitution((t) => {
      const to = replacement(t)
      if (to !== undefined) edits++
      return to
    })
    const effect = (e: Effect): Effect => {
      const common = { ...e, when: substitution.apply(e.when), value: substitution.apply(e.value) }
      if (common.kind === 'store') return { ...common, index: substitution.apply(common.index) }
      if (common.kind === 'block')
        return { ...common, first: substitution.apply(common.first), count: substitution.apply(common.count) }
      return common
    }
    const quantified = (q: Quantified): Quantified => ({ ...q, term: substitution.apply(q.term) })
    const edited = {
      ...withCases(action, (c) => ({ ...c, when: substitution.apply(c.when), effects: c.effects.map(effect) })),
      guard: substitution.apply(action.guard),
      everywhere: action.everywhere.map(quantified),
    }
    if (edits === 0) throw new Error(`${action.name} does not see what the fault is about`)
    return edited
  }
/** A switch (or another truth) is off, for this action. */
export const without = (truth: Bool): Edit => sees((t) => (Object.is(t, truth) ? bool(false) : undefined))

/** What the action reads is anything: a superset of what it can do, and a smaller question. */
export const readsAnything: Edit = (action) => {
  if (action.everywhere.length === 0) throw new Error(`${action.name} reads nothing`)
  return { ...action, everywhere: [] }
}

function parameterOf(action: Action, name: string): Term {
  const found = action.parameters.find((p) => p.name === name)
  if (found === undefined) throw new Error(`${action.name} has no parameter ${name}`)
  return found.term
}

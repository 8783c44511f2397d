// Faults to seed into a transition system: a part of a guard forgotten, an effect lost, a condition not asked for.

import { type Action, effectsOf, type System } from '../../src/model/system.ts'
import { and, type Bool, type Term } from '../../src/model/term.ts'
import { visit } from '../../src/model/traverse.ts'

export const mentions =
  (...names: readonly string[]) =>
  (term: Term): boolean => {
    let seen = false
    visit([term], (t) => {
      if (t.op === 'var' && names.includes(t.attribute as string)) seen = true
    })
    return seen
  }

export function mutationsOf(whole: System) {
  /** @throws Error when there is none */
  const actionOf = (name: string): Action => {
    const found = whole.actions.find((a) => a.name === name)
    if (found === undefined) throw new Error(`no action is called ${name}`)
    return found
  }
  const replacing = (...changed: readonly Action[]): System => ({
    ...whole,
    name: `mutant ${changed.map((a) => a.name).join()}`,
    actions: whole.actions.map((a) => changed.find((c) => c.name === a.name) ?? a),
  })
  return {
    actionOf,
    replacing,
    /** A part of the guard is forgotten. @throws Error when there is none like it */
    without: (name: string, test: (t: Term) => boolean): System => {
      const known = actionOf(name)
      const parts = (t: Bool): readonly Bool[] => (t.op === 'and' ? (t.args as readonly Bool[]) : [t])
      const kept = parts(known.guard).filter((t) => !test(t))
      if (kept.length === parts(known.guard).length) throw new Error(`nothing of the guard of ${name} was left out`)
      return replacing({ ...known, guard: and(...kept) })
    },
    /** Effects on a variable are forgotten. @throws Error when there are none */
    losing: (name: string, variable: string): System => {
      const known = actionOf(name)
      if (!effectsOf(known).some((e) => e.variable.name === variable)) throw new Error(`${name} does not change ${variable}`)
      const cases = known.cases.map((c) => ({ ...c, effects: c.effects.filter((e) => e.variable.name !== variable) }))
      return replacing({ ...known, cases })
    },
    /** A condition on all elements is not asked for. @throws Error when there is none */
    unasked: (name: string, words: string): System => {
      const known = actionOf(name)
      const kept = known.everywhere.filter((q) => !q.name.includes(words))
      if (kept.length === known.everywhere.length) throw new Error(`${name} asks for nothing like ${words}`)
      return replacing({ ...known, everywhere: kept })
    },
  }
}

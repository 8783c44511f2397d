// An obligation about a system that has a counter-model: is it an attack, or a state that nobody reaches? A run from an initial
// state that breaks the statement refutes the claim; without one, the step is shown as it is.

import type { SystemTheorem } from './claim.ts'
import type { CounterModel } from './countermodel.ts'
import type { Asker, Questions } from './explore.ts'
import { watch } from './induction.ts'
import type { SystemOrigin } from './obligation.ts'
import type { ObligationRecord } from './record.ts'
import { Search } from './search.ts'
import { counterStep, traceOf } from './trace.ts'

type Subject = Pick<SystemTheorem, 'system' | 'profile'>

/** Searches of all claims; those of one system and profile share what they find out. */
export class Searches {
  private readonly asker: Asker
  private readonly known: { readonly about: Subject; readonly search: Search }[] = []

  constructor(asker: Asker) {
    this.asker = asker
  }

  of(about: Subject): Search {
    const same = this.known.find(
      (k) =>
        k.about.system === about.system &&
        k.about.profile.length === about.profile.length &&
        k.about.profile.every((a, i) => Object.is(a.term, about.profile[i]!.term)),
    )
    if (same !== undefined) return same.search
    const search = new Search(about.system, about.profile, this.asker)
    this.known.push({ about, search })
    return search
  }
}

/** The record with what became of its counter-model. */
export async function investigate(
  record: ObligationRecord,
  origin: SystemOrigin,
  model: CounterModel,
  about: SystemTheorem,
  searches: Searches,
  budget: Questions,
): Promise<ObligationRecord> {
  const statement =
    origin.kind === 'property'
      ? about.implies.find((p) => p.name === origin.property)!
      : about.conjuncts.find((c) => c.name === origin.conjunct)!
  const target = watch(statement, about.system)
  const action = origin.kind === 'action' ? about.system.actions.find((a) => a.name === origin.action)! : undefined
  const shown = action === undefined ? record : { ...record, counterexample: counterStep(action, target, model) }
  const search = searches.of(about)
  const found =
    origin.kind === 'initial'
      ? await search.initially(target, budget)
      : await search.breaking(target, action, about.conjuncts, budget)
  if (found.kind === 'run')
    return { ...record, verdict: 'refuted', counterexample: traceOf(found.run, target, { ...about, statement }) }
  if (found.kind === 'differs')
    return {
      ...shown,
      verdict: 'disagreement',
      reason: `a run that the solver found is none by exact evaluation: ${found.reason}`,
    }
  return { ...shown, reason: `no run from an initial state found ${depthText(found.depth)}` }
}

const depthText = (steps: number): string => (steps === 0 ? 'without steps before it' : `with up to ${steps} steps before it`)

// States that satisfy sets of hypotheses. A new set is close to one that is satisfied already (the same procedure, another
// path), so what breaks it is let go and the rest of the known state is kept: the question that is left is small.
// Every state is checked by exact evaluation; the solver's word alone makes no witness.

import type { ArrayValue, Value } from '../model/evaluate.ts'
import type { Sort } from '../model/sort.ts'
import { and, type Bool, bool, bv, constArray, type Term } from '../model/term.ts'
import { Substitution, variables } from '../model/traverse.ts'
import { cellOf } from '../model/cell.ts'
import type { CounterModel } from './countermodel.ts'
import type { Hypothesis } from './obligation.ts'
import { printScript, type Script } from './smtlib.ts'

/** The last hypothesis, where the path is, is the one that most states break. */
export function satisfies(state: CounterModel, hypotheses: readonly Hypothesis[]): boolean {
  for (let i = hypotheses.length - 1; i >= 0; i--) if (!state.evaluator.bool(hypotheses[i]!.term)) return false
  return true
}

export interface Question {
  readonly script: Script
  /** Variables that keep their value, in the state that they have it in. */
  readonly kept: ReadonlySet<Term>
  readonly from: CounterModel
}

/**
 * Questions whose answer would be a state near `known`, the smallest first: with all variables kept but those of the broken
 * hypotheses, then with only the values at entry kept.
 */
export function* questionsNear(known: CounterModel, hypotheses: readonly Hypothesis[]): Generator<Question> {
  const all = variables(hypotheses.map((h) => h.term))
  const broken = hypotheses.filter((h) => !known.evaluator.bool(h.term))
  const loose = new Set(variables(broken.map((h) => h.term)))
  const near = new Set(all.filter((v) => known.knows(v) && !loose.has(v)))
  const atEntry = new Set(all.filter((v) => known.knows(v) && v.sort.kind !== 'array' && isEntryValue(v)))
  for (const kept of near.size > atEntry.size ? [near, atEntry] : [atEntry]) {
    const values = new Substitution((v) => (kept.has(v) ? literal(v.sort, known.environment(v)) : undefined))
    const left = hypotheses.map((h) => values.apply(h.term))
    if (and(...left).value === false) continue
    yield { script: printScript(left.filter((t) => t.value !== true).map((term) => ({ term }))), kept, from: known }
  }
}

function isEntryValue(v: Term): boolean {
  const cell = cellOf(v)
  return cell !== undefined && (cell.kind === 'constant' || cell.kind === 'watch' || Object.is(v, cell.old))
}

/** A value as a term. */
export function literal(sort: Sort, value: Value): Term {
  if (sort.kind === 'bool') return bool(value as boolean)
  if (sort.kind === 'bv') return bv(sort.width, value as bigint)
  const { element, index } = sort
  const scalar = (e: bigint | boolean): Term => (element.kind === 'bool' ? bool(e as boolean) : bv(element.width, e as bigint))
  const { otherwise, entries } = value as ArrayValue
  let out = constArray(index, scalar(otherwise) as Bool)
  for (const [i, e] of entries) out = out.store(bv(index, i), scalar(e) as Bool)
  return out
}

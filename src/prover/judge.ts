// The verdict on one obligation: what the solver's answer means, with the second solver's opinion and the replay of models.

import { match } from 'ts-pattern'
import type { Claim, Verdict } from './claim.ts'
import { concretise, type SearchBudget } from './concretise.ts'
import { CounterModel } from './countermodel.ts'
import { type Decision, decide, decideCell, type Prepared, scriptOf } from './decide.ts'
import { explainedValues } from './explain.ts'
import { isAboutSystem, type Obligation } from './obligation.ts'
import { type Asking, type Oracle, reasonText } from './oracle.ts'
import { neededBySimplifier } from './sufficiency.ts'
import type { CrossCheck, ObligationRecord, OriginRecord } from './record.ts'
import type { SolverAnswer } from './solver/solver.ts'

export interface Court {
  readonly oracle: Oracle
  readonly second?: Oracle
  readonly timeoutMs: number
}

/** What one claim may spend, and how its questions are put. */
export interface Hearing {
  readonly search: SearchBudget
  readonly how: Asking
}

/** A verdict, and the model (if any) that satisfies the hypotheses. */
export interface Judgement {
  readonly record: ObligationRecord
  readonly model?: CounterModel
}

type Finding = Pick<ObligationRecord, 'verdict' | 'reason' | 'failing' | 'counterexample'>

export async function judge(prepared: Prepared, claim: Claim, court: Court, { search, how }: Hearing): Promise<Judgement> {
  const { obligation, instances } = prepared
  const id = `${claim.id}/${obligation.id}`
  const common = {
    claim: claim.id,
    id: obligation.id,
    conjunct: obligation.conjunct,
    origin: originRecord(obligation),
    hypothesisCount: obligation.hypotheses.length,
    instances: instances.map((h) => h.name),
  }
  const second = async (of: Pick<Decision, 'answer' | 'obligation'>) =>
    court.second === undefined ? {} : { crossCheck: await secondOpinion(of, id, court.second, court.timeoutMs, how) }
  if (prepared.simplified) {
    // The simplifier's word is put to the second solver as the text that is left.
    const crossCheck = await second({ answer: { kind: 'unsat', core: [], ms: 0 }, obligation })
    const finding = agreed({ verdict: 'proved' }, crossCheck.crossCheck)
    const needs = isAboutSystem(obligation) ? { needs: neededBySimplifier(obligation) } : {}
    const easily = { by: 'simplification', hypotheses: 'all', bytes: 0, cached: false, ms: 0 } as const
    return { record: { ...common, ...easily, ...needs, ...finding, ...crossCheck } }
  }
  const asked = isAboutSystem(obligation) ? decideCell : decide
  const decision = await asked(prepared, id, court.oracle, court.timeoutMs, how)
  const { hypotheses, bytes, cached, ms } = decision
  const model = decision.answer.kind === 'sat' ? new CounterModel(decision.answer.model, decision.script.selects) : undefined
  const crossCheck = await second(decision)
  const finding = agreed(find(decision.answer, model, obligation, claim, search), crossCheck.crossCheck)
  const needs = isAboutSystem(obligation) && decision.answer.kind === 'unsat' ? { needs: decision.needs } : {}
  const record = { ...common, by: 'solver' as const, hypotheses, bytes, cached, ms, ...needs, ...finding, ...crossCheck }
  return finding.verdict === 'disagreement' || model === undefined ? { record } : { record, model }
}

function find(
  answer: SolverAnswer,
  model: CounterModel | undefined,
  obligation: Obligation,
  claim: Claim,
  search: SearchBudget,
): Finding {
  if (answer.kind === 'unsat') return { verdict: 'proved' }
  if (answer.kind === 'unknown') return { verdict: 'unknown', reason: reasonText(answer) }
  if (model === undefined) return { verdict: 'disagreement', reason: 'sat without a model' }
  const failure = model.failure(obligation)
  if (failure !== undefined) return { verdict: 'disagreement', reason: `${failure}, by exact evaluation` }
  const values = { kind: 'values' as const, values: explainedValues(model, obligation, claim) }
  const { origin } = obligation
  const failing = model.failing(obligation)
  if (origin.kind === 'validity') return { verdict: 'refuted', failing, counterexample: values }
  if (origin.kind !== 'procedure') return { verdict: 'not-inductive', failing, counterexample: values }
  return match(concretise({ ...obligation, origin }, model, claim, search))
    .with({ kind: 'refuted' }, ({ run }): Finding => ({ verdict: 'refuted', failing, counterexample: run }))
    .with(
      { kind: 'none' },
      ({ reason }): Finding => ({
        verdict: 'not-inductive',
        failing,
        counterexample: values,
        ...(reason === undefined ? {} : { reason }),
        // Here the model is a run from the entry, so it must be found again.
        ...(origin.run === undefined ? {} : { verdict: 'disagreement', reason: reason ?? 'the run of the model breaks nothing' }),
      }),
    )
    .with({ kind: 'diverged' }, ({ reason }): Finding => ({ verdict: 'disagreement', reason }))
    .exhaustive()
}

async function secondOpinion(
  { answer, obligation }: Pick<Decision, 'answer' | 'obligation'>,
  id: string,
  second: Oracle,
  timeoutMs: number,
  how: Asking,
): Promise<CrossCheck> {
  const request = { id: `${id}#cross-check`, smt2: scriptOf(obligation).text, timeoutMs, want: 'verdict' as const }
  const { answer: other, cached } = await second.ask(request, how)
  const common = { solver: `${second.name} ${second.version}`, cached, ms: other.ms }
  if (other.kind === 'unknown') return { ...common, answer: 'unknown', reason: reasonText(other) }
  if (answer.kind === 'unknown') return { ...common, answer: 'agrees', reason: `${other.kind}, where the first gave no answer` }
  return { ...common, answer: other.kind === answer.kind ? 'agrees' : 'differs' }
}

function agreed(finding: Finding, crossCheck: CrossCheck | undefined): Finding {
  if (crossCheck?.answer !== 'differs') return finding
  return { verdict: 'disagreement', reason: `${crossCheck.solver} contradicts the verdict ${finding.verdict}` }
}

function originRecord({ origin }: Obligation): OriginRecord {
  if (origin.kind !== 'procedure') return origin
  const { kind, procedure, mode, of, at } = origin
  return { kind, procedure: procedure.name, mode, of, at }
}

/** From best to worst within one obligation, for claims that stop at the first refutation. */
export const settles = (verdict: Verdict): boolean => verdict === 'refuted' || verdict === 'disagreement'

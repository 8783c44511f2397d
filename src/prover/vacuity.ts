// Whether hypotheses can hold together: a proof from contradictory hypotheses proves nothing. One state that satisfies the
// hypotheses of one obligation is tried on those of the others first; only what no known state satisfies goes to the solver.

import { and } from '../model/term.ts'
import { CounterModel } from './countermodel.ts'
import { hypothesesScript } from './decide.ts'
import type { Hypothesis } from './obligation.ts'
import { type Oracle, reasonText } from './oracle.ts'

export type Satisfiability =
  | { readonly kind: 'satisfiable' }
  | { readonly kind: 'contradictory'; readonly names: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string }

const KEPT = 12

/** Sets of hypotheses with the same key are the same set. */
export function keyOf(hypotheses: readonly Hypothesis[]): string {
  return [...new Set(hypotheses.map((h) => h.term.id))].sort((a, b) => a - b).join(' ')
}

export class Vacuity {
  private readonly oracle: Oracle
  private readonly timeoutMs: number
  private readonly witnesses: CounterModel[] = []
  private readonly answers = new Map<string, Promise<Satisfiability>>()
  /** Questions that went to the solver, and their time. */
  queries = 0
  ms = 0

  constructor(oracle: Oracle, timeoutMs: number) {
    this.oracle = oracle
    this.timeoutMs = timeoutMs
  }

  /** A state that is known to satisfy the hypotheses of some obligation. */
  learn(model: CounterModel): void {
    this.witnesses.unshift(model)
    if (this.witnesses.length > KEPT) this.witnesses.pop()
  }

  check(hypotheses: readonly Hypothesis[], id: string): Promise<Satisfiability> {
    const key = keyOf(hypotheses)
    let answer = this.answers.get(key)
    if (answer === undefined) {
      answer = this.decide(hypotheses, id)
      this.answers.set(key, answer)
    }
    return answer
  }

  private async decide(hypotheses: readonly Hypothesis[], id: string): Promise<Satisfiability> {
    if (this.witnesses.some((w) => satisfies(w, hypotheses))) return { kind: 'satisfiable' }
    const folded = and(...hypotheses.map((h) => h.term)).value
    if (folded === true) return { kind: 'satisfiable' }
    if (folded === false) {
      const single = hypotheses.find((h) => h.term.value === false)
      return { kind: 'contradictory', names: single === undefined ? await this.core(hypotheses, id) : [single.name] }
    }
    const script = hypothesesScript(hypotheses)
    const answer = await this.ask(id, script.text, 'model')
    if (answer.kind === 'unknown') return { kind: 'unknown', reason: reasonText(answer) }
    if (answer.kind === 'unsat') return { kind: 'contradictory', names: await this.core(hypotheses, id) }
    this.learn(new CounterModel(answer.model, script.selects))
    return { kind: 'satisfiable' }
  }

  /** Names of hypotheses that suffice for the contradiction. */
  private async core(hypotheses: readonly Hypothesis[], id: string): Promise<readonly string[]> {
    const answer = await this.ask(`${id}#core`, hypothesesScript(hypotheses, true).text, 'core')
    const named = answer.kind === 'unsat' ? answer.core.flatMap((n) => hypotheses[Number(n.slice(1))]?.name ?? []) : []
    return named.length > 0 ? named : hypotheses.map((h) => h.name)
  }

  private async ask(id: string, smt2: string, want: 'model' | 'core') {
    const { answer } = await this.oracle.ask({ id, smt2, timeoutMs: this.timeoutMs, want })
    this.queries++
    this.ms += answer.ms
    return answer
  }
}

/** The last hypothesis, where the path is, is the one that most states break. */
function satisfies(model: CounterModel, hypotheses: readonly Hypothesis[]): boolean {
  for (let i = hypotheses.length - 1; i >= 0; i--) if (!model.evaluator.bool(hypotheses[i]!.term)) return false
  return true
}

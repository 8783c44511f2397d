// Whether hypotheses can hold together: a proof from contradictory hypotheses proves nothing. Sets of hypotheses of one
// context (a procedure in one mode) are near each other: a state that satisfies one is tried on the others, and then changed
// a little to fit; only where that fails is the whole question put to the solver.

import { and } from '../model/term.ts'
import { CounterModel } from './countermodel.ts'
import { hypothesesScript } from './decide.ts'
import type { Hypothesis } from './obligation.ts'
import { type Oracle, reasonText } from './oracle.ts'
import type { SolverAnswer } from './solver/solver.ts'
import { questionsNear, satisfies } from './witness.ts'
import type { WorkQueue } from './work.ts'

export type Satisfiability =
  | { readonly kind: 'satisfiable' }
  | { readonly kind: 'contradictory'; readonly names: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string }

/** Questions that went to the solver, and its time. */
export interface Spent {
  queries: number
  ms: number
}

interface Asked {
  readonly hypotheses: readonly Hypothesis[]
  readonly id: string
  readonly spent: Spent
  readonly resolve: (answer: Satisfiability) => void
  readonly reject: (error: unknown) => void
}
interface Context {
  readonly witnesses: CounterModel[]
  readonly waiting: Asked[]
  busy: boolean
}

/** Witnesses of one context; evaluation keeps their work, so they are not small. */
const KEPT = 8
/** States around which one is looked for; most of their questions fold away before they are asked. */
const NEIGHBOURS = 8
/** A small question that takes longer than this is not small. */
const NEAR_MS = 4_000
/** After all proofs: these are many and small, and fill what is left of the solvers' time. */
const WEIGHT = -1_000_000

/** Sets of hypotheses with the same key are the same set. */
export function keyOf(hypotheses: readonly Hypothesis[]): string {
  return [...new Set(hypotheses.map((h) => h.term.id))].sort((a, b) => a - b).join(' ')
}

export class Vacuity {
  private readonly oracle: Oracle
  private readonly queue: WorkQueue
  private readonly timeoutMs: number
  private readonly contexts = new Map<string, Context>()
  private readonly answers = new Map<string, Promise<Satisfiability>>()

  constructor(oracle: Oracle, queue: WorkQueue, timeoutMs: number) {
    this.oracle = oracle
    this.queue = queue
    this.timeoutMs = timeoutMs
  }

  /** A state that is known to satisfy the hypotheses of some obligation of the context. */
  learn(context: string, state: CounterModel): void {
    const { witnesses } = this.contextOf(context)
    witnesses.unshift(state)
    if (witnesses.length > KEPT) witnesses.pop()
  }

  check(context: string, hypotheses: readonly Hypothesis[], id: string, spent: Spent): Promise<Satisfiability> {
    const key = keyOf(hypotheses)
    let answer = this.answers.get(key)
    if (answer === undefined) {
      answer = new Promise((resolve, reject) => {
        const { waiting } = this.contextOf(context)
        waiting.push({ hypotheses, id, spent, resolve, reject })
        // A state for many hypotheses is likely to serve for fewer: the longest is taken, from the end.
        waiting.sort((a, b) => a.hypotheses.length - b.hypotheses.length)
        this.run(context)
      })
      this.answers.set(key, answer)
    }
    return answer
  }

  private contextOf(name: string): Context {
    let context = this.contexts.get(name)
    if (context === undefined) {
      context = { witnesses: [], waiting: [], busy: false }
      this.contexts.set(name, context)
    }
    return context
  }

  /** One question of a context at a time, so that each can use the states that were found before. */
  private run(name: string): void {
    const context = this.contextOf(name)
    if (context.busy) return
    context.busy = true
    this.queue.add(WEIGHT, async () => {
      for (let next = context.waiting.pop(); next !== undefined; next = context.waiting.pop())
        await this.decide(name, context, next).then(next.resolve, next.reject)
      context.busy = false
    })
  }

  private async decide(name: string, { witnesses }: Context, asked: Asked): Promise<Satisfiability> {
    const { hypotheses } = asked
    if (witnesses.some((w) => satisfies(w, hypotheses))) return { kind: 'satisfiable' }
    const folded = and(...hypotheses.map((h) => h.term)).value
    if (folded === true) return { kind: 'satisfiable' }
    if (folded === false) return { kind: 'contradictory', names: await this.core(asked) }
    for (const known of witnesses.slice(0, NEIGHBOURS))
      for (const { script, kept, from } of questionsNear(known, hypotheses)) {
        const answer = await this.ask(asked, `${asked.id}#near`, script.text, 'model', Math.min(NEAR_MS, this.timeoutMs))
        if (answer.kind !== 'sat') continue
        const state = new CounterModel(script.widened(answer.model), script.selects, { from, kept })
        if (!satisfies(state, hypotheses)) continue
        this.learn(name, state)
        return { kind: 'satisfiable' }
      }
    for (const narrow of [true, false]) {
      const script = hypothesesScript(hypotheses, false, { narrow })
      const answer = await this.ask(asked, asked.id, script.text, 'model')
      if (answer.kind === 'unknown') return { kind: 'unknown', reason: reasonText(answer) }
      if (answer.kind === 'unsat') return { kind: 'contradictory', names: await this.core(asked) }
      const state = new CounterModel(script.widened(answer.model), script.selects)
      if (!satisfies(state, hypotheses)) continue
      this.learn(name, state)
      return { kind: 'satisfiable' }
    }
    return { kind: 'unknown', reason: "the solver's state breaks them" }
  }

  /** Names of hypotheses that suffice for the contradiction. */
  private async core(asked: Asked): Promise<readonly string[]> {
    const { hypotheses, id } = asked
    const single = hypotheses.find((h) => h.term.value === false)
    if (single !== undefined) return [single.name]
    const answer = await this.ask(asked, `${id}#core`, hypothesesScript(hypotheses, true, { narrow: true }).text, 'core')
    const named = answer.kind === 'unsat' ? answer.core.flatMap((n) => hypotheses[Number(n.slice(1))]?.name ?? []) : []
    return named.length > 0 ? named : hypotheses.map((h) => h.name)
  }

  private async ask(
    { spent }: Asked,
    id: string,
    smt2: string,
    want: 'model' | 'core',
    timeoutMs = this.timeoutMs,
  ): Promise<SolverAnswer> {
    const expected = want === 'model' ? { expected: 'sat' as const } : {}
    const { answer } = await this.oracle.ask({ id, smt2, timeoutMs, want, ...expected }, { weight: WEIGHT })
    spent.queries++
    spent.ms += answer.ms
    return answer
  }
}

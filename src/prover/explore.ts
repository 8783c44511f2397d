// Runs of a system under a profile, asked for one path at a time. Paths are shared by everything that is asked of the same
// system and profile: whether one is possible is found out once.

import { and } from '../model/term.ts'
import { CounterModel } from './countermodel.ts'
import type { Watched } from './induction.ts'
import type { Member } from './instances.ts'
import { type Asking, type Oracle, reasonText } from './oracle.ts'
import { type Path, type Question, questionOf, replay, type Run } from './path.ts'
import { printScript } from './smtlib.ts'

export type Found =
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The model is no run, by exact evaluation. */
  | { readonly kind: 'differs'; readonly reason: string }

/** How many questions may go to the solver; counted, not timed, so that a search has one outcome on every machine. */
export class Questions {
  left: number
  constructor(left: number) {
    this.left = left
  }
}

export interface Asker {
  readonly oracle: Oracle
  readonly timeoutMs: number
  readonly how: Asking
}

/** Small numbers of threads make runs that a person can follow. */
const SIZES: readonly (number | undefined)[] = [2, 4, 16, undefined]
const REFINEMENTS = 5
/** A question about a path that takes longer than this is given up. */
const MOST_MS = 10_000

/** A model of the question, or why there is none. */
async function answerTo(question: Question, { oracle, timeoutMs, how }: Asker, budget: Questions): Promise<CounterModel | Miss> {
  const { path, target, assertions } = question
  const folded = and(...assertions).value
  if (folded === false) return { kind: 'none' }
  if (folded === true) return new CounterModel(new Map(), [])
  budget.left--
  const script = printScript(assertions.map((term) => ({ term })))
  const id = `${path.name}${target === undefined ? '' : ' and the statement is false'}#path`
  const request = { id, smt2: script.text, timeoutMs: Math.min(timeoutMs, MOST_MS), want: 'model' as const }
  const { answer } = await oracle.ask(request, how)
  if (answer.kind === 'sat') return new CounterModel(answer.model, script.selects)
  return answer.kind === 'unsat' ? { kind: 'none' } : { kind: 'unknown', reason: reasonText(answer) }
}
type Miss = Extract<Found, { kind: 'none' | 'unknown' }>

/** False when no initial state has a run along the path. */
export async function mayHappen(path: Path, asker: Asker, budget: Questions): Promise<boolean> {
  const answer = await answerTo(questionOf(path), asker, budget)
  return answer instanceof CounterModel || answer.kind === 'unknown'
}

/** A run along the path at whose end the target (if any) is false. */
export async function findRun(path: Path, target: Watched | undefined, asker: Asker, budget: Questions): Promise<Found> {
  const first = await answerTo(questionOf(path, target), asker, budget)
  if (!(first instanceof CounterModel)) return first
  const sizes = path.start.system.domains.some((d) => d.count !== undefined) ? SIZES : [undefined]
  for (const size of sizes) {
    let mention: readonly Member[] = []
    let question = questionOf(path, target, mention, size)
    let model = size === undefined ? first : await answerTo(question, asker, budget)
    for (let round = 0; model instanceof CounterModel && round < REFINEMENTS; round++) {
      const replayed = attempt(question, model)
      if (replayed.kind !== 'unmet') return replayed
      const further = replayed.elements.filter((m) => !mention.some((k) => Object.is(k.id, m.id)))
      if (further.length === 0) break
      mention = [...mention, ...further]
      question = questionOf(path, target, mention, size)
      model = await answerTo(question, asker, budget)
    }
  }
  return { kind: 'unknown', reason: 'no model that all elements follow' }
}

/** Elements that are too many to go through are no reason to ask again. */
function attempt(question: Question, model: CounterModel): ReturnType<typeof replay> {
  try {
    return replay(question, model)
  } catch (e) {
    if (e instanceof RangeError) return { kind: 'unmet', elements: [] }
    throw e
  }
}

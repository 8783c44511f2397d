// Runs of a system under a profile, asked for one path at a time. Paths are shared by everything that is asked of the same
// system and profile: whether one is possible is found out once.

import type { Value } from '../model/evaluate.ts'
import type { BvSort } from '../model/sort.ts'
import { and, bool, bv, type Term } from '../model/term.ts'
import { Substitution, variables } from '../model/traverse.ts'
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

/** How many questions may go to the solver, large ones as several; counted, not timed, so that a search has one outcome on every machine. */
export class Questions {
  left: number
  constructor(left: number) {
    this.left = left
  }
}

/** Demands that no model meets together: whatever demands them all, and more, needs no question. */
export class Refuted {
  private readonly sets: (readonly Term[])[] = []
  covers(assertions: readonly Term[]): boolean {
    const all = new Set(assertions)
    return this.sets.some((s) => s.every((t) => all.has(t)))
  }
  add(assertions: readonly Term[]): void {
    this.sets.push(assertions)
  }
}

export interface Asker {
  readonly oracle: Oracle
  readonly timeoutMs: number
  readonly how: Asking
  /** Of questions that are much alike. */
  readonly refuted?: Refuted
}

/** Small numbers of threads make runs that a person can follow. */
const SIZES: readonly (number | undefined)[] = [2, 4, 16, undefined]
const REFINEMENTS = 5
/** A question about a path that takes longer than this is given up. */
const MOST_MS = 10_000
const LARGE = 40_000

type Miss = Extract<Found, { kind: 'none' | 'unknown' }>
/** Values that a model of another question gives. */
interface Kept {
  readonly from: CounterModel
  readonly kept: ReadonlySet<Term>
}

/** No solver is needed to say no. */
export const isRefuted = ({ assertions }: Question, { refuted }: Asker): boolean =>
  refuted?.covers(assertions) === true || and(...assertions).value === false

/** A model of the question, or why there is none. */
export async function answerTo(question: Question, asker: Asker, budget: Questions, base?: Kept): Promise<CounterModel | Miss> {
  const { path, target } = question
  const values = new Substitution((v) => (base?.kept.has(v) ? literalOf(v, base.from.environment(v)) : undefined))
  if (asker.refuted?.covers(question.assertions) === true) return { kind: 'none' }
  const assertions = question.assertions.map((t) => values.apply(t))
  const folded = and(...assertions).value
  if (folded === false) return { kind: 'none' }
  if (folded === true) return new CounterModel(new Map(), [], base)
  const script = printScript(assertions.map((term) => ({ term })))
  budget.left -= 1 + Math.floor(script.text.length / LARGE)
  const id = `${path.name}${target === undefined ? '' : ' and the statement is false'}#path`
  const request = { id, smt2: script.text, timeoutMs: Math.min(asker.timeoutMs, MOST_MS), want: 'model' as const }
  const { answer } = await asker.oracle.ask(request, asker.how)
  if (answer.kind === 'sat') return new CounterModel(answer.model, script.selects, base)
  if (answer.kind !== 'unsat') return { kind: 'unknown', reason: reasonText(answer) }
  if (base === undefined || base.kept.size === 0) asker.refuted?.add(question.assertions)
  return { kind: 'none' }
}

function literalOf(v: Term, value: Value): Term {
  return v.sort.kind === 'bool' ? bool(value as boolean) : bv((v.sort as BvSort).width, value as bigint)
}

/** False when no initial state has a run along the path. */
export async function mayHappen(path: Path, asker: Asker, budget: Questions): Promise<boolean> {
  const answer = await answerTo(questionOf(path.rough), asker, budget)
  return answer instanceof CounterModel || answer.kind === 'unknown'
}

/**
 * A run along the path at whose end the target (if any) is false. The rough path, which leaves out where what actions read comes
 * from, says no or gives the numbers; memory is fitted to them.
 */
export async function findRun(path: Path, target: Watched | undefined, asker: Asker, budget: Questions): Promise<Found> {
  const { rough, start } = path
  const first = await answerTo(questionOf(rough, target), asker, budget)
  if (!(first instanceof CounterModel)) return first
  if (asker.refuted?.covers(questionOf(path, target).assertions) === true) return { kind: 'none' }
  const counts = start.system.domains.flatMap((d) => (d.count === undefined ? [] : [start.state.apply(d.count())]))
  const sizes = counts.some((c) => c.value === undefined) ? SIZES : [undefined]
  for (const most of sizes) {
    const guide = most === undefined ? first : await answerTo(questionOf(rough, target, { most }), asker, budget)
    if (!(guide instanceof CounterModel)) continue
    const found = await settle(path, target, guide, most, asker, budget)
    if (found === 'none' && most === undefined) return { kind: 'none' }
    if (found !== undefined && found !== 'none') return found
  }
  return { kind: 'unknown', reason: 'no model that all elements follow' }
}

async function settle(
  path: Path,
  target: Watched | undefined,
  guide: CounterModel,
  most: number | undefined,
  asker: Asker,
  budget: Questions,
): Promise<Found | 'none' | undefined> {
  let mention: readonly Member[] = []
  for (let round = 0; round < REFINEMENTS; round++) {
    const question = questionOf(path, target, { mention, most })
    let model: CounterModel | Miss = { kind: 'none' }
    for (const kept of keeping(question, questionOf(path.rough, target, { mention, most }), guide))
      if (!(model instanceof CounterModel)) model = await answerTo(question, asker, budget, { from: guide, kept })
    // The last question kept nothing.
    if (!(model instanceof CounterModel)) return model.kind === 'none' ? 'none' : undefined
    const replayed = attempt(question, model)
    if (replayed.kind !== 'unmet') return replayed
    const further = replayed.elements.filter((m) => !mention.some((k) => Object.is(k.id, m.id)))
    if (further.length === 0) return undefined
    mention = [...mention, ...further]
  }
  return undefined
}

/** Numbers of the guide to hold on to: all, those that have nothing to do with what is read, none. */
function keeping(question: Question, rough: Question, guide: CounterModel): Set<Term>[] {
  const known = variables(question.assertions).filter((v) => v.sort.kind !== 'array' && guide.knows(v))
  const said = new Set<Term>(rough.assertions)
  const loose = new Set(variables(question.assertions.filter((t) => !said.has(t))))
  return [new Set(known), new Set(known.filter((v) => !loose.has(v))), new Set()]
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

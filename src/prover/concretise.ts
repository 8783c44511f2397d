// From a counter-model of one condition to a run of the whole procedure: the model's entry state is completed, and the exact
// interpreter runs the procedure on the model's memory and on memories around it. A broken contract is a refutation, once a
// second run on the recorded memory has shown the same. Finding none says nothing: the model may start in the middle of
// nowhere.

import { Interpreter, type MemoryImage, type Outcome, type ReadEvent } from '../model/interpreter.ts'
import type { Procedure } from '../model/procedure.ts'
import type { Claim } from './claim.ts'
import { type CounterModel, hex, plain } from './countermodel.ts'
import { candidates, entries } from './candidates.ts'
import { RecordedMemory } from './memories.ts'
import type { Obligation, Origin } from './obligation.ts'
import { recordedRun } from './recorded-procedure.ts'
import { type Case, memoryOfCase, shrink } from './shrink.ts'
import type { Counterexample, NamedValue, ReadRecord } from './record.ts'

export type Concretisation =
  | { readonly kind: 'refuted'; readonly run: Extract<Counterexample, { kind: 'run' }> }
  | { readonly kind: 'none'; readonly reason?: string }
  /** The same run on the recorded memory ended otherwise: an internal error. */
  | { readonly kind: 'diverged'; readonly reason: string }

/**
 * How many statements the searches for runs of one claim may execute, all together. Counted in statements and not in time, so
 * that a search has the same outcome on every machine.
 */
export class SearchBudget {
  readonly seed: number
  private left: number

  constructor(seed: number, statements: number) {
    this.seed = seed
    this.left = statements
  }

  /** The share of one search. The solver's own memory is tried even when nothing is left. */
  share(): number {
    return Math.min(MOST_PER_SEARCH, this.left / 2)
  }
  spend(statements: number): void {
    this.left -= statements
  }
  /** One run is enough to refute a claim; more conditions may still bring their own. */
  found(): void {
    this.left = 0
  }
}
const MOST_PER_SEARCH = 300_000
const MOST_PER_RUN = 50_000

type FromProcedure = Obligation & { readonly origin: Extract<Origin, { kind: 'procedure' }> }
type Violation = Extract<Outcome, { kind: 'violation' }>

export function concretise(obligation: FromProcedure, model: CounterModel, claim: Claim, budget: SearchBudget): Concretisation {
  const { procedure, run: bounded } = obligation.origin
  const fixed = new Set(bounded?.entry.keys())
  const share = budget.share()
  let spent = 0
  const run = (c: Pick<Case, 'entry' | 'racing'>, memory: MemoryImage, only: ReadonlySet<string> | undefined) => {
    const interpreter = interpreterFor(c, memory, only)
    const outcome = interpreter.run(procedure, c.entry)
    spent += interpreter.steps
    return { outcome, reads: interpreter.reads }
  }
  // What is wanted is a run that breaks what the model breaks. Only the model's own memory is also tried on everything else.
  const goals = new Set(obligation.parts.map((p) => p.name))
  try {
    let starts = entries(obligation, model)
    if (bounded === undefined) for (const entry of starts) claim.replay?.complete?.(procedure, entry)
    let attempt = 0
    for (const candidate of candidates(obligation, obligation.origin, model, claim, budget.seed)) {
      for (const entry of starts)
        for (const only of attempt === 0 ? [goals, undefined] : [goals]) {
          const recorded = new RecordedMemory(candidate)
          const { outcome } = run({ entry, racing: candidate.racing }, recorded, only)
          if (outcome.kind !== 'violation') continue
          if (isEntryRefused(procedure, outcome)) {
            // No memory changes what is refused for the state alone.
            if (!dependsOnMemory(procedure, outcome)) starts = starts.filter((e) => e !== entry)
            break
          }
          const found: Case = { entry, racing: candidate.racing, answers: recorded.answers, fixed }
          const again = (c: Case) => run(c, memoryOfCase(c), only)
          const fails = (c: Case) => sameFailure(outcome, again(c).outcome)
          if (!fails(found)) return { kind: 'diverged', reason: `a run that broke ${outcome.name} could not be repeated` }
          const enough = spent + budget.share()
          const small = shrink(found, fails, () => spent > enough)
          budget.found()
          return { kind: 'refuted', run: describe(procedure, small, outcome, again(small).reads, attempt, claim) }
        }
      attempt++
      if (spent > share || starts.length === 0) break
    }
    return { kind: 'none' }
  } catch (e) {
    return { kind: 'none', reason: `the procedure could not be run: ${e instanceof Error ? e.message : String(e)}` }
  } finally {
    budget.spend(spent)
  }
}

function interpreterFor(
  { racing }: Pick<Case, 'racing'>,
  memory: MemoryImage,
  only: ReadonlySet<string> | undefined,
): Interpreter {
  const some = only === undefined ? {} : { only }
  return new Interpreter({ memory, check: true, erase: false, racing, maxSteps: MOST_PER_RUN, ...some })
}

/** The procedure's own precondition is its caller's affair. */
const isEntryRefused = (procedure: Procedure, { of, procedure: inside }: Violation): boolean =>
  of === 'requires' && inside === procedure.name
function dependsOnMemory(procedure: Procedure, { name }: Violation): boolean {
  return procedure.requires.find((c) => c.name === name)?.mode !== 'any'
}
const sameFailure = (a: Violation, b: Outcome): boolean =>
  b.kind === 'violation' && a.of === b.of && a.procedure === b.procedure && a.name === b.name && a.at.line === b.at.line

function describe(
  procedure: Procedure,
  small: Case,
  { of, procedure: inside, name, at }: Violation,
  reads: readonly ReadEvent[],
  attempt: number,
  claim: Claim,
): Extract<Counterexample, { kind: 'run' }> {
  const { entry, racing, answers } = small
  const read = new Set(reads.map(({ word }) => word))
  const unread = racing ? [] : [...answers].filter(([word, value]) => value !== 0n && !read.has(word))
  return {
    kind: 'run',
    procedure: procedure.name,
    violated: { of, procedure: inside, name, at },
    entry: [...entry].map(([cell, value]): NamedValue => ({ name: cell.name, value: plain(value) })),
    reads: reads.map((read) => explainedRead(read, claim)),
    racing,
    unread: unread.map(([word, value]) => ({ address: hex(word * 8n), value: hex(value) })),
    attempt,
    recorded: recordedRun(procedure, small, name, claim.refutes?.without ?? []),
  }
}

export function explainedRead(read: ReadEvent, claim: Claim): ReadRecord {
  const explained = claim.explain?.(read)
  const { procedure, local, word, value } = read
  return { procedure, local, address: hex(word * 8n), value: hex(value), ...(explained === undefined ? {} : { explained }) }
}

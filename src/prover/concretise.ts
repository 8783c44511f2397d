// From a counter-model of one condition to a run of the whole procedure: the model's entry state is completed, and the exact
// interpreter runs the procedure on the model's memory and on memories around it. A broken contract is a refutation, once a
// second run on the recorded memory has shown the same. Finding none says nothing: the model may start in the middle of
// nowhere.

import type { Cell } from '../model/cell.ts'
import type { Value } from '../model/evaluate.ts'
import { Interpreter, type MemoryImage, type Outcome, type ReadEvent } from '../model/interpreter.ts'
import type { Procedure } from '../model/procedure.ts'
import type { Claim } from './claim.ts'
import { type CounterModel, hex, plain } from './countermodel.ts'
import { type Candidate, frozenAround, memoryOf, racingAround, RecordedMemory } from './memories.ts'
import { mix64 } from './random.ts'
import type { Obligation, Origin } from './obligation.ts'
import type { Counterexample, NamedValue, ReadRecord } from './record.ts'

export type Concretisation =
  | { readonly kind: 'refuted'; readonly run: Extract<Counterexample, { kind: 'run' }> }
  | { readonly kind: 'none'; readonly reason?: string }
  /** The same run on the recorded memory ended otherwise: an internal error. */
  | { readonly kind: 'diverged'; readonly reason: string }

/** How long a claim's failed conditions may be searched for runs, all together. */
export class SearchBudget {
  readonly seed: number
  readonly maxSteps: number
  private leftMs: number

  constructor(options: { readonly seed: number; readonly maxSteps: number; readonly totalMs: number }) {
    this.seed = options.seed
    this.maxSteps = options.maxSteps
    this.leftMs = options.totalMs
  }

  /** The share of one condition. The solver's own memory is tried even when nothing is left. */
  share(): number {
    return Math.min(3000, this.leftMs / 2)
  }
  spend(ms: number): void {
    this.leftMs -= ms
  }
  /** One run is enough to refute a claim; more conditions may still bring their own. */
  found(): void {
    this.leftMs = 0
  }
}

type FromProcedure = Obligation & { readonly origin: Extract<Origin, { kind: 'procedure' }> }
type Violation = Extract<Outcome, { kind: 'violation' }>

const OWN_VARIANTS = 64
const FROZEN = 24
const RACING = 96

export function concretise(obligation: FromProcedure, model: CounterModel, claim: Claim, budget: SearchBudget): Concretisation {
  const { procedure } = obligation.origin
  const entry = model.entryState(obligation)
  const started = Date.now()
  const share = budget.share()
  try {
    claim.replay?.complete?.(procedure, entry)
    let attempt = 0
    for (const candidate of candidates(obligation, model, claim, budget.seed)) {
      const recorded = new RecordedMemory(candidate)
      const { outcome, reads } = runOnce(procedure, entry, recorded, candidate.racing, budget.maxSteps)
      if (outcome.kind === 'violation') {
        if (!isEntryRefused(procedure, outcome)) {
          const again = runOnce(procedure, entry, recorded.again(), candidate.racing, budget.maxSteps).outcome
          if (!sameFailure(outcome, again))
            return { kind: 'diverged', reason: `the run broke ${outcome.name}, its repetition: ${again.kind}` }
          budget.found()
          return { kind: 'refuted', run: describe(procedure, entry, outcome, reads, candidate.racing, attempt, claim) }
        }
        // No memory changes what is refused for the state alone.
        if (!dependsOnMemory(procedure, outcome)) break
      }
      attempt++
      if (Date.now() - started > share) break
    }
    return { kind: 'none' }
  } catch (e) {
    return { kind: 'none', reason: `the procedure could not be run: ${e instanceof Error ? e.message : String(e)}` }
  } finally {
    budget.spend(Date.now() - started)
  }
}

function* candidates(obligation: FromProcedure, model: CounterModel, claim: Claim, seed: number): Generator<Candidate> {
  const { procedure, mode } = obligation.origin
  const words = model.wordsOf(procedure.memory.snapshot)
  const own = memoryOf(words)
  yield { memory: own, racing: false }
  let n = 0
  for (const memory of claim.replay?.variants?.(procedure, own, seed) ?? []) {
    if (n++ === OWN_VARIANTS) break
    yield { memory, racing: false }
  }
  const pool = model.words(obligation)
  const nth = (i: number) => mix64(BigInt(seed) * 0x1_0000n + BigInt(i))
  for (let i = 0; i < FROZEN; i++) yield { memory: frozenAround(words, pool, nth(i)), racing: false }
  if (mode === 'havoc') for (let i = 0; i < RACING; i++) yield { memory: racingAround(pool, nth(FROZEN + i)), racing: true }
}

function runOnce(
  procedure: Procedure,
  entry: ReadonlyMap<Cell, Value>,
  memory: MemoryImage,
  racing: boolean,
  maxSteps: number,
): { outcome: Outcome; reads: readonly ReadEvent[] } {
  const interpreter = new Interpreter({ memory, check: true, erase: false, racing, maxSteps })
  return { outcome: interpreter.run(procedure, entry), reads: interpreter.reads }
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
  entry: ReadonlyMap<Cell, Value>,
  { of, procedure: inside, name, at }: Violation,
  reads: readonly ReadEvent[],
  racing: boolean,
  attempt: number,
  claim: Claim,
): Extract<Counterexample, { kind: 'run' }> {
  return {
    kind: 'run',
    procedure: procedure.name,
    violated: { of, procedure: inside, name, at },
    entry: [...entry].map(([cell, value]): NamedValue => ({ name: cell.name, value: plain(value) })),
    reads: reads.map((read) => explainedRead(read, claim)),
    racing,
    attempt,
  }
}

export function explainedRead(read: ReadEvent, claim: Claim): ReadRecord {
  const explained = claim.explain?.(read)
  const { procedure, local, word, value } = read
  return { procedure, local, address: hex(word * 8n), value: hex(value), ...(explained === undefined ? {} : { explained }) }
}

// Memories to run a procedure on after its condition has failed in a model, the likeliest first: the model's own, the values
// that it read wherever the procedure reads, what the claim knows to try, then draws from the model's numbers. And the
// states to start from.

import { type Cell, cellOf } from '../model/cell.ts'
import type { Value } from '../model/evaluate.ts'
import { statementsOf } from '../model/procedure.ts'
import { varOf } from '../model/term.ts'
import type { Claim } from './claim.ts'
import { type CounterModel, variablesOf } from './countermodel.ts'
import { type Candidate, everywhere, firstRead, frozenAround, memoryOf, racingAround } from './memories.ts'
import type { BoundedRead, BoundedRun, Obligation, Origin } from './obligation.ts'
import { mix64 } from './random.ts'
import { memoryOfCase } from './shrink.ts'

const MOST_VARIANTS = 64
const MOST_VALUES = 8
const DRAWS = 32
/** Racing memories for each frozen one. */
const RACES = 3

export function* candidates(
  obligation: Obligation,
  { procedure, mode, run }: Extract<Origin, { kind: 'procedure' }>,
  model: CounterModel,
  claim: Claim,
  seed: number,
): Generator<Candidate> {
  const words = model.wordsOf(procedure.memory.snapshot)
  if (run !== undefined) return yield runOf(run, mode, model, words)
  const own = memoryOf(words)
  yield { memory: () => own, racing: false }
  const read = mode === 'havoc' ? readValues(obligation, model) : [...new Set(words.values())].filter((v) => v !== 0n)
  for (const value of read.slice(0, MOST_VALUES)) {
    yield { memory: () => firstRead(value), racing: false }
    yield { memory: () => everywhere(value), racing: false }
  }
  let n = 0
  for (const memory of claim.replay?.variants?.(procedure, own, seed) ?? []) {
    if (n++ === MOST_VARIANTS) break
    yield { memory: () => memory, racing: false }
  }
  const pool = model.words(obligation)
  const nth = (i: number) => mix64(BigInt(seed) * 0x1_0000n + BigInt(i))
  for (let i = 0; i < DRAWS; i++) {
    if (mode === 'havoc')
      for (let k = 0; k < RACES; k++) yield { memory: () => racingAround(pool, nth(RACES * i + k)), racing: true }
    yield { memory: () => frozenAround(words, pool, nth(i)), racing: false }
  }
}

/** The memory of the run that the model is; what frozen memory holds besides is what preconditions may speak of. */
function runOf(
  { reads }: BoundedRun,
  mode: 'havoc' | 'snapshot',
  { evaluator }: CounterModel,
  words: ReadonlyMap<bigint, bigint>,
): Candidate {
  const met = reads.filter((read) => evaluator.bool(read.condition))
  const racing = mode === 'havoc'
  const key = (read: BoundedRead, n: number) => (racing ? BigInt(n) : evaluator.bv(read.word))
  const read = met.map((r, n) => [key(r, n), evaluator.bv(r.value)] as const)
  const answers = new Map([...(racing ? [] : words), ...read])
  return { memory: () => memoryOfCase({ racing, answers }), racing }
}

/** States to start from: the model's entry, and what it has at a loop's head or after a call, as if that were the entry. */
export function entries(obligation: Obligation, model: CounterModel): Map<Cell, Value>[] {
  const entry = model.entryState(obligation)
  const { origin } = obligation
  if (origin.kind === 'procedure' && origin.run !== undefined) return [new Map([...origin.run.entry, ...entry])]
  const [first, last] = [new Map(entry), new Map(entry)]
  const seen = new Set<Cell>()
  const havocked = variablesOf(obligation).flatMap((v) => {
    const [, name, n] = /^(.*)!(\d+)$/.exec(v.attribute as string) ?? []
    const cell = name === undefined ? undefined : cellOf(varOf(name, v.sort))
    return cell === undefined || cell.kind === 'local' ? [] : [{ cell, n: Number(n), value: model.environment(v) }]
  })
  for (const { cell, value } of havocked.sort((a, b) => a.n - b.n)) {
    if (!seen.has(cell)) first.set(cell, value)
    seen.add(cell)
    last.set(cell, value)
  }
  return havocked.length === 0 ? [entry] : [entry, first, last]
}

/** Values of the locals that reads fill, as the model has them at some point of the run; the latest first. */
function readValues(obligation: Obligation, model: CounterModel): bigint[] {
  const { origin } = obligation
  if (origin.kind !== 'procedure') return []
  const locals = new Set([...statementsOf(origin.procedure.body)].flatMap((s) => (s.kind === 'read' ? [s.cell.name] : [])))
  const values = variablesOf(obligation)
    .filter((v) => locals.has((v.attribute as string).replace(/!\d+$/, '')))
    .map((v) => model.environment(v) as bigint)
  return [...new Set(values)].filter((v) => v !== 0n).reverse()
}

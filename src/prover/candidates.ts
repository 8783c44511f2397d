// Memories to run a procedure on after its condition has failed in a model, the likeliest first: the model's own, the values
// that it read wherever the procedure reads, what the claim knows to try, then draws from the model's numbers.

import { statementsOf } from '../model/procedure.ts'
import type { Claim } from './claim.ts'
import { type CounterModel, variablesOf } from './countermodel.ts'
import { type Candidate, everywhere, firstRead, frozenAround, memoryOf, racingAround } from './memories.ts'
import type { Obligation, Origin } from './obligation.ts'
import { mix64 } from './random.ts'

const MOST_VARIANTS = 64
const MOST_VALUES = 8
const FROZEN = 24
const RACING = 96

export function* candidates(
  obligation: Obligation,
  { procedure, mode }: Extract<Origin, { kind: 'procedure' }>,
  model: CounterModel,
  claim: Claim,
  seed: number,
): Generator<Candidate> {
  const words = model.wordsOf(procedure.memory.snapshot)
  const own = memoryOf(words)
  yield { memory: own, racing: false }
  const read = mode === 'havoc' ? readValues(obligation, model) : [...new Set(words.values())].filter((v) => v !== 0n)
  for (const value of read.slice(0, MOST_VALUES)) {
    yield { memory: firstRead(value), racing: false }
    yield { memory: everywhere(value), racing: false }
  }
  let n = 0
  for (const memory of claim.replay?.variants?.(procedure, own, seed) ?? []) {
    if (n++ === MOST_VARIANTS) break
    yield { memory, racing: false }
  }
  const pool = model.words(obligation)
  const nth = (i: number) => mix64(BigInt(seed) * 0x1_0000n + BigInt(i))
  for (let i = 0; i < FROZEN; i++) yield { memory: frozenAround(words, pool, nth(i)), racing: false }
  if (mode === 'havoc') for (let i = 0; i < RACING; i++) yield { memory: racingAround(pool, nth(FROZEN + i)), racing: true }
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

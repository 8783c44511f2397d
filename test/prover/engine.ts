// What tests of the prover's engine share: obligations from terms, oracles that answer by rule and remember what was asked.

import type { Bool } from '../../src/model/term.ts'
import { type Claim, claim } from '../../src/prover/claim.ts'
import type { Hypothesis, Obligation } from '../../src/prover/obligation.ts'
import type { Oracle } from '../../src/prover/oracle.ts'
import { type ProveContext, prove } from '../../src/prover/prove.ts'
import type { ClaimRecord, ObligationRecord } from '../../src/prover/record.ts'
import type { SolverAnswer, SolverRequest } from '../../src/prover/solver/solver.ts'
import type { ModelValue } from '../../src/prover/solver/value.ts'

export const hypothesis = (name: string, term: Bool, topic?: string): Hypothesis => ({
  name,
  term,
  ...(topic === undefined ? {} : { topic }),
})

export function obligation(id: string, hypotheses: readonly Hypothesis[], goal: Bool, topic?: string): Obligation {
  const common = { id, conjunct: id, parts: [{ name: id, term: goal }], origin: { kind: 'validity' as const }, hypotheses, goal }
  return topic === undefined ? common : { ...common, topic }
}

export const claimOf = (obligations: readonly Obligation[], more: Partial<Claim> = {}): Claim =>
  claim({ id: 'C', statement: 'For all.', obligations: () => obligations, ...more })

type Rule = (request: SolverRequest) => SolverAnswer
export class FakeOracle implements Oracle {
  readonly name = 'fake'
  readonly version = '1'
  readonly asked: SolverRequest[] = []
  private readonly rule: Rule

  constructor(rule: Rule) {
    this.rule = rule
  }
  async ask(request: SolverRequest) {
    this.asked.push(request)
    return { answer: this.rule(request), cached: false }
  }
}

export const unsat: SolverAnswer = { kind: 'unsat', core: [], ms: 1 }
export const timedOut: SolverAnswer = { kind: 'unknown', reason: 'timeout', detail: '', ms: 1 }
export const sat = (values: Readonly<Record<string, bigint | boolean>>, width = 8): SolverAnswer => ({
  kind: 'sat',
  model: new Map(
    Object.entries(values).map(([name, value]): [string, ModelValue] => [
      name,
      typeof value === 'boolean' ? { kind: 'bool', value } : { kind: 'bv', width, value },
    ]),
  ),
  ms: 1,
})

/** Proves one claim and gives its record and those of its obligations. */
export async function decideClaim(
  given: Claim,
  oracle: Oracle,
  more: Partial<ProveContext> = {},
): Promise<{ claim: ClaimRecord; obligations: ObligationRecord[] }> {
  const obligations: ObligationRecord[] = []
  const emit: ProveContext['emit'] = (event) => void (event.kind === 'obligation' && obligations.push(event.record))
  const [record] = await prove([given], { oracle, timeoutMs: 1000, seed: 1, inFlight: 1, emit, ...more })
  return { claim: record!, obligations }
}

// A claim about the runs of a scenario on its way: one question, whether some run breaks the statement.

import { match } from 'ts-pattern'
import { attack } from './attack.ts'
import type { Claim } from './claim.ts'
import type { Oracle } from './oracle.ts'
import type { ClaimRecord, ObligationRecord, ProveEvent } from './record.ts'
import { traceOf } from './trace.ts'

interface Context {
  readonly oracle: Oracle
  readonly timeoutMs: number
  readonly emit: (event: ProveEvent) => void
}

export class ScenarioRun {
  done!: Promise<ClaimRecord>
  private readonly claim: Claim
  private readonly context: Context

  constructor(claim: Claim, context: Context) {
    this.claim = claim
    this.context = context
  }

  start(): void {
    this.context.emit({ kind: 'claim-started', claim: this.claim.id, total: 1 })
    this.done = this.decide()
    // Rejections are seen where `done` is awaited, which may be after others have failed.
    this.done.catch(() => undefined)
  }

  private async decide(): Promise<ClaimRecord> {
    const { id, statement, assumptions, expect, row } = this.claim
    const { emit } = this.context
    const started = Date.now()
    const record = await this.asked()
    emit({ kind: 'obligation', record })
    const done: ClaimRecord = {
      ...{ id, statement, assumptions, expect },
      ...(row === undefined ? {} : { row }),
      verdict: record.verdict,
      asExpected: record.verdict === expect,
      obligations: {
        total: 1,
        proved: record.verdict === 'proved' ? 1 : 0,
        bySimplification: 0,
        fromCache: 0,
        skipped: 0,
      },
      hypothesesChecked: { queries: 0, ms: 0 },
      ms: Date.now() - started,
    }
    emit({ kind: 'claim-done', record: done })
    return done
  }

  private async asked(): Promise<ObligationRecord> {
    const { system, profile, scenario, wording } = this.claim.about!
    const { breaks } = scenario!
    const started = Date.now()
    const found = await attack(system, profile, scenario!, {
      oracle: this.context.oracle,
      timeoutMs: this.context.timeoutMs,
      how: {},
    })
    const common = {
      claim: this.claim.id,
      id: `runs x ${breaks.name}`,
      conjunct: breaks.name,
      origin: { kind: 'scenario', breaks: breaks.name },
      by: 'solver',
      hypotheses: 'all',
      hypothesisCount: profile.length,
      instances: [],
      bytes: 0,
      cached: false,
      ms: Date.now() - started,
    } as const
    return match(found)
      .returnType<ObligationRecord>()
      .with({ kind: 'run' }, ({ run, target, isGiven }) => ({
        ...common,
        verdict: 'refuted',
        counterexample: traceOf(run, target, { system, statement: breaks, wording, isGiven }),
      }))
      .with({ kind: 'none' }, () => ({ ...common, verdict: 'proved' }))
      .with({ kind: 'unknown' }, ({ reason }) => ({ ...common, verdict: 'unknown', reason }))
      .with({ kind: 'differs' }, ({ reason }) => ({
        ...common,
        verdict: 'disagreement',
        reason: `a run that the solver found is none by exact evaluation: ${reason}`,
      }))
      .exhaustive()
  }
}

// The prover's engine: claims in, a stream of events and one record per claim out. Obligations of all claims are prepared as
// the claims are built, and asked about the longest first, so many at a time. Hypotheses of proved obligations are then
// checked to be satisfiable. A claim that expects a refutation ends with the first one.

import type { Claim, SystemTheorem } from './claim.ts'
import { SearchBudget } from './concretise.ts'
import { type Court, judge, settles } from './judge.ts'
import type { CounterModel } from './countermodel.ts'
import { Coverage, impossibleActions, type RandomRuns } from './coverage.ts'
import { prepare, type Prepared } from './decide.ts'
import { Questions } from './explore.ts'
import { investigate, Searches } from './investigate.ts'
import { isAboutSystem } from './obligation.ts'
import type { ClaimRecord, ClaimSummary, ObligationRecord, ProveEvent, Reliance } from './record.ts'
import { Reliances } from './reliance.ts'
import { ScenarioRun } from './scenario-run.ts'
import { Sufficiency } from './sufficiency.ts'
import { type Spent, Vacuity } from './vacuity.ts'
import { worst } from './verdict.ts'
import { WorkQueue } from './work.ts'

export interface ProveContext extends Court {
  /** For searches around counter-models. */
  readonly seed: number
  /** Questions in flight at a time. */
  readonly inFlight: number
  readonly emit: (event: ProveEvent) => void
  /** Find out which actions and cases of systems happen at all, by random runs first if there is somebody to make them. */
  readonly coverage?: boolean
  /** Find all minimal sets of assumptions under which claims hold. */
  readonly assumptions?: boolean
  readonly randomRuns?: RandomRuns
}

export async function prove(claims: readonly Claim[], context: ProveContext): Promise<ClaimRecord[]> {
  const queue = new WorkQueue(context.inFlight)
  const { oracle, timeoutMs } = context
  const searches = new Searches({ oracle, timeoutMs, how: {} })
  const coverage =
    context.coverage === true
      ? new Coverage(
          claims.flatMap((c) => c.about ?? []),
          searches,
          context.seed,
          context.randomRuns,
        )
      : undefined
  const common: Common = {
    queue,
    vacuity: new Vacuity(oracle, queue, timeoutMs),
    searches,
    sufficiency: new Sufficiency(oracle, timeoutMs),
    reliances: new Reliances(oracle, timeoutMs),
    coverage,
  }
  const runs: { readonly done: Promise<ClaimRecord> }[] = []
  try {
    for (const claim of claims) {
      const run = claim.about?.scenario === undefined ? new ClaimRun(claim, context, common) : new ScenarioRun(claim, context)
      runs.push(run)
      run.start()
      // Between claims, answers that have arrived are taken in.
      await new Promise((resolve) => setImmediate(resolve))
    }
  } catch (e) {
    queue.abandon()
    throw e
  }
  const records = await Promise.all(runs.map((run) => run.done))
  for (const system of coverage?.systems ?? []) context.emit({ kind: 'coverage', record: await coverage!.of(system) })
  return records
}

export const summaryOf = ({
  id,
  statement,
  assumptions,
  expect,
  row,
  refutes,
  residual,
  lemmas,
  notes,
}: Claim): ClaimSummary => ({
  ...{ id, statement, assumptions, expect },
  ...(row === undefined ? {} : { row }),
  ...(refutes === undefined ? {} : { refutes }),
  ...(residual === undefined ? {} : { residual }),
  ...(lemmas === undefined ? {} : { lemmas }),
  ...(notes === undefined ? {} : { notes }),
})

/** Statements that the searches around a claim's counter-models may execute. */
const SEARCH = { wanted: 3_000_000, unwanted: 400_000 }
/** Questions that the searches for runs of a system may ask, for one claim. */
const QUESTIONS = { wanted: 600, unwanted: 200 }

/** What claims share. */
interface Common {
  readonly queue: WorkQueue
  readonly vacuity: Vacuity
  readonly searches: Searches
  readonly sufficiency: Sufficiency
  readonly reliances: Reliances
  readonly coverage: Coverage | undefined
}

/** One claim on its way: proofs, then the satisfiability of their hypotheses, then the record. */
class ClaimRun {
  readonly done: Promise<ClaimRecord>
  private finish!: (record: ClaimRecord) => void
  private fail!: (error: unknown) => void
  private readonly claim: Claim
  private readonly context: ProveContext
  private readonly common: Common
  private readonly search: SearchBudget
  private readonly questions: Questions
  private needs: readonly string[] | undefined
  private restsOn: Reliance | undefined
  private emptiness: string | undefined
  private readonly spent: Spent = { queries: 0, ms: 0 }
  private readonly started = Date.now()
  private prepared: Prepared[] = []
  private readonly records = new Map<Prepared, ObligationRecord>()
  /** Aborted when the verdict is known before all questions are answered. */
  private readonly settlement = new AbortController()

  constructor(claim: Claim, context: ProveContext, common: Common) {
    this.claim = claim
    this.context = context
    this.common = common
    this.search = new SearchBudget(context.seed, claim.expect === 'refuted' ? SEARCH.wanted : SEARCH.unwanted)
    this.questions = new Questions(claim.expect === 'refuted' ? QUESTIONS.wanted : QUESTIONS.unwanted)
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve
      this.fail = reject
    })
    // Rejections are seen where `done` is awaited, which may be after others have failed.
    this.done.catch(() => undefined)
  }

  start(): void {
    this.prepared = this.claim.obligations().map((o) => prepare(o, this.claim.axioms))
    const { emit } = this.context
    emit({ kind: 'claim-started', claim: this.claim.id, total: this.prepared.length })
    let left = this.prepared.length
    if (left === 0) this.conclude()
    for (const p of this.prepared)
      this.common.queue.add(p.weight, async () => {
        try {
          if (this.isSettled()) return
          await this.proof(p)
          if (this.isSettled()) return
          emit({ kind: 'progress', claim: this.claim.id, done: this.records.size, total: this.prepared.length })
          if (--left > 0) return
          // Not waited for in the queue, where the questions about hypotheses need room themselves.
          this.conclusions().then(
            () => this.conclude(),
            (e) => this.fail(e),
          )
        } catch (e) {
          this.fail(e)
        }
      })
  }
  private isSettled(): boolean {
    return this.settlement.signal.aborted
  }

  private async proof(p: Prepared): Promise<void> {
    const how = { weight: p.weight, signal: this.settlement.signal }
    const { record: judged, model } = await judge(p, this.claim, this.context, { search: this.search, how })
    if (this.isSettled()) return
    const record = await this.investigated(p, judged, model)
    if (this.isSettled()) return
    this.records.set(p, record)
    if (model !== undefined) this.common.vacuity.learn(this.contextOf(p), model)
    if (this.claim.expect !== 'refuted' || !settles(record.verdict)) return
    // What is still in flight is not waited for.
    this.settlement.abort()
    this.questions.left = 0
    this.conclude()
  }

  private async investigated(p: Prepared, record: ObligationRecord, model: CounterModel | undefined): Promise<ObligationRecord> {
    const { about } = this.claim
    const { origin } = p.obligation
    if (record.verdict !== 'not-inductive' || about === undefined || model === undefined) return record
    if (origin.kind === 'validity' || origin.kind === 'procedure') return record
    return investigate(record, origin, model, about, this.common.searches, this.questions)
  }

  /** What is asked when all proofs are there. */
  private async conclusions(): Promise<void> {
    await this.checkHypotheses()
    const { about } = this.claim
    if (about !== undefined) this.emptiness = await this.emptinessOf(about)
    const proofs = [...this.records].flatMap(([{ obligation }, { needs }]) =>
      needs === undefined ? [] : [{ obligation, needs }],
    )
    if (this.context.assumptions === true && [...this.records.values()].every((r) => r.verdict === 'proved'))
      this.restsOn = await this.common.reliances.of(this.claim, proofs)
    // A row of the gallery says what it needs by its other half.
    if (about === undefined || this.claim.row !== undefined || proofs.length < this.prepared.length) return
    const one = about.given === undefined ? this.restsOn?.sets[0] : undefined
    this.needs = one ?? (await this.common.sufficiency.neededBy(proofs, about.profile))
  }

  /** Why the claim says nothing about the system, if it does not. */
  private async emptinessOf(about: SystemTheorem): Promise<string | undefined> {
    const { searches, coverage } = this.common
    if ((await searches.of(about).start()).kind === 'none') return 'no initial state satisfies the profile'
    const impossible = coverage === undefined ? [] : impossibleActions(await coverage.of(about.system))
    return impossible.length === 0
      ? undefined
      : `no run was found, in any profile, in which this happens: ${impossible.join(', ')}`
  }

  private async checkHypotheses(): Promise<void> {
    await Promise.all(
      [...this.records].map(async ([p, record]) => {
        // Whether an action is possible is a question to all profiles, and asked apart (coverage.ts).
        if (record.verdict !== 'proved' || isAboutSystem(p.obligation)) return
        const id = `${this.claim.id}/${p.obligation.id}#hypotheses`
        const found = await this.common.vacuity.check(this.contextOf(p), p.obligation.hypotheses, id, this.spent)
        if (found.kind === 'contradictory') this.records.set(p, { ...record, verdict: 'vacuous', contradiction: found.names })
        if (found.kind === 'unknown')
          this.records.set(p, {
            ...record,
            verdict: 'unknown',
            reason: `no state found that satisfies the hypotheses (${found.reason})`,
          })
      }),
    )
  }

  /** Obligations whose hypotheses are likely to be satisfied by nearby states. */
  private contextOf({ obligation: { origin } }: Prepared): string {
    return origin.kind === 'procedure' ? `${origin.procedure.name}/${origin.mode}` : this.claim.id
  }

  private conclude(): void {
    const records = this.prepared.flatMap((p) => this.records.get(p) ?? [])
    for (const record of records) this.context.emit({ kind: 'obligation', record })
    const count = (test: (r: ObligationRecord) => boolean) => records.filter(test).length
    const isEmpty = this.prepared.length === 0 || this.emptiness !== undefined
    const verdict = worst([...records.map((r) => r.verdict), ...(isEmpty ? (['vacuous'] as const) : [])])
    const record: ClaimRecord = {
      ...summaryOf(this.claim),
      verdict,
      asExpected: verdict === this.claim.expect,
      obligations: {
        total: this.prepared.length,
        proved: count((r) => r.verdict === 'proved'),
        bySimplification: count((r) => r.by === 'simplification'),
        fromCache: count((r) => r.cached),
        skipped: this.prepared.length - records.length,
      },
      hypothesesChecked: { ...this.spent },
      ...(this.needs === undefined ? {} : { needs: this.needs }),
      ...(this.restsOn === undefined ? {} : { restsOn: this.restsOn }),
      ...(this.emptiness === undefined ? {} : { emptiness: this.emptiness }),
      ms: Date.now() - this.started,
    }
    this.context.emit({ kind: 'claim-done', record })
    this.finish(record)
  }
}

// Covers: a proof run on a terminal or in a log: a claim's lines as it is decided, live progress where a person looks, a line
// that sums up.
import type { ObligationRecord, RunEvent, RunSummary } from '../prover/record.ts'
import { grouped, plural } from './numbers.ts'
import type { Residual } from '../prover/claim.ts'
import { type ClaimView, claimText, meaningOf, seconds, specErrorText } from './prove-claim.ts'
import { coverageText } from './prove-coverage.ts'
import type { ProgressLine } from './prove-progress.ts'
import { residualTable } from './prove-reliance.ts'

export interface Output {
  /** Lines that stay. */
  readonly print: (text: string) => void
  /** Problems that keep a spec from being run. */
  readonly complain: (text: string) => void
  readonly progress?: ProgressLine
}

/** Takes the events of one run in. */
export class ProveTerminal {
  private readonly view: ClaimView
  private readonly output: Output
  private readonly obligations = new Map<string, ObligationRecord[]>()
  private readonly unexpected: string[] = []
  private readonly residual = new Map<string, Residual>()

  constructor(view: ClaimView, output: Output) {
    this.view = view
    this.output = output
  }

  event(event: RunEvent): void {
    this.output.progress?.event(event)
    if (event.kind === 'spec-failed') this.output.complain(this.view.style.bad(specErrorText(event.error, this.view.cwd)))
    else if (event.kind === 'spec-printed') this.output.complain(event.text)
    else if (event.kind === 'prove') {
      const { spec, event: inner } = event
      if (inner.kind === 'obligation') this.keep(`${spec}\n${inner.record.claim}`, inner.record)
      if (inner.kind === 'coverage') this.output.print(coverageText(spec, inner.record, this.view))
      if (inner.kind !== 'claim-done') return
      const key = `${spec}\n${inner.record.id}`
      this.output.print(claimText(spec, inner.record, this.obligations.get(key) ?? [], this.view))
      this.obligations.delete(key)
      for (const r of inner.record.residual ?? []) this.residual.set(r.id, r)
      if (!inner.record.asExpected)
        this.unexpected.push(`${inner.record.id} is ${inner.record.verdict}: ${meaningOf(inner.record.verdict)}`)
    }
  }

  private keep(key: string, record: ObligationRecord): void {
    const list = this.obligations.get(key)
    if (list === undefined) this.obligations.set(key, [record])
    else list.push(record)
  }

  end(summary: RunSummary): void {
    const { style } = this.view
    this.output.progress?.end()
    if (this.residual.size > 0) this.output.print(`\n${residualTable([...this.residual.values()], style).join('\n')}`)
    const { claims, asExpected, obligations, bySimplification, fromCache, failedSpecs, ms, exit } = summary
    const good = exit === 0
    const share = good
      ? `${plural(claims, 'claim')}, all as expected`
      : `${grouped(asExpected)} of ${plural(claims, 'claim')} as expected`
    const counted = [...(claims > 0 ? [share] : []), ...(failedSpecs > 0 ? [`${plural(failedSpecs, 'spec')} not run`] : [])].join(
      ', ',
    )
    const verdict = style.strong(good ? style.good(counted) : style.bad(counted))
    const how = `${plural(obligations, 'obligation')} (${grouped(bySimplification)} by simplification, ${grouped(fromCache)} from cache), `
    const crossCheck = summary.crossCheck === undefined ? '' : `, cross-checked by ${summary.crossCheck}`
    const settings = `${summary.solver}${crossCheck}, seed ${summary.seed}, ${summary.timeoutMs / 1000} s per obligation`
    const lines = [...this.unexpected.map((line) => `  ${line}`), `${verdict}: ${claims > 0 ? how : ''}${seconds(ms)}`]
    this.output.print(`\n${lines.join('\n')}\n${style.faint(settings)}${good ? '' : style.faint(`, exit code ${exit}`)}`)
  }
}

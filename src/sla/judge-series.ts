// Covers: promises held against a series of reports: processor time by the estimator, what a report shows at one instant by all that were accepted.
// Leaves out: how the series was drawn and which reports were accepted (src/proxy).

import type { JudgedPromise, Judgement, Unmeasured } from '../report/judgement.ts'
import type { MachineTime } from '../report/series.ts'
import { type Series, timeShare } from '../sampling/time-share.ts'
import type { MeasuredCensus } from './evidence.ts'
import { judge, summed } from './judge.ts'
import type { Sla, VmSla } from './sla.ts'

const NOTHING: MeasuredCensus = { status: 'partial', spaces: [], running: [] }

/** What one promise came to at the instants of the reports. */
interface Tally {
  readonly without: JudgedPromise
  kept: number
  broken: number
  readonly unmeasured: Map<Unmeasured, number>
}

export interface JudgedSeries {
  readonly judgement: Judgement
  readonly machines: readonly MachineTime[]
}

export class SeriesJudge {
  private readonly sla: Sla
  private readonly tallies: readonly Tally[]
  private reports = 0

  constructor(sla: Sla) {
    this.sla = sla
    this.tallies = judge(sla, { census: NOTHING }).promises.map((without) => ({
      without,
      kept: 0,
      broken: 0,
      unmeasured: new Map(),
    }))
  }

  /** A report that was accepted. */
  take(census: MeasuredCensus): void {
    this.reports++
    for (const [i, { verdict, reason }] of judge(this.sla, { census }).promises.entries()) {
      const tally = this.tallies[i]!
      if (verdict === 'kept') tally.kept++
      else if (verdict === 'broken') tally.broken++
      if (reason !== null) tally.unmeasured.set(reason, (tally.unmeasured.get(reason) ?? 0) + 1)
    }
  }

  finish(series: Series): JudgedSeries {
    const machines = this.sla.vms.flatMap((vm) => machineTime(vm, series))
    const times = new Map(machines.map((machine) => [machine.vm, machine]))
    const promises = this.tallies.map((tally) => {
      const { vm, promise } = tally.without
      const time = times.get(vm)
      return promise === 'cpu' && time !== undefined ? { ...tally.without, ...timeFinding(time) } : this.overall(tally, series)
    })
    return { judgement: summed(promises), machines }
  }

  /** Broken once is broken; kept is what was kept at every instant at which somebody asked, those aside at which the machine did not run. */
  private overall({ without, kept, broken, unmeasured }: Tally, { unanswered }: Series): JudgedPromise {
    // What needs no report (sharing that is allowed) and what no report tells (packets).
    if (without.verdict === 'kept' || without.reason === 'no-counter') return without
    const measured = `kept in ${kept} of ${this.reports} reports${broken > 0 ? `, broken in ${broken}` : ''}`
    if (broken > 0) return { ...without, measured, verdict: 'broken', reason: null }
    const others = [...unmeasured].filter(([reason]) => reason !== 'not-running')
    const reason: Unmeasured | null =
      others.length > 0
        ? others.reduce((a, b) => (b[1] > a[1] ? b : a))[0]
        : kept === 0
          ? 'not-running'
          : unanswered > 0
            ? 'reports-missing'
            : null
    return { ...without, measured, verdict: reason === null ? 'kept' : 'not-measurable', reason }
  }
}

function machineTime({ name, vmcbs, cpu }: VmSla, series: Series): readonly MachineTime[] {
  if (cpu === undefined) return []
  return [{ vm: name, promised: cpu.threads, confidence: cpu.confidence, ...timeShare(series, vmcbs, cpu.confidence) }]
}

function timeFinding({
  promised,
  seen,
  low,
  shown,
  high,
  bias,
}: MachineTime): Pick<JudgedPromise, 'measured' | 'verdict' | 'reason'> {
  const withheld = high > shown ? `; ${decimals(high)} if what is missing counted` : ''
  const measured = `${decimals(low)} to ${decimals(shown)} threads${withheld}`
  if (low >= promised) return { measured, verdict: 'kept', reason: null }
  if (shown < promised) return { measured, verdict: 'broken', reason: null }
  return { measured, verdict: 'not-measurable', reason: Math.abs(seen - promised) <= bias ? 'bias' : 'too-few-samples' }
}

const decimals = (threads: number): string => threads.toFixed(3)

// Covers: a simulation on a terminal: what each run came to, what was covered, and how far the present run is.
import { match } from 'ts-pattern'
import type { ActionCoverage, Outcome, RunRecord, SimulationEvent } from '../executor/simulation/record.ts'
import { grouped, plural } from './numbers.ts'
import { traceLines, whereText } from './simulate-trace.ts'
import type { Style } from './style.ts'

const MOST_MISSED = 12

export interface ClaimResult {
  readonly id: string
  readonly expect: string
  readonly statement: string
  readonly runs: readonly RunRecord[]
}

export function progressText(event: Extract<SimulationEvent, { kind: 'progress' }>, steps: number): string {
  const { claims, run, seed, ms, coverage } = event
  const part = `${grouped(event.steps)}/${grouped(steps)} steps`
  return `${claims.join(', ')}  run ${run + 1}, seed ${seed}  ${part}  ${speedText(event.steps, ms)}  ${coverageText(coverage)}`
}

/** One line per run, as it ends. */
export function runText({ run, seed, steps, ms, outcome, coverage }: RunRecord, style: Style): string {
  const what = `${outcomeText(outcome, style)}  ${plural(steps, 'step')}  ${speedText(steps, ms)}  ${coverageText(coverage)}`
  return `  run ${run + 1}, seed ${seed}  ${what}`
}

/** The verdict on a claim after all its runs. */
function verdictLines({ id, expect, statement, runs }: ClaimResult, style: Style): string[] {
  const violations = runs.filter((r) => r.violates.includes(id))
  const [first] = violations
  const unwanted = first !== undefined && expect === 'proved'
  const mark = unwanted || runs.some((r) => isFailure(r.outcome)) ? style.bad('✗') : style.good('✓')
  const runsText = plural(runs.length, 'run')
  const verdict =
    first === undefined
      ? `no violation in ${runsText}`
      : `violated in ${violations.length} of ${runsText}${expect === 'proved' ? '' : `, as ${expect} was expected`}`
  return [`${mark} ${style.strong(id)}  ${verdict}`, style.faint(`  ${statement}`)]
}

/** The verdicts on claims that shared their runs, with what the runs came to and the first trace that was found. */
export function claimLines(claims: readonly ClaimResult[], runs: readonly RunRecord[], isWhole: boolean, style: Style): string[] {
  const [first] = runs.flatMap((r) => (r.outcome.kind === 'violated' ? [{ ...r, outcome: r.outcome }] : []))
  const all = gathered(runs)
  const missed = all.flatMap(({ action, cases }) => cases.filter((c) => c.taken === 0).map((c) => `${action}/${c.name}`))
  const notable = notableIn(runs)
  return [
    ...claims.flatMap((c) => verdictLines(c, style)),
    ...(notable.length === 0 ? [] : [`  ${style.notable('in the runs:')} ${notable.join(', ')}`]),
    ...(missed.length === 0 ? [] : [`  ${style.notable('never taken:')} ${isWhole ? missed.join(', ') : listed(missed)}`]),
    ...(isWhole ? ['  taken:', ...all.map((a) => `    ${takenText(a)}`)] : []),
    ...(first === undefined ? [] : [`  ${wherefrom(first)}`, ...traceLines(first.outcome.trace, style).map((l) => `    ${l}`)]),
  ]
}

/** Of one action, how often each of its cases was taken. */
function takenText({ action, cases }: ActionCoverage): string {
  const times = (n: number): string => (n === 0 ? 'never' : grouped(n))
  const sum = cases.reduce((n, c) => n + c.taken, 0)
  const [only] = cases
  if (cases.length === 1) return `${action}: ${only!.name} ${times(sum)}`
  return `${action}: ${times(sum)}${sum === 0 ? '' : ` (${cases.map((c) => `${c.name} ${times(c.taken)}`).join(', ')})`}`
}

function notableIn(runs: readonly RunRecord[]): string[] {
  const sums = new Map<string, number>()
  for (const { what, times } of runs.flatMap((r) => r.notable)) sums.set(what, (sums.get(what) ?? 0) + times)
  return [...sums].map(([what, times]) => `${grouped(times)} ${what}`)
}

const wherefrom = ({ seed, outcome }: { seed: number; outcome: Extract<Outcome, { kind: 'violated' }> }): string =>
  `seed ${seed}, after ${plural(outcome.found, 'step')}, made small from ${grouped(outcome.length)} to ${grouped(outcome.trace.steps.length)}:`

const listed = (items: readonly string[]): string =>
  [...items.slice(0, MOST_MISSED), ...(items.length > MOST_MISSED ? [`and ${items.length - MOST_MISSED} more`] : [])].join(', ')

/** Something is wrong with the system or with the simulator, whatever is expected of the claim. */
export const isFailure = (outcome: Outcome): boolean => outcome.kind !== 'survived' && outcome.kind !== 'violated'

function outcomeText(outcome: Outcome, style: Style): string {
  return match(outcome)
    .with({ kind: 'survived' }, () => style.good('no violation'))
    .with({ kind: 'violated' }, ({ trace }) => style.notable(`violated: ${trace.violated}${whereText(trace)}`))
    .with({ kind: 'no start' }, ({ broken }) => style.bad(`no first state found: ${broken} does not hold`))
    .with({ kind: 'dead end' }, () => style.bad('no action is possible from any first state'))
    .with({ kind: 'disagreement' }, ({ message }) => style.bad(`disagreement, please report it: ${message}`))
    .exhaustive()
}

const speedText = (steps: number, ms: number): string => `${grouped(Math.round((1000 * steps) / Math.max(ms, 1)))} steps/s`

function coverageText(coverage: readonly ActionCoverage[]): string {
  const cases = coverage.flatMap((a) => a.cases)
  const actions = coverage.filter((a) => a.cases.some((c) => c.taken > 0))
  return `${actions.length}/${coverage.length} actions, ${cases.filter((c) => c.taken > 0).length}/${cases.length} cases`
}

/** Counts of all runs together. */
function gathered(runs: readonly RunRecord[]): readonly ActionCoverage[] {
  const [first, ...others] = runs.map((r) => r.coverage)
  return (first ?? []).map(({ action, cases }, i) => ({
    action,
    cases: cases.map(({ name, taken }, k) => ({ name, taken: others.reduce((sum, o) => sum + o[i]!.cases[k]!.taken, taken) })),
  }))
}

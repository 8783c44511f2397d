// Covers: a claim that was decided as a person reads it: one line with its verdict, its statement, and what is wrong with it.
import { match } from 'ts-pattern'
import type { Verdict } from '../prover/claim.ts'
import type { ClaimRecord, ObligationRecord, SpecError } from '../prover/record.ts'
import { grouped } from './numbers.ts'
import { shownPath } from './paths.ts'
import { obligationLines } from './prove-counterexample.ts'
import { gridLines } from './prove-grid.ts'
import { relianceLines, residualLine } from './prove-reliance.ts'
import type { Style } from './style.ts'

export interface ClaimView {
  readonly style: Style
  readonly cwd: string
  /** Show assumptions of claims that came out as expected too. */
  readonly assumptions: boolean
  /** Show how each action keeps each conjunct. */
  readonly grid: boolean
}

const MOST_FAILURES = 3

export function claimText(spec: string, claim: ClaimRecord, obligations: readonly ObligationRecord[], view: ClaimView): string {
  const { style, cwd } = view
  const none = claim.lemmas === undefined ? 'none of its assumptions' : 'none of its assumptions but those of what is given'
  const lines = [headline(spec, claim, view), style.faint(`    ${claim.statement}`)]
  if (claim.restsOn !== undefined) lines.push(...relianceLines(claim.restsOn, style).map((line) => `    ${line}`))
  else if (claim.needs !== undefined)
    lines.push(style.faint(`    needs ${claim.needs.length === 0 ? none : claim.needs.join(', ')}`))
  if (claim.lemmas !== undefined) lines.push(style.faint(`    given, with what they need: ${claim.lemmas.join(', ')}`))
  for (const note of claim.notes ?? []) lines.push(style.faint(`    note: ${note}`))
  if (claim.residual !== undefined) lines.push(style.faint(`    ${residualLine(claim.residual)}`))
  if ((view.assumptions || !claim.asExpected) && worded(claim).length > 0)
    lines.push(...['    assuming:', ...worded(claim).map((a) => `      ${a}`)].map((line) => style.faint(line)))
  if (view.assumptions) {
    const instances = new Set(obligations.flatMap((o) => o.instances))
    if (instances.size > 0) lines.push(style.faint(`    instances used: ${[...instances].join(', ')}`))
  }
  if (view.grid) lines.push(...gridLines(obligations, style).map((line) => `    ${line}`))
  if (claim.emptiness !== undefined) lines.push(`    ${style.bad('vacuous')}: ${claim.emptiness}`)
  for (const record of toShow(claim, obligations)) lines.push(...obligationLines(record, style, cwd).map((line) => `    ${line}`))
  const failures = obligations.filter((o) => o.verdict !== 'proved').length
  if (failures > MOST_FAILURES)
    lines.push(`    and ${grouped(failures - MOST_FAILURES)} more obligations that are not proved (--json has all)`)
  if (claim.obligations.total === 0) lines.push('    it has no obligations, so it claims nothing')
  const unsure = obligations.filter((o) => o.crossCheck?.answer === 'unknown')
  if (unsure.length > 0)
    lines.push(style.notable(`    the second solver gave no answer on ${grouped(unsure.length)} of its obligations`))
  if (!claim.asExpected && claim.expect !== 'proved')
    lines.push(`    ${style.bad(`expected ${claim.expect}, but it is ${claim.verdict}`)}`)
  return lines.join('\n')
}

/** Assumptions that are not told otherwise: what a proof needs of its profile is. */
function worded({ assumptions, restsOn }: ClaimRecord): readonly string[] {
  if (restsOn === undefined) return assumptions
  const told = new Set([...restsOn.sets.flat(), ...restsOn.unused])
  return assumptions.filter((a) => !told.has(a))
}

/** The gravest first; a claim that is refuted as expected shows one refutation. */
function toShow(claim: ClaimRecord, obligations: readonly ObligationRecord[]): ObligationRecord[] {
  const failed = obligations.filter((o) => o.verdict !== 'proved')
  const [worst, others] = [failed.filter((o) => o.verdict === claim.verdict), failed.filter((o) => o.verdict !== claim.verdict)]
  return [...worst, ...others].slice(0, claim.asExpected ? 1 : MOST_FAILURES)
}

function headline(spec: string, claim: ClaimRecord, { style, cwd }: ClaimView): string {
  const { verdict, asExpected, obligations, ms } = claim
  const mark = asExpected ? style.good('✓') : style.bad('✗')
  const expected = asExpected && verdict !== 'proved' ? ', as expected' : ''
  const how = [
    ...(obligations.bySimplification > 0 ? [`${grouped(obligations.bySimplification)} by simplification`] : []),
    ...(obligations.fromCache > 0 ? [`${grouped(obligations.fromCache)} from cache`] : []),
    ...(obligations.skipped > 0 ? [`${grouped(obligations.skipped)} not needed`] : []),
  ]
  const counts = `${grouped(obligations.proved)}/${grouped(obligations.total)} obligations proved`
  const note = how.length === 0 ? '' : ` (${how.join(', ')})`
  const paint = asExpected ? style.good : style.bad
  const place = style.faint(shownPath(spec, cwd))
  return `${mark} ${style.strong(claim.id)}  ${paint(verdict)}${expected}  ${counts}${note}  ${seconds(ms)}  ${place}`
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`

/** `specs/x.ts:3:7: message`. */
export function specErrorText({ file, line, column, message }: SpecError, cwd: string): string {
  return `${[shownPath(file, cwd), line, column].filter((part) => part !== undefined).join(':')}: ${message}`
}

export function meaningOf(verdict: Verdict): string {
  return match(verdict)
    .with('proved', () => 'holds in all states, within the assumptions')
    .with('refuted', () => 'fails, in a run that was replayed or for values that were evaluated')
    .with('not-inductive', () => 'a step from a state that may be unreachable breaks it')
    .with('unknown', () => 'the solver gave no answer')
    .with(
      'vacuous',
      () =>
        'it says nothing, since hypotheses contradict each other, what it speaks of never happens, or there are no obligations',
    )
    .with('disagreement', () => 'two solvers, or a solver and the exact evaluation, differ: an internal error')
    .exhaustive()
}

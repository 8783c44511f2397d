// Verdicts: their order from bad to worse, whether a claim came out as its author expects, and the exit code of a run.

import type { Claim, Verdict } from './claim.ts'

/** From best to worst; a claim has the worst verdict among its obligations. */
const ORDER: readonly Verdict[] = ['proved', 'unknown', 'not-inductive', 'vacuous', 'refuted', 'disagreement']

export function worst(verdicts: Iterable<Verdict>): Verdict {
  let out: Verdict = 'proved'
  for (const v of verdicts) if (ORDER.indexOf(v) > ORDER.indexOf(out)) out = v
  return out
}

export type Expectation = Claim['expect']

const EXIT: Readonly<Record<Verdict, number>> = {
  proved: 0,
  refuted: 1,
  unknown: 3,
  'not-inductive': 4,
  vacuous: 4,
  disagreement: 5,
}
/** A spec that cannot be loaded, a wrong option, a solver that is not there. */
export const USAGE_ERROR = 2

/** 0 when the verdict is the expected one; a claim that was expected to fail and is proved counts as a failure. */
export function exitOf(verdict: Verdict, expect: Expectation): number {
  if (verdict === expect) return 0
  return verdict === 'proved' ? 1 : EXIT[verdict]
}

const SEVERITY: readonly number[] = [5, USAGE_ERROR, 1, 4, 3, 0]

/** The exit code of a run from those of its parts: the gravest, in the order 5, 2, 1, 4, 3. */
export function gravest(codes: Iterable<number>): number {
  const present = new Set(codes)
  return SEVERITY.find((code) => present.has(code)) ?? 0
}

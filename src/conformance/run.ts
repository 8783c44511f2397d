// Conformance: files of emulator vectors against the model; one result record.
//
// Covers: counting, failures with what was expected and got, differences by emulator and name, steps and vectors that cannot be
//   compared.

import { compare } from './compare.ts'
import type { DifferenceName } from './differences.ts'
import { readVectors, type VectorFileError } from './file.ts'
import type { Vector } from './vector.ts'

export interface ConformanceFailure {
  readonly id: string
  readonly expected: string
  readonly got: string
}

export interface FileReport {
  readonly path: string
  readonly passed: number
  readonly failed: number
  readonly failures: readonly ConformanceFailure[]
  /** How often each named rule explains an emulator's result. `none`: it agrees with the manual. */
  readonly differences: Readonly<Record<string, Readonly<Partial<Record<DifferenceName | 'none', number>>>>>
  /** Vectors with nothing that the model could be asked about: neither passed nor failed. */
  readonly notComparable: number
  /** Steps about which the model says nothing, by reason; those of passed vectors among them. */
  readonly steps: Readonly<Record<string, number>>
}

export interface ConformanceReport {
  readonly files: readonly FileReport[]
  readonly passed: number
  readonly failed: number
  readonly notComparable: number
}

export type ConformanceResult =
  | { readonly kind: 'report'; readonly report: ConformanceReport }
  | { readonly kind: 'error'; readonly error: VectorFileError }

/** Runs every vector of the files. A bad file ends the run: a part of the vectors is no conformance. */
export function runConformance(paths: readonly string[]): ConformanceResult {
  const files: FileReport[] = []
  for (const path of paths) {
    const file = readVectors(path)
    if (file.kind === 'error') return file
    files.push(reportOf(path, file.vectors))
  }
  const total = (count: (f: FileReport) => number) => files.reduce((sum, f) => sum + count(f), 0)
  const notComparable = total((f) => f.notComparable)
  return { kind: 'report', report: { files, passed: total((f) => f.passed), failed: total((f) => f.failed), notComparable } }
}

/** Nothing failed, and something passed. */
export const conforms = (report: ConformanceReport): boolean => report.failed === 0 && report.passed > 0

function reportOf(path: string, vectors: readonly Vector[]): FileReport {
  const failures: ConformanceFailure[] = []
  const differences: Record<string, Partial<Record<DifferenceName | 'none', number>>> = {}
  const steps: Record<string, number> = {}
  let [passed, notComparable] = [0, 0]
  for (const vector of vectors) {
    const { id } = vector.vector
    const result = compare(vector)
    for (const [reason, count] of Object.entries(result.notComparable ?? {})) steps[reason] = (steps[reason] ?? 0) + count
    for (const [emulator, names] of Object.entries(result.differences)) {
      const counts = differences[emulator] ?? {}
      differences[emulator] = counts
      for (const name of names.length === 0 ? (['none'] as const) : names) counts[name] = (counts[name] ?? 0) + 1
    }
    for (const d of result.disagreements) failures.push({ id, expected: `${d.with}: ${d.expected}`, got: d.got })
    if (result.disagreements.length > 0) continue
    if (result.compared === 0) notComparable++
    else passed++
  }
  const failed = vectors.length - passed - notComparable
  return { path, passed, failed, failures, differences, notComparable, steps }
}

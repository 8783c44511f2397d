// Conformance: files of emulator vectors against the model; one result record.
//
// Covers: counting, failures with what was expected and got, differences by emulator and name, vectors of kinds not covered.

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
  /** Vectors of categories that the model is not asked about: neither passed nor failed. */
  readonly notCovered: Readonly<Record<string, number>>
}

export interface ConformanceReport {
  readonly files: readonly FileReport[]
  readonly passed: number
  readonly failed: number
  readonly notCovered: number
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
  const notCovered = total((f) => Object.values(f.notCovered).reduce((a, b) => a + b, 0))
  return { kind: 'report', report: { files, passed: total((f) => f.passed), failed: total((f) => f.failed), notCovered } }
}

/** Nothing failed, and nothing was left out for want of a model. */
export const conforms = (report: ConformanceReport): boolean => report.failed === 0 && report.notCovered === 0

function reportOf(path: string, vectors: readonly Vector[]): FileReport {
  const failures: ConformanceFailure[] = []
  const differences: Record<string, Partial<Record<DifferenceName | 'none', number>>> = {}
  const notCovered: Record<string, number> = {}
  let passed = 0
  for (const vector of vectors) {
    if (vector.kind === 'not-covered') {
      notCovered[vector.category] = (notCovered[vector.category] ?? 0) + 1
      continue
    }
    const { id } = vector.vector
    const result = compare(vector)
    for (const [emulator, names] of Object.entries(result.differences)) {
      const counts = differences[emulator] ?? {}
      differences[emulator] = counts
      for (const name of names.length === 0 ? (['none'] as const) : names) counts[name] = (counts[name] ?? 0) + 1
    }
    for (const d of result.disagreements) failures.push({ id, expected: `${d.with}: ${d.expected}`, got: d.got })
    if (result.disagreements.length === 0) passed++
  }
  const covered = vectors.filter((v) => v.kind !== 'not-covered').length
  return { path, passed, failed: covered - passed, failures, differences, notCovered }
}

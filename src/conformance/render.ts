// The conformance report as plain text; its last line is `N passed, N failed`.
//
// Covers: failures with expected and got, differences by emulator with section and reason, what cannot be compared.

import { type DifferenceName, differenceRules } from './differences.ts'
import type { ConformanceReport, FileReport } from './run.ts'

/** Failures shown per file; the others are counted. */
const SHOWN = 20

export function renderConformance(report: ConformanceReport): string {
  const lines = report.files.flatMap(renderFile)
  const seen = new Set(report.files.flatMap((f) => Object.values(f.differences).flatMap((counts) => Object.keys(counts))))
  const rules = (Object.keys(differenceRules) as DifferenceName[]).filter((name) => seen.has(name))
  if (rules.length > 0) lines.push('', 'Differences of the emulators from the manual (APM volume 2):')
  for (const name of rules) lines.push(`  ${name}: ${differenceRules[name].section}: ${differenceRules[name].reason}`)
  if (report.notComparable > 0)
    lines.push('', `${report.notComparable} vectors show nothing that can be compared: neither passed nor failed`)
  lines.push('', `${report.passed} passed, ${report.failed} failed`)
  return lines.join('\n')
}

function renderFile(file: FileReport): string[] {
  const lines = [`${file.path}: ${file.passed} passed, ${file.failed} failed`]
  if (file.notComparable > 0) lines.push(`  nothing to compare: ${file.notComparable} vectors`)
  for (const [reason, count] of Object.entries(file.steps)) lines.push(`  not comparable: ${count} steps: ${reason}`)
  for (const [emulator, counts] of Object.entries(file.differences)) {
    const parts = Object.entries(counts).map(([name, count]) => (name === 'none' ? `${count} as the manual` : `${count} ${name}`))
    lines.push(`  ${emulator}: ${parts.join(', ')}`)
  }
  for (const { id, expected, got } of file.failures.slice(0, SHOWN))
    lines.push(`  FAILED ${id}`, `    expected ${expected}`, `    got      ${got}`)
  if (file.failures.length > SHOWN) lines.push(`  and ${file.failures.length - SHOWN} more disagreements`)
  return lines
}

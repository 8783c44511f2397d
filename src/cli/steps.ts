// The steps of the handler as a person reads them, one a line.

import type { MeetingStep } from '../measure/meeting.ts'
import type { Census } from '../report/census.ts'
import type { Style } from '../report/style.ts'

/** The meeting's steps in their order; measuring comes after discovery. */
export function stepLines(steps: readonly MeetingStep[], { scan, spaces, status }: Census, style: Style): string[] {
  const width = Math.max(...steps.map(({ procedure }) => procedure.length))
  const lines = steps.map(
    ({ procedure, thread, phase }) => `  thread ${thread}  ${procedure.padEnd(width)}  ${style.faint(phase)}`,
  )
  const after = steps.findIndex(({ procedure }) => procedure === 'discover')
  const measured = [
    ...(scan === null
      ? []
      : [`  thread ${steps[after]?.thread ?? 0}  ${'search of memory'.padEnd(width)}  ${scan.frames} frames`]),
    `  thread ${steps[after]?.thread ?? 0}  ${'census'.padEnd(width)}  ${spaces.length} spaces, ${status}`,
  ]
  return [
    style.strong('Steps (with the phase of the handler after each)'),
    ...folded(after < 0 ? lines : [...lines.slice(0, after + 1), ...measured, ...lines.slice(after + 1)]),
  ]
}

/** Lines that repeat, once and how often. */
function folded(lines: readonly string[]): string[] {
  const out: { readonly line: string; times: number }[] = []
  for (const line of lines) {
    const last = out.at(-1)
    if (last?.line === line) last.times++
    else out.push({ line, times: 1 })
  }
  return out.map(({ line, times }) => (times === 1 ? line : `${line}  (${times} times)`))
}

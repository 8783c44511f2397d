// Covers: a failed obligation as a person reads it: what failed and where, the values by name, the run from its entry.
import { match } from 'ts-pattern'
import type { Counterexample, NamedValue, ObligationRecord, ReadRecord } from '../prover/record.ts'
import { plural } from './numbers.ts'
import { placeText } from './paths.ts'
import { stepLines, traceLines } from './prove-trace.ts'
import type { Style } from './style.ts'
import { isNothing, valueText } from './values.ts'

type Run = Extract<Counterexample, { kind: 'run' }>

const MOST_VALUES = 30

/** Lines, not yet indented. */
export function obligationLines(record: ObligationRecord, style: Style, cwd: string): string[] {
  const { verdict, reason, counterexample, contradiction } = record
  const lines = [`${style.bad(verdict)}: ${whatFailed(record)}${where(record, cwd)}`]
  if (reason !== undefined) lines.push(`  ${reason}`)
  if (contradiction !== undefined)
    lines.push('  these hypotheses contradict each other:', ...contradiction.map((name) => `    ${name}`))
  if (counterexample?.kind === 'run') lines.push(...runLines(counterexample, style, cwd))
  if (counterexample?.kind === 'values') {
    const unreachable = verdict === 'not-inductive' ? ' (a state that may be unreachable)' : ''
    lines.push(`  values${unreachable}:`, ...valueLines(counterexample.values, style))
  }
  if (counterexample?.kind === 'trace') lines.push(...traceLines(counterexample, record.conjunct, style))
  if (counterexample?.kind === 'step') lines.push(...stepLines(counterexample, record.conjunct, style))
  if (record.crossCheck?.answer === 'differs') lines.push(`  ${record.crossCheck.solver} answers the opposite`)
  return lines
}

/** The parts of the goal that are false, where a model tells. */
function whatFailed({ origin, conjunct, failing = [] }: ObligationRecord): string {
  const what = failing.length === 0 ? conjunct : failing.join('; ')
  return match(origin)
    .with({ kind: 'validity' }, () => what)
    .with({ kind: 'procedure', of: 'run' }, ({ procedure, mode }) => `${what} (run of ${procedure}, ${mode} mode)`)
    .with({ kind: 'procedure' }, ({ of, procedure, mode }) => `${what} (${of} in ${procedure}, ${mode} mode)`)
    .with({ kind: 'initial' }, () => `${what} (initially)`)
    .with({ kind: 'action' }, ({ action }) => `${what} (after ${action})`)
    .with({ kind: 'property' }, () => `${what} (implied by the invariant)`)
    .with({ kind: 'scenario' }, () => what)
    .exhaustive()
}
const where = ({ origin }: ObligationRecord, cwd: string): string =>
  'at' in origin && origin.at !== undefined ? `  ${placeText(origin.at, cwd)}` : ''

function runLines({ procedure, violated, entry, reads, racing, unread }: Run, style: Style, cwd: string): string[] {
  const memory = racing ? ', memory changing between reads' : ''
  const shown = entry.filter(({ value }) => !isNothing(value))
  return [
    `  a run of ${procedure} from its entry${memory}; at entry (what is not named is 0):`,
    ...valueLines(shown, style),
    ...(reads.length === 0 ? ['  it reads nothing'] : ['  it reads:', ...readLines(reads, style)]),
    ...(unread.length === 0
      ? []
      : ['  memory also holds, and it does not read:', ...unread.map((w) => `    ${w.address}: ${w.value}`)]),
    `  and breaks the ${kindText(violated.of)} ${style.strong(violated.name)} of ${violated.procedure}  ${placeText(violated.at, cwd)}`,
  ]
}

/** Zeros in a row are one line: an empty table has 512 of them. */
function readLines(reads: readonly ReadRecord[], style: Style): string[] {
  const runs: ReadRecord[][] = []
  for (const read of reads) {
    const last = runs.at(-1)
    if (read.value === '0x0' && last?.[0]?.value === '0x0' && last[0].local === read.local) last.push(read)
    else runs.push([read])
  }
  const shown = runs.slice(0, MOST_VALUES)
  const width = Math.max(...shown.map(([first]) => first!.address.length))
  const lines = shown.map((run) => {
    const { address, value, local, explained } = run[0]!
    const meaning = explained === undefined || run.length > 1 ? '' : `  ${style.notable(explained)}`
    const more = run.length > 1 ? `  and ${plural(run.length - 1, 'more zero')} up to ${run.at(-1)!.address}` : ''
    return `    ${address.padStart(width)}: ${value}  ${style.faint(local)}${meaning}${more}`
  })
  return [...lines, ...rest(runs.length - shown.length, 'read')]
}

function valueLines(values: readonly NamedValue[], style: Style): string[] {
  const shown = values.slice(0, MOST_VALUES)
  const width = Math.max(0, ...shown.map(({ name }) => name.length))
  const lines = shown.map(({ name, value, explained }) => {
    const meaning = explained === undefined ? '' : `  ${style.notable(explained)}`
    return `    ${name.padEnd(width)}  ${valueText(value)}${meaning}`
  })
  return [...lines, ...rest(values.length - shown.length, 'value')]
}

const rest = (n: number, noun: string): string[] => (n > 0 ? [`    and ${plural(n, noun)} more (--json has all)`] : [])

function kindText(of: Run['violated']['of']): string {
  return match(of)
    .with('requires', () => "callee's precondition")
    .with('ensures', () => 'postcondition')
    .with('invariant', () => 'loop invariant')
    .with('assertion', () => 'assertion')
    .with('bounds', () => 'bound')
    .with('overflow', () => 'arithmetic:')
    .with('readable', () => 'rule for reads:')
    .with('counted once', () => 'rule that an object is counted once:')
    .exhaustive()
}

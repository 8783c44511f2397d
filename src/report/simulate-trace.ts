// Covers: a run that breaks a statement, as a person reads it: where it began, its steps and what each changed.
import type {
  ChangeRecord,
  NamedPlain,
  PlainElement,
  PlainTable,
  PlainValue,
  TraceRecord,
} from '../executor/simulation/record.ts'
import type { Style } from './style.ts'

const MOST_CHANGES = 12
const MOST_ENTRIES = 8

/** Lines, not yet indented. */
export function traceLines(trace: TraceRecord, style: Style): string[] {
  const first = trace.states[0]!
  const start = first.filter(({ value }) => !isNothing(value))
  const width = Math.max(0, ...start.map(({ name }) => name.length))
  const sizes = trace.sizes.map(({ domain, size }) => `${size} of ${domain}`)
  return [
    `begins with ${[...sizes, 'what is not named false or 0'].join(', ')}:`,
    ...start.map(
      (named) => `  ${named.name.padEnd(width)}  ${valueText(shown(named))}${named.isConstant ? style.faint('  constant') : ''}`,
    ),
    ...trace.steps.flatMap((step, n) => [
      `${n + 1}. ${style.faint(`${step.actor}:`)} ${style.strong(step.action)}, ${step.case}${parametersText(step.parameters)}`,
      ...changeLines(step.changes, style).map((line) => `     ${line}`),
    ]),
    `breaks ${style.bad(trace.violated)}${whereText(trace)}`,
  ]
}

export const whereText = ({ identifiers }: TraceRecord): string =>
  identifiers.length === 0 ? '' : ` at ${identifiers.map(({ domain, value }) => `${domain} ${valueText(value)}`).join(', ')}`

const parametersText = (parameters: readonly { readonly name: string; readonly value: PlainValue }[]): string =>
  parameters.length === 0 ? '' : `  (${parameters.map(({ name, value }) => `${name} ${valueText(value)}`).join(', ')})`

function changeLines(changes: readonly ChangeRecord[], style: Style): string[] {
  if (changes.length === 0) return [style.faint('changes nothing')]
  const lines = changes.slice(0, MOST_CHANGES).map(({ name, index, before, after }) => {
    const at = index === undefined ? '' : `[${valueText(index)}]`
    return `${name}${at}  ${valueText(before)} -> ${valueText(after)}`
  })
  return changes.length > MOST_CHANGES ? [...lines, style.faint(`and ${changes.length - MOST_CHANGES} more`)] : lines
}

/** A table over a counted domain without the elements that there are not. */
function shown({ value, size }: NamedPlain): PlainValue {
  if (typeof value !== 'object' || size === undefined) return value
  return { ...value, entries: new Map([...value.entries].filter(([index]) => index < size)) }
}

export function valueText(value: PlainValue): string {
  if (typeof value !== 'object') return elementText(value)
  const entries = [...value.entries]
  const texts = entries.slice(0, MOST_ENTRIES).map(([index, element]) => `[${elementText(index)}] ${elementText(element)}`)
  if (entries.length > MOST_ENTRIES) texts.push(`${entries.length - MOST_ENTRIES} more`)
  return [...texts, `elsewhere ${elementText(value.otherwise)}`].join(', ')
}
const elementText = (value: PlainElement): string =>
  typeof value === 'boolean' ? String(value) : value < 10n ? String(value) : `0x${value.toString(16)}`

const isNothing = (value: PlainValue): boolean =>
  typeof value === 'object' ? isZero(value.otherwise) && [...(value as PlainTable).entries.values()].every(isZero) : isZero(value)
const isZero = (value: PlainElement): boolean => value === false || value === 0n

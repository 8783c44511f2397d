// Covers: runs and steps of a transition system as a person reads them: who did what, what it changed, what is false then.
import type { Counterexample, NamedValue, StepRecord } from '../prover/record.ts'
import { plural } from './numbers.ts'
import type { Style } from './style.ts'
import { isNothing, valueText } from './values.ts'

type Trace = Extract<Counterexample, { kind: 'trace' }>
type Step = Extract<Counterexample, { kind: 'step' }>

const MOST_CHANGES = 12
const MOST_ANY = 4

/** Lines, not yet indented. */
export function traceLines({ constants, start, steps, watched, why }: Trace, statement: string, style: Style): string[] {
  return [
    `  a run of ${plural(steps.length, 'step')} from an initial state, replayed:`,
    ...givenLines('where', constants, style),
    ...givenLines(
      'initially',
      start.filter(({ value }) => !isNothing(value)),
      style,
    ),
    ...alike(steps).flatMap((some) => actionLines(some.at(-1)!, markOf(some), style)),
    endLine('then', statement, watched, style),
    ...(why === undefined ? [] : [`    ${why}`]),
  ]
}

/** The handler goes through all threads in steps of their own: three and more of a kind are told as one, by the last. */
function alike(steps: readonly StepRecord[]): (readonly StepRecord[])[] {
  const runs: StepRecord[][] = []
  for (const step of steps) {
    const last = runs.at(-1)
    if (last?.at(-1)?.action === step.action && step.actor === 'SMM') last.push(step)
    else runs.push([step])
  }
  return runs.flatMap((run) => (run.length < 3 ? run.map((step) => [step]) : [run]))
}
const markOf = (steps: readonly StepRecord[]): string =>
  steps.length === 1 ? `${steps[0]!.number}. ` : `${steps[0]!.number}-${steps.at(-1)!.number}. `

export function stepLines({ constants, before, step, watched }: Step, statement: string, style: Style): string[] {
  return [
    '  a step from a state that may be unreachable:',
    ...givenLines('where', constants, style),
    ...givenLines('before', before, style),
    ...actionLines(step, '', style),
    endLine('after it', statement, watched, style),
  ]
}

function givenLines(word: string, values: readonly NamedValue[], style: Style): string[] {
  if (values.length === 0) return []
  return [
    `    ${style.faint(word)} ${values.map(({ name, value, shown }) => shown ?? `${name} = ${valueText(value)}`).join(', ')}`,
  ]
}

function actionLines(step: StepRecord, mark: string, style: Style) {
  const { actor, action, case: taken, parameters, otherParameters, changes, otherChanges } = step
  // Whole arrays are in the trace's file.
  const chosen = parameters
    .map(({ name, value, shown }) => (typeof value === 'object' ? `some ${name}` : (shown ?? `${name} ${valueText(value)}`)))
    .filter((text) => text !== '')
  const any = otherParameters.length === 0 ? [] : [style.faint(anyOf(otherParameters))]
  const choice = chosen.length + any.length === 0 ? '' : ` (${[...chosen, ...any].join(', ')})`
  const way = taken === undefined ? '' : `: ${taken}`
  const shown = changes.slice(0, MOST_CHANGES).map(({ name, from, to, shown }) => shown ?? `${name} ${from} -> ${to}`)
  const others = otherChanges + changes.length - shown.length
  const rest = others === 0 ? [] : [style.faint(shown.length === 0 ? plural(others, 'change') : plural(others, 'other change'))]
  const all = [...shown, ...rest]
  return [
    `    ${mark}${actor}: ${style.strong(action)}${choice}${way}`,
    ...(all.length === 0 ? [] : [`       ${all.join(', ')}`]),
  ]
}

/** Values that do not matter. */
function anyOf(parameters: readonly NamedValue[]): string {
  // What a procedure read is called by its local variable and a question mark.
  const named = parameters.filter(({ name }) => !name.endsWith('?'))
  if (named.length === 0) return 'any other values'
  return named.length > MOST_ANY ? `any ${parameters.length} other values` : `any ${named.map(({ name }) => name).join(', ')}`
}

function endLine(word: string, statement: string, watched: readonly NamedValue[], style: Style): string {
  const at =
    watched.length === 0
      ? ''
      : ` for ${watched.map(({ name, value, shown }) => shown ?? `${name} ${valueText(value)}`).join(', ')}`
  return `    ${word} ${style.bad(statement)} is false${at}`
}

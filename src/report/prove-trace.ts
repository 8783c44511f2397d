// Covers: runs and steps of a transition system as a person reads them: who did what, what it changed, what is false then.
import type { Counterexample, NamedValue, StepRecord } from '../prover/record.ts'
import { plural } from './numbers.ts'
import type { Style } from './style.ts'
import { isNothing, valueText } from './values.ts'

type Trace = Extract<Counterexample, { kind: 'trace' }>
type Step = Extract<Counterexample, { kind: 'step' }>

const MOST_CHANGES = 12

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
    ...steps.flatMap((step) => actionLines(step, `${step.number}. `, style)),
    endLine('then', statement, watched, style),
    ...(why === undefined ? [] : [`    ${why}`]),
  ]
}

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
  const chosen = parameters.map(({ name, value, shown }) => shown ?? `${name} ${valueText(value)}`)
  const any = otherParameters.length === 0 ? [] : [style.faint(`any ${otherParameters.map(({ name }) => name).join(', ')}`)]
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

function endLine(word: string, statement: string, watched: readonly NamedValue[], style: Style): string {
  const at = watched.length === 0 ? '' : ` for ${watched.map(({ name, value }) => `${name} ${valueText(value)}`).join(', ')}`
  return `    ${word} ${style.bad(statement)} is false${at}`
}

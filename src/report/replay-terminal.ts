// Covers: a trace that was executed again, as a person reads it: its steps, what each changed, and whether claim and model agree.
import type { Replayed, ReplayedStep } from '../executor/replay.ts'
import type { ArrayValue } from '../model/evaluate.ts'
import type { RunState } from '../model/run.ts'
import type { Quantified, Variable } from '../model/system.ts'
import type { Wording } from '../prover/wording.ts'
import { plural } from './numbers.ts'
import type { Style } from './style.ts'

const MOST_CHANGES = 8

export interface Watch {
  readonly text: string
  readonly valueIn: (state: RunState) => string
}
export interface ReplayView {
  readonly style: Style
  readonly wording: Wording
  readonly statement: Quantified
  readonly identifiers: readonly bigint[]
  readonly full: boolean
  /** Show the state after this step alone. */
  readonly at: number | undefined
  readonly watches: readonly Watch[]
}

export function replayText(title: string, replayed: Exclude<Replayed, { kind: 'foreign' }>, view: ReplayView): string {
  const { style, at, wording, statement, identifiers } = view
  const lines = [style.strong(title)]
  if (at !== undefined) lines.push(...stateLines(replayed, at, view))
  else {
    lines.push(...watchLines(replayed.start, view))
    for (const [n, step] of replayed.steps.entries()) lines.push(...stepLines(step, n + 1, before(replayed, n), view))
  }
  if (replayed.kind === 'differs') lines.push(style.bad(`disagreement: ${replayed.reason}`))
  else {
    const last = before(replayed, replayed.steps.length)
    const why = wording.why(statement, identifiers, last)
    lines.push(`${style.bad(statement.name)} is false after ${plural(replayed.steps.length, 'step')}, as the trace says.`)
    if (why !== undefined) lines.push(why)
    lines.push(style.good('claim and model agree'))
  }
  return lines.join('\n')
}

const before = ({ start, steps }: Exclude<Replayed, { kind: 'foreign' }>, n: number): RunState =>
  n === 0 ? start : steps[n - 1]!.state

function stepLines(
  { action, case: taken, parameters, changes, state }: ReplayedStep,
  number: number,
  from: RunState,
  view: ReplayView,
): string[] {
  const { style, wording, full } = view
  const chosen = action.parameters.flatMap(({ name, term }) => {
    const value = parameters.get(term)!
    const text = typeof value === 'object' ? '' : wording.parameter(action, name, value, from)
    return text === '' ? [] : [text]
  })
  const limit = full ? chosen.length : 3
  const more = chosen.length > limit ? [`and ${plural(chosen.length - limit, 'value')}`] : []
  const choice = chosen.length === 0 ? '' : ` (${[...chosen.slice(0, limit), ...more].join(', ')})`
  const how = wording.way(action, taken) ?? (action.cases.length === 1 ? undefined : taken.name)
  const way = how === undefined ? '' : `: ${how}`
  const shown = full ? changes : changes.slice(0, MOST_CHANGES)
  const told = shown.map((c) => wording.change(c.variable, c.index, c.from, c.to, state))
  const others = changes.length - shown.length
  return [
    `${number}. ${style.faint(`${action.actor}:`)} ${style.strong(action.name)}${choice}${way}`,
    ...(told.length === 0 ? [style.faint('     changes nothing')] : told.map((line) => `     ${line}`)),
    ...(others === 0 ? [] : [style.faint(`     and ${plural(others, 'other change')} (--full shows all)`)]),
    ...watchLines(state, view),
  ]
}

const watchLines = (state: RunState, { watches, style }: ReplayView): string[] =>
  watches.map(({ text, valueIn }) => style.notable(`     ${text} = ${valueIn(state)}`))

/** Everything that is not 0 or false. */
function stateLines(replayed: Exclude<Replayed, { kind: 'foreign' }>, at: number, view: ReplayView): string[] {
  const state = before(replayed, Math.min(at, replayed.steps.length))
  const { wording, watches } = view
  if (watches.length > 0) return [`after step ${at}:`, ...watchLines(state, view)]
  const line = (variable: Variable, index: bigint | undefined, value: bigint | boolean) =>
    `     ${wording.element(variable, index, state)} = ${wording.value(variable, value, state) ?? String(value)}`
  return [
    at === 0 ? 'at the beginning, what is not 0:' : `after step ${at}, what is not 0:`,
    ...state.system.variables.flatMap((variable) => {
      const value = state.of(variable)
      if (typeof value !== 'object') return isNothing(value) ? [] : [line(variable, undefined, value)]
      const entries = [...(value as ArrayValue).entries]
      return entries.filter(([, v]) => !isNothing(v)).map(([index, v]) => line(variable, index, v))
    }),
  ]
}
const isNothing = (value: bigint | boolean): boolean => value === 0n || value === false

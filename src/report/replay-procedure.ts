// Covers: a run of a procedure that was executed again, as a person reads it: its stretches, what each read and changed, and whether claim and
// model agree. Turns of a loop that read nothing but zeros and change nothing but counters are told together.
import type { ReplayedProcedure, ReplayedStretch } from '../executor/replay-procedure.ts'
import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { ReadEvent } from '../model/interpreter.ts'
import { cellValue, pointText } from '../model/procedure-run.ts'
import { plural } from './numbers.ts'
import type { Style } from './style.ts'

const MOST_CHANGES = 8

export interface ProcedureView {
  readonly style: Style
  readonly violated: string
  readonly full: boolean
  /** Show the state after this step alone. */
  readonly at: number | undefined
  readonly watches: readonly ProcedureWatch[]
  /** What a word that is read means. */
  readonly explain: (read: ReadEvent) => string | undefined
}
export interface ProcedureWatch {
  readonly cell: Cell
  readonly index: bigint | undefined
}
type Done = Exclude<ReplayedProcedure, { kind: 'foreign' }>

export function procedureText(title: string, run: Done, view: ProcedureView): string {
  const { style, at, violated } = view
  const lines = [style.strong(title)]
  if (at === undefined) lines.push(...watchLines(run.start, view), ...allLines(run, view))
  else lines.push(...stateLines(at === 0 ? run.start : (run.stretches[at - 1]?.after ?? run.start), at, view))
  if (run.kind === 'differs') lines.push(style.bad(`disagreement: ${run.reason}`))
  else {
    lines.push(`${style.bad(violated)} falls after ${plural(run.stretches.length, 'step')}, as the trace says.`)
    lines.push(style.good('claim and model agree'))
  }
  return lines.join('\n')
}

function allLines({ stretches }: Done, view: ProcedureView): string[] {
  const lines: string[] = []
  for (let n = 0; n < stretches.length; n++) {
    const first = n
    if (!view.full && view.watches.length === 0)
      while (n + 1 < stretches.length && isDull(stretches[n]!) && isDull(stretches[n + 1]!)) n++
    if (n === first) lines.push(...stretchLines(stretches[n]!, n + 1, view))
    else
      lines.push(
        view.style.faint(
          `${first + 1}-${n + 1}. ${pointText(stretches[first]!.begins)} and ${plural(n - first, 'more turn')}: nothing there`,
        ),
      )
  }
  return lines
}

/** A turn that finds an empty entry. */
const isDull = ({ begins, reads, changes }: ReplayedStretch): boolean =>
  begins.kind === 'turn' && reads.length > 0 && reads.every((r) => r.value === 0n) && changes.every((c) => isCounter(c.cell))
const isCounter = ({ kind, name }: Cell): boolean => kind === 'local' || name === 'census.work'

function stretchLines({ begins, reads, changes, after }: ReplayedStretch, number: number, view: ProcedureView): string[] {
  const { style, full } = view
  const told = full ? changes : changes.filter((c) => !isCounter(c.cell))
  const shown = full ? told : told.slice(0, MOST_CHANGES)
  const others = told.length - shown.length
  return [
    `${number}. ${style.faint('SMM:')} ${style.strong(pointText(begins))}`,
    ...reads.map((read) => {
      const meaning = view.explain(read)
      return `     reads ${hex(read.word * 8n)}: ${hex(read.value)}${meaning === undefined ? '' : `  ${style.notable(meaning)}`}`
    }),
    ...shown.map(({ cell, from, to }) => `     ${changeText(cell, from, to)}`),
    ...(others === 0 ? [] : [style.faint(`     and ${plural(others, 'other change')} (--full shows all)`)]),
    ...watchLines(after, view),
  ]
}

const changeText = ({ name }: Cell, from: Value, to: Value): string => {
  if (!(from instanceof ArrayValue) || !(to instanceof ArrayValue)) return `${name} ${text(from)} -> ${text(to)}`
  const indices = [...new Set([...from.entries.keys(), ...to.entries.keys()])].filter((i) => from.get(i) !== to.get(i))
  return indices.map((i) => `${name}[${hex(i)}] ${text(from.get(i))} -> ${text(to.get(i))}`).join(', ')
}

const watchLines = (state: ReadonlyMap<Cell, Value>, { watches, style }: ProcedureView): string[] =>
  watches.map(({ cell, index }) => {
    const value = cellValue(state, cell)
    const at = index === undefined ? '' : `[${index}]`
    return style.notable(`     ${cell.name}${at} = ${text(index === undefined ? value : (value as ArrayValue).get(index))}`)
  })

/** Everything that is not 0 or false. */
function stateLines(state: ReadonlyMap<Cell, Value>, at: number, view: ProcedureView): string[] {
  if (view.watches.length > 0) return [`after step ${at}:`, ...watchLines(state, view)]
  const shown = [...state].filter(
    ([, v]) => text(v) !== '0' && text(v) !== 'false' && text(v) !== 'elsewhere 0' && text(v) !== 'elsewhere false',
  )
  return [
    at === 0 ? 'at the beginning, what is not 0:' : `after step ${at}, what is not 0:`,
    ...shown.map(([cell, value]) => `     ${cell.name} = ${text(value)}`),
  ]
}

const hex = (n: bigint): string => (n === 0n ? '0' : `0x${n.toString(16)}`)
function text(value: Value): string {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return hex(value)
  if (!(value instanceof ArrayValue)) return ''
  const entries = [...value.entries].filter(([, v]) => v !== value.otherwise).map(([i, v]) => `[${hex(i)}] ${text(v)}`)
  return [...entries, `elsewhere ${text(value.otherwise)}`].join(', ')
}

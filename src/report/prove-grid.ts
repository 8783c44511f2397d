// Covers: the obligations of a claim about a system as a grid: a line per action, a column per conjunct, how the one keeps the
// other.
import { match } from 'ts-pattern'
import type { ObligationRecord } from '../prover/record.ts'
import { plural } from './numbers.ts'
import type { Style } from './style.ts'

const LEGEND = '. by simplification   + by the solver   ! not inductive   X refuted   ? unknown   ~ vacuous   # disagreement'

/** Lines, not yet indented; none for a claim about something else. */
export function gridLines(obligations: readonly ObligationRecord[], style: Style): string[] {
  const columns = new Map<string, number>()
  const rows = new Map<string, Map<number, string>>()
  for (const record of obligations) {
    const place = placeOf(record)
    if (place === undefined) continue
    const column = columns.get(place.column) ?? columns.size
    columns.set(place.column, column)
    const row = rows.get(place.row) ?? new Map<number, string>()
    rows.set(place.row, row.set(column, markOf(record)))
  }
  if (rows.size === 0) return []
  const isEasy = (marks: ReadonlyMap<number, string>) => [...marks.values()].every((mark) => mark === '.')
  const easy = [...rows].filter(([, marks]) => isEasy(marks)).map(([name]) => name)
  const shown = [...rows].filter(([, marks]) => !isEasy(marks))
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  const numbers = [...columns.values()]
  const heading = numbers.map((n) => String(n + 1).padStart(2)).join(' ')
  const lines = shown.map(([name, marks]) => {
    const cells = numbers.map((n) => painted(marks.get(n) ?? ' ', style))
    return `${name.padEnd(width)}  ${cells.join(' ')}`
  })
  return [
    ...[...columns].map(([name, n]) => `${String(n + 1).padStart(2)} ${name}`),
    ...(shown.length === 0 ? [] : [style.faint(`${' '.repeat(width)}  ${heading}`), ...lines]),
    ...(easy.length === 0 ? [] : [style.faint(`${plural(easy.length, 'action')} by simplification alone: ${easy.join(', ')}`)]),
    style.faint(LEGEND),
  ]
}

function placeOf({ origin }: ObligationRecord): { row: string; column: string } | undefined {
  return match(origin)
    .with({ kind: 'action' }, ({ action, conjunct }) => ({ row: action, column: conjunct }))
    .with({ kind: 'initial' }, ({ conjunct }) => ({ row: '(initially)', column: conjunct }))
    .with({ kind: 'property' }, ({ property }) => ({ row: '(implied)', column: property }))
    .with({ kind: 'scenario' }, ({ breaks }) => ({ row: '(runs of the scenario)', column: breaks }))
    .with({ kind: 'validity' }, { kind: 'procedure' }, () => undefined)
    .exhaustive()
}

const markOf = ({ verdict, by }: ObligationRecord): string =>
  match(verdict)
    .with('proved', () => (by === 'simplification' ? '.' : '+'))
    .with('not-inductive', () => '!')
    .with('refuted', () => 'X')
    .with('unknown', () => '?')
    .with('vacuous', () => '~')
    .with('disagreement', () => '#')
    .exhaustive()

const painted = (mark: string, style: Style): string => (' .+'.includes(mark) ? ` ${mark}` : ` ${style.bad(mark)}`)
